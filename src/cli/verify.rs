//! `largesse verify`: reads a tenant's trail, gestures and counters and computes everything again.
//!
//! Talks to Postgres itself, with the service's own credentials: what it says does not depend on a service that runs.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use secrecy::SecretString;

use super::failure::{Exit, Failure};
use super::output::print;
use super::serve::runtime;
use crate::authority::Authorities;
use crate::paging::PageTokens;
use crate::trail::{Report, verify};

/// Options of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyVerb {
    /// The tenant whose trail, seals and counters are computed again
    #[arg(
        long,
        env = "LARGESSE_TENANT",
        value_name = "NAME",
        default_value = "demo"
    )]
    tenant: String,

    /// Postgres, as the role largesse_app [default: what the service left in the data folder]
    #[arg(
        long,
        env = "LARGESSE_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<SecretString>,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl VerifyVerb {
    pub(super) fn run(self, data_folder: &Path) -> Result<ExitCode, Failure> {
        let url = match self.database_url.clone() {
            Some(url) => url,
            None => url_in(data_folder)?,
        };
        let report = runtime()?.block_on(self.report(&url))?;
        if self.json {
            print(&format!("{:#}", in_json(&report)))?;
        } else {
            print(&in_words(&self.tenant, &report))?;
        }
        Ok(if report.difference.is_none() {
            Exit::Done
        } else {
            Exit::Unanswered
        }
        .into())
    }

    async fn report(&self, url: &SecretString) -> anyhow::Result<Report> {
        let database = crate::server::open(url).await?;
        let authorities = Authorities::new(database.clone(), PageTokens::new(b""));
        let tenant = authorities.tenant_named(&self.tenant).await?;
        let tenant =
            tenant.ok_or_else(|| anyhow!("this database has no tenant {}", self.tenant))?;
        Ok(verify(&database, tenant).await?)
    }
}

fn url_in(data_folder: &Path) -> anyhow::Result<SecretString> {
    let file = data_folder.join("database.url");
    let url = std::fs::read_to_string(&file).with_context(|| {
        format!(
            "{} is not there: name the database with --database-url, or the folder with --data-dir",
            file.display()
        )
    })?;
    Ok(url.into())
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
