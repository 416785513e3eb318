//! Several runs of several plans, interleaved, and the medians of what was seen.

use anyhow::Result;
use serde::Serialize;

use super::alternative::Alternative;
use super::figures::Median;
use super::home::Home;
use super::load::{Load, Pace};
use super::run::{Plan, Seen, run};
use super::schedule::Window;
use super::template::Templates;
use super::workload::{People, Workload};

/// What a whole bench is told.
#[derive(Debug, Clone, Serialize)]
pub struct Matrix {
    /// Each of these …
    pub workloads: Vec<Workload>,
    /// … by each of these …
    pub alternatives: Vec<Alternative>,
    /// … with so many processes …
    pub servers: Vec<u32>,
    /// … and so many counters charged.
    pub limits: Vec<u8>,
    /// How often.
    pub runs: u32,
    /// How requests are sent.
    pub pace: Pace,
    /// HTTP/2 connections.
    pub connections: u32,
    /// Decides every request.
    pub seed: u64,
    /// What is measured of each run.
    #[serde(skip)]
    pub window: Window,
    /// How many people there are.
    pub people: People,
    /// Into how many parts a run is divided.
    pub slices: usize,
}

/// What was seen of one plan.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Of what kind.
    pub workload: Workload,
    /// By whom.
    pub alternative: Alternative,
    /// Processes.
    pub servers: u32,
    /// Counters that each gesture charges.
    pub limits: u8,
    /// Each run.
    pub runs: Vec<Seen>,
}

impl Matrix {
    /// The plans, in the order in which they are shown.
    #[must_use]
    pub fn plans(&self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for workload in &self.workloads {
            for limits in &self.limits {
                for servers in &self.servers {
                    let answering = self
                        .alternatives
                        .iter()
                        .filter(|one| one.answers(*workload));
                    plans
                        .extend(answering.map(|one| self.plan(*workload, *limits, *servers, *one)));
                }
            }
        }
        plans
    }

    /// tonic's echo under the same load, which no workload or server of the database changes.
    #[must_use]
    pub fn of_echo(&self) -> Self {
        Self {
            workloads: vec![Workload::Spread],
            alternatives: vec![Alternative::Echo],
            servers: vec![1],
            limits: vec![3],
            ..self.clone()
        }
    }

    fn plan(&self, workload: Workload, limits: u8, servers: u32, alternative: Alternative) -> Plan {
        Plan {
            alternative,
            servers,
            load: Load {
                workload,
                shape: workload.shape(self.people, limits),
                seed: self.seed,
                pace: self.pace,
                connections: self.connections,
                window: self.window,
                slices: self.slices,
            },
        }
    }

    /// Runs all of them, one after the other and then all again, so that a machine that grows slower does so for all.
    ///
    /// # Errors
    /// Something could not be run at all.
    pub async fn run(
        &self,
        home: &Home,
        templates: &mut Templates,
        say: impl Fn(&str),
    ) -> Result<Vec<Series>> {
        let plans = self.plans();
        let mut series: Vec<Series> = plans.iter().map(Series::of).collect();
        for number in 1..=self.runs.max(1) {
            for (plan, series) in plans.iter().zip(&mut series) {
                let template = templates.of(home, &plan.load.shape).await?;
                let seen = run(home, &template, plan, "run").await?;
                say(&format!(
                    "run {number} of {}: {} {:.0}/s",
                    self.runs,
                    series.title(),
                    seen.per_second
                ));
                series.runs.push(seen);
            }
        }
        Ok(series)
    }
}

impl Series {
    fn of(plan: &Plan) -> Self {
        Self {
            workload: plan.load.workload,
            alternative: plan.alternative,
            servers: plan.servers,
            limits: plan.load.shape.limits,
            runs: Vec::new(),
        }
    }

    /// What it is.
    #[must_use]
    pub fn title(&self) -> String {
        let (workload, alternative) = (self.workload.word(), self.alternative.word());
        format!(
            "{workload} with {} counters by {} {alternative}",
            self.limits, self.servers
        )
    }

    /// A figure over the runs that are sound; none where one is not: its throughput is none.
    #[must_use]
    pub fn median(&self, figure: impl Fn(&Seen) -> f64) -> Option<Median> {
        if !self.runs.iter().all(Seen::is_sound) {
            return None;
        }
        Median::of(self.runs.iter().map(figure))
    }

    /// The same plan but for who answers.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        (self.workload, self.servers, self.limits) == (other.workload, other.servers, other.limits)
    }

    /// Everything that went wrong, in words.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let of_run = |seen: &Seen| {
            let failed = seen
                .failures
                .iter()
                .map(|(why, count)| format!("{count} calls: {why}"));
            failed
                .chain(seen.findings.differences.iter().cloned())
                .collect::<Vec<_>>()
        };
        let all = self.runs.iter().flat_map(of_run);
        all.map(|fault| format!("{}: {fault}", self.title()))
            .collect()
    }
}

/// How many times as fast the first alternative is as each other, in the same bench.
#[must_use]
pub fn ratios(series: &[Series]) -> Vec<(String, f64)> {
    let rate = |one: &Series| {
        one.median(|seen| seen.per_second)
            .map(|median| median.median)
    };
    let mut ratios = Vec::new();
    for ours in series
        .iter()
        .filter(|one| one.alternative == Alternative::Lanes)
    {
        for theirs in series
            .iter()
            .filter(|one| one.is_beside(ours) && one.alternative != ours.alternative)
        {
            if let (Some(ours_rate), Some(their_rate)) = (rate(ours), rate(theirs))
                && their_rate > 0.0
            {
                let title = format!(
                    "{}, {} counters, {} servers: lanes to {}",
                    ours.workload.word(),
                    ours.limits,
                    ours.servers,
                    theirs.alternative.word()
                );
                ratios.push((title, ours_rate / their_rate));
            }
        }
    }
    ratios
}
