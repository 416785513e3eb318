//! `largesse bench`: measures the service beside what people would otherwise write. What is done is in [`crate::bench`]; here is
//! what it is told, and how it is shown (`report`).

mod report;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};

use super::failure::{Exit, Failure};
use super::output::{print, say};
use super::serve::runtime;
use super::times;
use crate::bench::alternative::Alternative;
use crate::bench::home::{Given, Home};
use crate::bench::load::Pace;
use crate::bench::schedule::Window;
use crate::bench::series::Matrix;
use crate::bench::template::Templates;
use crate::bench::workload::{People, Workload};
use crate::bench::{floors, reads, serve};

const EXAMPLES: &str = "\
Examples:
  largesse bench --quick                              a minute: does all of it work, and which way do the ratios point?
  largesse bench                                      spread and hot, every alternative, 3 runs of 10 s
  largesse bench --workload mixed --limits 1,3,5 --servers 1,2 --alternative lanes,function
  largesse bench --rate 200                           open loop: latency from when each request was due
  largesse bench --workload hot --alternative lanes --runs 1 --measure 3600s --slices 12
  largesse bench reads --gestures 1000000 --plans     what reading costs where there is much

The database, the servers and the folder are removed again, also after Ctrl-C. Exit code 1: something did not hold.
benches/README.md explains the figures.";

/// Options of `bench`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct BenchVerb {
    #[command(subcommand)]
    verb: Option<Sub>,
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    load: LoadOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum Sub {
    /// Measure reading, over gRPC, with more and more gestures
    Reads(ReadsOptions),
    /// Serve what the service is compared with
    #[command(hide = true)]
    Serve(ServeOptions),
}

/// Where it is measured, and where figures go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Place")]
struct PlaceOptions {
    /// Postgres to make databases in, as an administrator who may act as largesse_owner [default: one of the bench's own]
    #[arg(long, value_name = "URL", requires = "app_url")]
    owner_url: Option<String>,

    /// The same Postgres, as the role largesse_app
    #[arg(long, value_name = "URL", requires = "owner_url")]
    app_url: Option<String>,

    /// Write everything to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is measured.
#[derive(Debug, Clone, Args)]
struct LoadOptions {
    /// A minute's look: few people, spread and hot, short runs
    #[arg(long)]
    quick: bool,

    /// What is asked, with commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values = ["spread", "hot"])]
    workload: Vec<Workload>,

    /// Who answers, with commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values = ["lanes", "function", "transaction"])]
    alternative: Vec<Alternative>,

    /// Server processes, with commas
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1", value_parser = clap::value_parser!(u32).range(1..=16))]
    servers: Vec<u32>,

    /// Counters that each gesture charges: 1, 3 or 5, with commas
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "3", value_parser = ["1", "3", "5"])]
    limits: Vec<String>,

    /// Requests in flight (closed loop)
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    in_flight: u32,

    /// Requests a second (open loop); latency counts from when each was due
    #[arg(long, value_name = "N", conflicts_with = "in_flight", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,

    /// HTTP/2 connections
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,

    /// What is measured of each run
    #[arg(long, visible_alias = "seconds", value_name = "TIME", default_value = "10s", value_parser = seconds)]
    measure: Duration,

    /// What is thrown away before
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = seconds)]
    warm_up: Duration,

    /// How often each is run; medians are shown
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,

    /// Show throughput by so many slices of a run, and the tables' sizes at its end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    slices: Option<u16>,

    /// Decides what each request is
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Leave out what Postgres and tonic need by themselves
    #[arg(long)]
    no_floors: bool,
}

/// Options of `bench reads`.
#[derive(Debug, Clone, Args)]
struct ReadsOptions {
    /// Gestures at the last step, from ten thousand on
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    gestures: u64,

    /// Print how Postgres ran the service's statements at the last step (EXPLAIN ANALYZE, BUFFERS)
    #[arg(long)]
    plans: bool,

    #[command(flatten)]
    place: PlaceOptions,
}

#[derive(Debug, Clone, Args)]
struct ServeOptions {
    /// What is served
    #[arg(long = "as", value_name = "NAME")]
    kind: Kind,
    /// Address for gRPC
    #[arg(long, env = "LARGESSE_LISTEN", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Postgres, as the role largesse_app
    #[arg(
        long,
        env = "LARGESSE_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<SecretString>,
    /// Postgres, as the owner of the tables
    #[arg(
        long,
        env = "LARGESSE_OWNER_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    owner_database_url: Option<SecretString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Transaction,
    Echo,
}

/// A time as other verbs take it, or a number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => times::duration(text),
    }
}

