//! `largesse verify`: reads a tenant's trail, gestures and counters and computes everything again.
//!
//! Talks to Postgres itself, with the service's own credentials: what it says does not depend on a service that runs.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::database::DatabaseOptions;
use super::failure::{Exit, Failure};
use super::output::print;
use super::serve::runtime;
use crate::trail::{Report, verify};

/// Options of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyVerb {
    #[command(flatten)]
    database: DatabaseOptions,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl VerifyVerb {
    pub(super) fn run(self, data_folder: &Path) -> Result<ExitCode, Failure> {
        let report = runtime()?.block_on(self.report(data_folder))?;
        if self.json {
            print(&format!("{:#}", in_json(&report)))?;
        } else {
            print(&in_words(&self.database.tenant, &report))?;
        }
        Ok(if report.difference.is_none() {
            Exit::Done
        } else {
            Exit::Unanswered
        }
        .into())
    }

    async fn report(&self, data_folder: &Path) -> anyhow::Result<Report> {
        let (database, tenant) = self.database.open(data_folder).await?;
        Ok(verify(&database, tenant).await?)
    }
}

fn in_words(tenant: &str, report: &Report) -> String {
    let counts = format!(
        "{} batches, {} events, {} gestures, {} counters",
        report.batches, report.events, report.gestures, report.counters
    );
    match &report.difference {
        None => format!("{tenant}: everything is as it was written ({counts})."),
        Some(difference) => {
            format!("{tenant}: DIFFERENT. {difference}. (Seen until then: {counts}.)")
        }
    }
}

fn in_json(report: &Report) -> serde_json::Value {
    serde_json::json!({
        "batches": report.batches,
        "events": report.events,
        "gestures": report.gestures,
        "counters": report.counters,
        "difference": report.difference.as_ref().map(|found| serde_json::json!({
            "place": found.place,
            "what": found.what,
        })),
    })
}
