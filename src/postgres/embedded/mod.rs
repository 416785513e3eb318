//! The private cluster of a first start, so that one command runs everything.
//!
//! It listens on a Unix socket only. Two ways lead in: the operating-system user that started us, as the superuser
//! `largesse_super` (for the schema, then never again), and `largesse_app` with a password made at the first start.
//!
//! - `initdb` refuses root, so a service started by root runs the cluster as an unprivileged user: `postgres` if
//!   there is one, else `nobody`. Where that user cannot reach the data folder the cluster goes to `/var/lib/largesse`.
//! - A lock on the data folder keeps a second instance out; after a `kill -9` of ours the cluster may still run and is
//!   adopted, after a crash of the machine Postgres recovers by itself.

mod folders;

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use self::folders::{
    ClusterUser, app_password, cluster_home, cluster_user, socket_folder, take_folder,
};
use super::binaries::{Binaries, NoBinaries};
use super::migrate::{MigrationProblem, migrate};

pub use folders::write_private;

const SUPERUSER: &str = "largesse_super";
const DATABASE: &str = "largesse";

/// Why the private cluster is not there.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedProblem {
    /// Another instance has the data folder.
    #[error(
        "another largesse is running on the data folder {0}; stop it, or give this one a folder of its own with \
         LARGESSE_DATA_DIR (and other addresses with LARGESSE_LISTEN and LARGESSE_ADMIN_LISTEN)"
    )]
    FolderTaken(PathBuf),
    /// The folder cannot be used.
    #[error("the data folder {folder} cannot be used")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There are no programs to run.
    #[error(transparent)]
    Binaries(#[from] NoBinaries),
    /// A program of Postgres failed.
    #[error("{program} failed: {said}")]
    Program {
        /// `initdb` or `pg_ctl`.
        program: &'static str,
        /// The last lines that it printed, or its log's.
        said: String,
    },
    /// We run as root and there is no user to run the cluster as.
    #[error(
        "started by root, and there is no user `postgres` or `nobody` to run Postgres as; start as another user"
    )]
    NoUser,
    /// The cluster runs and does not let us in.
    #[error("the private Postgres does not answer as expected")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationProblem),
}

/// A cluster that runs. Stop it with [`EmbeddedPostgres::stop`]; a dropped one keeps running, and the next start adopts it.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    binaries: Binaries,
    user: Option<ClusterUser>,
    cluster: PathBuf,
    sockets: PathBuf,
    options: PgConnectOptions,
    url: String,
    // Held for as long as the instance lives; the operating system lets go of it, even after kill -9.
    _lock: File,
}

impl EmbeddedPostgres {
    /// Takes the data folder, makes or adopts the cluster in it, and brings the schema up to date.
    ///
    /// # Errors
    /// [`EmbeddedProblem`]; each says what would help.
    pub async fn start(data_folder: &Path) -> Result<Self, EmbeddedProblem> {
        let in_folder = |source| EmbeddedProblem::Folder {
            folder: data_folder.into(),
            source,
        };
        fs::create_dir_all(data_folder).map_err(in_folder)?;
        let data_folder = data_folder.canonicalize().map_err(in_folder)?;
        let lock = take_folder(&data_folder)?;
        let binaries = Binaries::find_or_fetch(&data_folder.join("postgres-binaries")).await?;
        let user = cluster_user()?;
        let home = cluster_home(&data_folder, user).map_err(in_folder)?;
        let sockets = socket_folder(&home, user).map_err(in_folder)?;
        let password = app_password(&data_folder).map_err(in_folder)?;
        let options = PgConnectOptions::new_without_pgpass()
            .socket(&sockets)
            .username(super::migrate::APP)
            .password(&password)
            .database(DATABASE);
        let url = format!(
            "postgresql://{}:{password}@localhost/{DATABASE}?host={}",
            super::migrate::APP,
            sockets.display()
        );
        let server = Self {
            binaries,
            user,
            cluster: home.join("cluster"),
            sockets,
            options,
            url,
            _lock: lock,
        };
        if !server.cluster.join("PG_VERSION").exists() {
            server.make_cluster().map_err(in_folder)??;
        }
        if !server.is_running().map_err(in_folder)? {
            server.run_cluster(&home.join("postgres.log"))?;
        }
        server.prepare_database(&password).await?;
        Ok(server)
    }

    /// How the service connects: as `largesse_app`, over the socket.
    pub fn app_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The same as a URL, password included, for further processes on the same database.
    pub fn app_url(&self) -> &str {
        &self.url
    }

    /// How the user who started us becomes the superuser: for the benchmark, which makes databases of its own. The
    /// service never does.
    pub fn superuser_url(&self) -> String {
        let sockets = self.sockets.display();
        format!("postgresql://{SUPERUSER}@localhost/{DATABASE}?host={sockets}")
    }

    /// Where the cluster's files are.
    pub fn cluster_folder(&self) -> &Path {
        &self.cluster
    }

    /// Stops the cluster: sessions are ended, everything is flushed.
    ///
    /// # Errors
    /// [`EmbeddedProblem::Program`] with what `pg_ctl` says.
    pub fn stop(&self) -> Result<(), EmbeddedProblem> {
        let answer = self.pg_ctl(&["stop", "-m", "fast", "-w", "-t", "60"]);
        succeeded("pg_ctl", answer, None)
    }

