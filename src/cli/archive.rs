//! `largesse archive`: moves aside the events that are too old to be followed.
//!
//! Beside the service, as often as one likes: from a timer of the machine, once a day. Nothing is lost by it. `verify` computes
//! everything again as before, and an old gesture is found with its decision; only whoever follows the trail cannot begin there.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use chrono::Utc;
use clap::Args;

use super::database::DatabaseOptions;
use super::failure::{Exit, Failure};
use super::output::print;
use super::serve::runtime;
use super::times;
use crate::problem::Problem;
use crate::trail::{Archived, archive};

/// Options of `archive`.
#[derive(Debug, Clone, Args)]
pub struct ArchiveVerb {
    /// How old an event must be, as in 400d; at least 30d
    #[arg(long, value_name = "TIME", value_parser = times::duration)]
    older_than: Duration,

    #[command(flatten)]
    database: DatabaseOptions,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl ArchiveVerb {
    pub(super) fn run(self, data_folder: &Path) -> Result<ExitCode, Failure> {
        let archived = runtime()?.block_on(self.archive(data_folder))?;
        let Archived { batch, events } = archived;
        if self.json {
            let json = serde_json::json!({"archived_batch": batch, "archived_events": events});
            print(&format!("{json:#}"))?;
        } else {
            let tenant = &self.database.tenant;
            print(&format!(
                "{tenant}: {events} events were archived; the trail can be followed from batch {} on.",
                batch + 1
            ))?;
        }
        Ok(Exit::Done.into())
    }

    async fn archive(&self, data_folder: &Path) -> Result<Archived, Failure> {
        let before = chrono::Duration::from_std(self.older_than).context("that is too long ago")?;
        let (database, tenant) = self.database.open(data_folder).await?;
        match archive(&database, tenant, Utc::now() - before).await {
            Ok(archived) => Ok(archived),
            Err(Problem::Invalid(_)) => Err(Failure::Usage(
                "--older-than: nothing of the last 30 days is archived".into(),
            )),
            Err(problem) => Err(Failure::Other(problem.into())),
        }
    }
}