impl BenchVerb {
    pub(super) fn run(self, data_folder: &Path) -> Result<ExitCode, Failure> {
        let exit = match self.verb {
            Some(Sub::Serve(options)) => runtime()?
                .block_on(options.serve(data_folder))
                .map(|()| Exit::Done),
            Some(Sub::Reads(options)) => runtime()?.block_on(options.run()),
            None => runtime()?.block_on(self.load.run(&self.place)),
        }?;
        Ok(exit.into())
    }
}

impl PlaceOptions {
    async fn open(&self) -> Result<Home> {
        let given = self.owner_url.clone().zip(self.app_url.clone());
        let given = given.map(|(owner_url, app_url)| Given { owner_url, app_url });
        say("making a database …");
        let program = std::env::current_exe().context("this program cannot be found")?;
        Home::open(given, program).await
    }

    fn keep(&self, report: &serde_json::Value) -> Result<()> {
        let Some(file) = &self.json else {
            return Ok(());
        };
        std::fs::write(file, format!("{report:#}\n"))
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

/// Does it unless a signal comes; then what it started ends with it.
async fn unless_told<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => anyhow::bail!("interrupted: there is nothing to show"),
        _ = terminate.recv() => anyhow::bail!("terminated: there is nothing to show"),
    }
}

impl LoadOptions {
    async fn run(self, place: &PlaceOptions) -> Result<Exit> {
        let home = place.open().await?;
        let done = unless_told(self.measure(&home)).await;
        let closed = home.close().await;
        let report = done?;
        closed?;
        print(&report.in_words())?;
        place.keep(&serde_json::to_value(&report)?)?;
        let faults = report.faults();
        for fault in &faults {
            say(&format!("DOES NOT HOLD: {fault}"));
        }
        Ok(if faults.is_empty() {
            Exit::Done
        } else {
            Exit::Unanswered
        })
    }

    async fn measure(&self, home: &Home) -> Result<report::Report> {
        let matrix = self.matrix()?;
        let started_at = chrono::Utc::now();
        let mut templates = Templates::default();
        let series = matrix.run(home, &mut templates, say).await?;
        let mut found = report::Report::new(home, matrix, series, started_at).await?;
        if !self.no_floors {
            say("floors …");
            let shape = Workload::Spread.shape(found.matrix.people, 3);
            let template = templates.of(home, &shape).await?;
            found.floors = floors::measure(
                home,
                &template,
                found.matrix.window.measured.min(Duration::from_secs(10)),
            )
            .await?;
            found.echo = found
                .matrix
                .of_echo()
                .run(home, &mut templates, say)
                .await?;
        }
        found.shows_slices = self.slices.is_some();
        found.ended_at = chrono::Utc::now();
        Ok(found)
    }

    fn matrix(&self) -> Result<Matrix> {
        let limits = self
            .limits
            .iter()
            .map(|number| Ok(number.parse()?))
            .collect::<Result<Vec<u8>>>()?;
        let mut matrix = Matrix {
            workloads: self.workload.clone(),
            alternatives: self.alternative.clone(),
            servers: self.servers.clone(),
            limits,
            runs: self.runs,
            pace: self
                .rate
                .map_or(Pace::InFlight(self.in_flight), Pace::PerSecond),
            connections: self.connections,
            seed: self.seed,
            window: Window {
                warm_up: self.warm_up,
                measured: self.measure,
            },
            people: People::ORDINARY,
            slices: usize::from(self.slices.unwrap_or(10)),
        };
        if self.quick {
            matrix.runs = 1;
            matrix.people = People::FEW;
            matrix.window = Window {
                warm_up: Duration::from_secs(1),
                measured: Duration::from_secs(2),
            };
        }
        Ok(matrix)
    }
}

impl ReadsOptions {
    async fn run(self) -> Result<Exit> {
        let home = self.place.open().await?;
        let done = unless_told(self.measure(&home)).await;
        let closed = home.close().await;
        let readings = done?;
        closed?;
        print(&report::readings_in_words(&readings))?;
        self.place.keep(&serde_json::to_value(&readings)?)?;
        Ok(Exit::Done)
    }

    async fn measure(&self, home: &Home) -> Result<reads::Readings> {
        let shape = Workload::Spread.shape(People::ORDINARY, 3);
        let template = Templates::default().of(home, &shape).await?;
        reads::measure(home, &template, &shape, self.gestures, self.plans, say).await
    }
}

impl ServeOptions {
    async fn serve(self, data_folder: &Path) -> Result<()> {
        match self.kind {
            Kind::Echo => serve::echo(self.listen).await,
            Kind::Transaction => {
                let needed = "the URLs of both roles are needed";
                serve::transaction(serve::Place {
                    listen: self.listen,
                    data_folder: data_folder.to_owned(),
                    database_url: self.database_url.context(needed)?,
                    owner_url: self
                        .owner_database_url
                        .context(needed)?
                        .expose_secret()
                        .into(),
                })
                .await
            }
        }
    }
}