    fn make_cluster(&self) -> io::Result<Result<(), EmbeddedProblem>> {
        tracing::info!(folder = %self.cluster.display(), "making a private Postgres, once");
        let answer = self
            .command("initdb")
            .args([
                "--username",
                SUPERUSER,
                "--encoding",
                "UTF8",
                "--locale",
                "C",
                "--data-checksums",
            ])
            .args([
                "--auth-local",
                "peer",
                "--auth-host",
                "reject",
                "--no-instructions",
                "--pgdata",
            ])
            .arg(&self.cluster)
            .output();
        if let Err(problem) = succeeded("initdb", answer, None) {
            // A half-made cluster would be taken for a whole one at the next start.
            let _ = fs::remove_dir_all(&self.cluster);
            return Ok(Err(problem));
        }
        fs::write(
            self.cluster.join("pg_hba.conf"),
            format!("local all {SUPERUSER} peer map=largesse\nlocal all all scram-sha-256\n"),
        )?;
        let account = nix::unistd::User::from_uid(nix::unistd::geteuid())
            .ok()
            .flatten();
        let account = account.map_or_else(|| "root".to_owned(), |user| user.name);
        fs::write(
            self.cluster.join("pg_ident.conf"),
            format!("largesse {account} {SUPERUSER}\n"),
        )?;
        let mut configuration = File::options()
            .append(true)
            .open(self.cluster.join("postgresql.conf"))?;
        // What people wrote must not reach the server's log: neither statements nor failing rows. Nor a warning for each
        // connection that goes back to the pool with its ROLLBACK.
        write!(
            configuration,
            "\nlisten_addresses = ''\nmax_connections = 200\nlog_min_error_statement = panic\n\
             log_min_messages = error\nlog_error_verbosity = terse\nlog_timezone = 'UTC'\n"
        )?;
        Ok(Ok(()))
    }

    fn is_running(&self) -> io::Result<bool> {
        let is_up = self
            .pg_ctl(&["status"])
            .is_ok_and(|answer| answer.status.success());
        Ok(is_up && !self.bury()?)
    }

    /// A server that was killed and whose parent has not collected it yet (in a container there may be nobody who does) still
    /// has its process id, and Postgres would take it for alive, for ever. Its lock files then get an id that no process can
    /// have. The files themselves stay: by the rest of them Postgres knows whether sessions of the dead server still write.
    fn bury(&self) -> io::Result<bool> {
        let lock = self.cluster.join("postmaster.pid");
        let id = first_line(&fs::read_to_string(&lock)?);
        let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let is_dead = state
            .rsplit_once(')')
            .is_some_and(|(_, after)| after.trim_start().starts_with('Z'));
        if is_dead {
            for lock in [lock, self.sockets.join(".s.PGSQL.5432.lock")] {
                let text = fs::read_to_string(&lock)?;
                if first_line(&text) == id {
                    fs::write(&lock, text.replacen(&id, &i32::MAX.to_string(), 1))?;
                }
            }
        }
        Ok(is_dead)
    }

    fn run_cluster(&self, log: &Path) -> Result<(), EmbeddedProblem> {
        let settings = format!("-k {}", self.sockets.display());
        let log_text = log.display().to_string();
        let answer = self.pg_ctl(&["start", "-w", "-t", "60", "-l", &log_text, "-o", &settings]);
        succeeded("pg_ctl", answer, Some(log))
    }

    /// The only use of the superuser: database, roles, schema, the password of the service. Closed before this returns.
    async fn prepare_database(&self, password: &str) -> Result<(), EmbeddedProblem> {
        let as_superuser = PgConnectOptions::new_without_pgpass()
            .socket(&self.sockets)
            .username(SUPERUSER)
            .log_statements(tracing::log::LevelFilter::Off);
        let mut connection =
            PgConnection::connect_with(&as_superuser.clone().database("postgres")).await?;
        let exists: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(DATABASE)
                .fetch_one(&mut connection)
                .await?;
        if !exists {
            connection
                .execute(AssertSqlSafe(format!("create database {DATABASE}")))
                .await?;
        }
        connection.close().await?;
        let mut connection = PgConnection::connect_with(&as_superuser.database(DATABASE)).await?;
        connection
            .execute("set client_min_messages = warning")
            .await?;
        migrate(&mut connection).await?;
        // Hexadecimal digits of our own making: nothing to escape.
        connection
            .execute(AssertSqlSafe(format!(
                "alter role largesse_app password '{password}'"
            )))
            .await?;
        connection.close().await?;
        Ok(())
    }

    fn pg_ctl(&self, arguments: &[&str]) -> io::Result<Output> {
        let mut command = self.command("pg_ctl");
        command.arg("-D").arg(&self.cluster).args(arguments);
        if arguments.first() == Some(&"start") {
            // The server inherits these; a pipe would never close.
            command
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null());
        }
        command.output()
    }

    /// A program of Postgres, as the cluster's user, in a folder that this user can see.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.program(program));
        command
            .current_dir("/")
            .process_group(0)
            .env_remove("PGDATA")
            .env("LC_ALL", "C");
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn succeeded(
    program: &'static str,
    answer: io::Result<Output>,
    log: Option<&Path>,
) -> Result<(), EmbeddedProblem> {
    let said = match answer {
        Ok(answer) if answer.status.success() => return Ok(()),
        Ok(answer) => match log {
            Some(log) => fs::read_to_string(log).unwrap_or_default(),
            None => String::from_utf8_lossy(&answer.stderr).into_owned(),
        },
        Err(error) => error.to_string(),
    };
    let last: Vec<&str> = said.lines().rev().take(5).collect();
    Err(EmbeddedProblem::Program {
        program,
        said: last.into_iter().rev().collect::<Vec<_>>().join("; "),
    })
}
