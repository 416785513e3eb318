//! Where a bench lives: a temporary folder with a Postgres and keys in it, or keys alone beside a Postgres that was given.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::store::Databases;
use super::{collector, machine};
use crate::identity::SigningKey;
use crate::postgres::embedded::EmbeddedPostgres;

/// A Postgres that somebody else runs.
#[derive(Debug, Clone)]
pub struct Given {
    /// As a role that may make databases and act as `largesse_owner`.
    pub owner_url: String,
    /// As `largesse_app`.
    pub app_url: String,
}

/// A folder, keys and a Postgres.
pub struct Home {
    folder: TempDir,
    embedded: Option<EmbeddedPostgres>,
    base: String,
    /// The Postgres.
    pub databases: Databases,
    /// The program that is started for servers.
    pub program: PathBuf,
    /// Where a collector takes whatever is told.
    pub collector: String,
}

impl Home {
    /// Makes the folder and the keys, and a Postgres where none is given.
    ///
    /// # Errors
    /// Whatever keeps Postgres from starting, with what would help.
    pub async fn open(given: Option<Given>, program: PathBuf) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("largesse-bench-")
            .tempdir()?;
        // The user who runs Postgres must get through it.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755))?;
        SigningKey::find_or_make(folder.path())?;
        let (embedded, databases, base) = match given {
            Some(given) => {
                let databases = Databases {
                    owner_url: given.owner_url,
                    app_url: given.app_url,
                };
                let base = format!("largesse_bench_{}", std::process::id());
                databases
                    .make(&base)
                    .await
                    .context("no database could be made with the owner's URL")?;
                (None, databases, base)
            }
            None => {
                let embedded = EmbeddedPostgres::start(folder.path()).await?;
                let databases = Databases {
                    owner_url: embedded.superuser_url(),
                    app_url: embedded.app_url().to_owned(),
                };
                (Some(embedded), databases, "largesse".to_owned())
            }
        };
        Ok(Self {
            folder,
            embedded,
            base,
            databases,
            program,
            collector: collector::start().await?,
        })
    }

    /// The folder with the keys.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database with the schema and nothing in it.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The name of a database of this bench.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        format!("{}_{name}", self.base)
    }

    /// Where the bench's own Postgres writes its log.
    #[must_use]
    pub fn postgres_log(&self) -> Option<PathBuf> {
        let cluster = self.embedded.as_ref()?.cluster_folder();
        Some(cluster.parent()?.join("postgres.log"))
    }

    /// The process of Postgres that all its others descend from; none where it runs elsewhere.
    pub async fn postmaster(&self) -> Option<u32> {
        let (_connection, backend) = self.databases.backend().await.ok()?;
        machine::parent_of(u32::try_from(backend).ok()?, "postgres")
    }

    /// Stops the Postgres and removes everything; of a given one, the databases that were made.
    ///
    /// # Errors
    /// Those of Postgres and the file system.
    pub async fn close(self) -> Result<()> {
        match &self.embedded {
            Some(embedded) => embedded.stop()?,
            None => {
                for name in self.databases.named_like(&self.base).await? {
                    self.databases.drop(&name).await?;
                }
            }
        }
        self.folder
            .close()
            .context("the temporary folder could not be removed")
    }
}
