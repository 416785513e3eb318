//! Reaching the database itself, for the verbs that run beside it.

use std::path::Path;

use anyhow::{Context, anyhow};
use clap::Args;
use secrecy::SecretString;

use crate::authority::Authorities;
use crate::ids::TenantId;
use crate::paging::PageTokens;
use crate::postgres::Database;

/// Options of the verbs that talk to Postgres, with the service's own credentials.
#[derive(Debug, Clone, Args)]
pub struct DatabaseOptions {
    /// The tenant
    #[arg(
        long,
        env = "LARGESSE_TENANT",
        value_name = "NAME",
        default_value = "demo"
    )]
    pub(super) tenant: String,

    /// Postgres, as the role largesse_app [default: what the service left in the data folder]
    #[arg(
        long,
        env = "LARGESSE_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<SecretString>,
}

impl DatabaseOptions {
    /// Opens the database, and finds the tenant.
    pub(super) async fn open(&self, data_folder: &Path) -> anyhow::Result<(Database, TenantId)> {
        let url = match self.database_url.clone() {
            Some(url) => url,
            None => url_in(data_folder)?,
        };
        let database = crate::server::open(&url).await?;
        let authorities = Authorities::new(database.clone(), PageTokens::new(b""));
        let tenant = authorities.tenant_named(&self.tenant).await?;
        let tenant =
            tenant.ok_or_else(|| anyhow!("this database has no tenant {}", self.tenant))?;
        Ok((database, tenant))
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
