//! `largesse bench`: measures the service beside what people would otherwise write.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::failure::{Exit, Failure};
use super::output::{Looks, print};
use super::serve::runtime;
use crate::bench::alternative::Alternative;
use crate::bench::home::Home;
use crate::bench::load::{Load, Pace};
use crate::bench::run::{Plan, run};
use crate::bench::schedule::Window;
use crate::bench::template::Templates;
use crate::bench::workload::{People, Workload};

/// Options of `bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchVerb {
    /// For how long each run is measured
    #[arg(long, value_name = "N", default_value_t = 10)]
    seconds: u64,
}

impl BenchVerb {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        runtime()?.block_on(self.bench())?;
        Ok(Exit::Done.into())
    }

    async fn bench(self) -> anyhow::Result<()> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let home = Home::open(None, program).await?;
        let mut templates = Templates::default();
        let shape = Workload::Spread.shape(People::ORDINARY, 3);
        let template = templates.of(&home, &shape).await?;
        let plan = Plan {
            alternative: Alternative::Lanes,
            servers: 1,
            load: Load {
                workload: Workload::Spread,
                shape,
                seed: 1,
                pace: Pace::InFlight(256),
                connections: 8,
                window: Window {
                    warm_up: Duration::from_secs(2),
                    measured: Duration::from_secs(self.seconds),
                },
                slices: 10,
            },
        };
        let seen = run(&home, &template, &plan, "run").await?;
        print(&Looks::of_stdout().table(
            &["workload", "per second", "p50 ms", "p99 ms"],
            [vec![
                "spread".into(),
                format!("{:.0}", seen.per_second),
                format!("{:.1}", seen.latency.p50_ms),
                format!("{:.1}", seen.latency.p99_ms),
            ]],
        ))?;
        eprintln!("{seen:#?}");
        home.close().await
    }
}
