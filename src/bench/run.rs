//! One run: a fresh database, servers, the load, the look at what it left behind.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use super::alternative::Alternative;
use super::check::{Findings, check};
use super::credentials::Credentials;
use super::figures::Percentiles;
use super::home::Home;
use super::load::Load;
use super::machine;
use super::servers::Server;
use super::store::{self, TableSize};
use super::tally::Tally;

/// From the moment when everything is ready until the load begins.
const HEAD_START: Duration = Duration::from_millis(200);

/// What is to be measured once.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Who answers.
    pub alternative: Alternative,
    /// How many processes of it.
    pub servers: u32,
    /// What is asked.
    pub load: Load,
}

/// What was seen in one run.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Answers per second of the measured time.
    pub per_second: f64,
    /// How long they took.
    pub latency: Percentiles,
    /// Processor time of the servers per answer, in microseconds.
    pub server_us: f64,
    /// Processor time of Postgres per answer; none where it runs elsewhere.
    pub postgres_us: Option<f64>,
    /// Processor time of the load generator per answer.
    pub generator_us: f64,
    /// Memory of all servers before the load, in bytes.
    pub rest_bytes: u64,
    /// The most that they had.
    pub peak_bytes: u64,
    /// Answers per second, in slices of the measured time.
    pub slices: Vec<f64>,
    /// All answers, by what was told.
    pub told: std::collections::BTreeMap<super::tally::Told, u64>,
    /// Calls that were told to come back, because too much waits.
    pub turned_away: u64,
    /// Calls that failed, by code and reason.
    pub failures: std::collections::BTreeMap<String, u64>,
    /// What was found afterwards.
    pub findings: Findings,
    /// The tables at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<TableSize>,
}

impl Seen {
    /// Whether its throughput counts: every call was answered or told to come back, and everything holds.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.failures.is_empty() && self.findings.differences.is_empty()
    }
}

/// Processor time used so far.
#[derive(Debug, Clone, Copy)]
struct Used {
    servers: Duration,
    postgres: Option<Duration>,
    generator: Duration,
}

/// Runs a plan on a copy of its template.
///
/// # Errors
/// Something could not be started or asked. Calls that fail are counted, and differences found, in what was [`Seen`].
pub async fn run(home: &Home, template: &str, plan: &Plan, name: &str) -> Result<Seen> {
    let database = home.database(name);
    home.databases.copy(template, &database).await?;
    let (tally, mut seen) = measure(home, &database, plan).await.with_context(|| {
        format!(
            "{} with {} could not be run",
            plan.load.workload.word(),
            plan.alternative.word()
        )
    })?;
    if plan.alternative.has_database() {
        seen.findings = check(home, &database, plan.alternative, &tally).await?;
        let mut owner = home.databases.owner_of(&database).await?;
        seen.sizes = store::sizes(&mut owner).await?;
    }
    home.databases.drop(&database).await?;
    Ok(seen)
}

/// The load, from the first server's start to the last one's end. What it left behind is still there, and nobody has looked at
/// it.
///
/// # Errors
/// Something could not be started.
pub async fn measure(home: &Home, database: &str, plan: &Plan) -> Result<(Tally, Seen)> {
    let mut servers = Vec::new();
    for number in 0..plan.servers.max(1) {
        servers.push(Server::start(home, plan.alternative, database, number).await?);
    }
    let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address).collect();
    let processes: Vec<u32> = servers.iter().map(|server| server.id).collect();
    let credentials = Credentials::of(home, &plan.load.shape)?;
    let postmaster = home.postmaster().await;
    let rest_bytes = processes.iter().map(|id| machine::memory_of(*id).0).sum();

    let started = Instant::now() + HEAD_START;
    let (from, to) = (
        started + plan.load.window.warm_up,
        started + plan.load.window.end(),
    );
    let used = async {
        sleep_until(from).await;
        let before = Used::by(&processes, postmaster);
        sleep_until(to).await;
        (before, Used::by(&processes, postmaster))
    };
    let (tally, (before, after)) =
        tokio::join!(plan.load.run(&addresses, credentials, started), used);
    let tally = tally?;
    let peak_bytes = processes.iter().map(|id| machine::memory_of(*id).1).sum();
    for server in servers {
        server.stop().await?;
    }

    let answers = tally.latencies.count().max(1) as f64;
    let each = |before: Duration, after: Duration| {
        after.saturating_sub(before).as_secs_f64() * 1e6 / answers
    };
    let slice_s = plan.load.window.measured.as_secs_f64() / tally.slices.len().max(1) as f64;
    let seen = Seen {
        per_second: tally.per_second(),
        latency: tally.latencies.summary(),
        server_us: each(before.servers, after.servers),
        postgres_us: before
            .postgres
            .zip(after.postgres)
            .map(|(before, after)| each(before, after)),
        generator_us: each(before.generator, after.generator),
        rest_bytes,
        peak_bytes,
        slices: tally
            .slices
            .iter()
            .map(|count| *count as f64 / slice_s)
            .collect(),
        told: tally.told.clone(),
        turned_away: tally.turned_away,
        failures: tally.failures.clone(),
        findings: Findings::default(),
        sizes: Vec::new(),
    };
    Ok((tally, seen))
}

impl Used {
    fn by(servers: &[u32], postmaster: Option<u32>) -> Self {
        Self {
            servers: machine::cpu_of(servers),
            postgres: postmaster.map(machine::cpu_of_family),
            generator: machine::cpu_of(&[std::process::id()]),
        }
    }
}
