//! One Postgres for the run, a database per test from a template.
//!
//! The cluster lives in a temporary folder and syncs nothing to disk. A shell waits on a pipe that this process holds
//! open: however the process ends, the pipe closes, and the shell stops the cluster and removes the folder.
//!
//! `LARGESSE_PLANT=bug.sql cargo test …` runs a file of SQL in every template, to see which tests a bug of the schema turns
//! red: a test that never failed proves nothing.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use largesse::postgres::binaries::Binaries;
use largesse::postgres::migrate::migrate;
use nix::unistd::User;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::clock;

static CLUSTER: LazyLock<Cluster> =
    LazyLock::new(|| Cluster::start("", &[Clock::Real, Clock::Movable]));
static NUMBER: AtomicU32 = AtomicU32::new(0);

struct Cluster {
    folder: PathBuf,
    pg_ctl: PathBuf,
    settings: String,
    // Its standard input is the pipe; closed when this process ends.
    _watchdog: Child,
}

/// Which clock a database runs on.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The machine's.
    Real,
    /// The test's: see `clock.rs`.
    Movable,
}

impl Clock {
    fn template(self) -> &'static str {
        match self {
            Self::Real => "template_real",
            Self::Movable => "template_movable",
        }
    }
}

impl Cluster {
    fn start(suffix: &str, clocks: &[Clock]) -> Self {
        let name = format!("largesse-test-{}{suffix}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let binaries =
            Binaries::find(&folder).expect("PostgreSQL 15 or newer; apt-get install postgresql");
        if let Some(user) = cluster_user() {
            std::os::unix::fs::chown(&folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .unwrap();
        }
        let data = folder.join("cluster");
        let program = |name: &str| as_cluster_user(Command::new(binaries.program(name)));
        let initdb = [
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ];
        run(program("initdb").args(initdb).arg(&data));
        let settings = format!(
            "-k {} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=400 \
             -c deadlock_timeout=200ms",
            folder.display()
        );
        let stop = "cat > /dev/null; \"$0\" -D \"$1/cluster\" -m immediate stop > /dev/null 2>&1; rm -rf \"$1\"";
        let watchdog = as_cluster_user(Command::new("/bin/sh"))
            .args(["-c", stop])
            .arg(binaries.program("pg_ctl"))
            .arg(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cluster = Self {
            folder,
            pg_ctl: binaries.program("pg_ctl"),
            settings,
            _watchdog: watchdog,
        };
        cluster.run();
        cluster.make_templates(clocks.to_vec());
        cluster
    }

    /// Starts Postgres.
    fn run(&self) {
        run(as_cluster_user(Command::new(&self.pg_ctl))
            .arg("-D")
            .arg(self.folder.join("cluster"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(["-w", "-o", &self.settings, "start"]));
    }

    /// Stops Postgres as a crash would: nobody is asked, nothing is written.
    fn crash(&self) {
        run(as_cluster_user(Command::new(&self.pg_ctl))
            .arg("-D")
            .arg(self.folder.join("cluster"))
            .args(["-w", "-m", "immediate", "stop"]));
    }

    /// On a thread and a runtime of its own: the tests' runtimes come and go.
    fn make_templates(&self, clocks: Vec<Clock>) {
        let options = self.superuser();
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {
                    for clock in clocks {
                        let mut connection = PgConnection::connect_with(&options).await.unwrap();
                        let create = format!("create database {}", clock.template());
                        connection.execute(AssertSqlSafe(create)).await.unwrap();
                        let inside = options.clone().database(clock.template());
                        let mut connection = PgConnection::connect_with(&inside).await.unwrap();
                        migrate(&mut connection).await.unwrap();
                        if let Ok(path) = std::env::var("LARGESSE_PLANT") {
                            let planted = std::fs::read_to_string(path).unwrap();
                            connection.execute(AssertSqlSafe(planted)).await.unwrap();
                        }
                        if matches!(clock, Clock::Movable) {
                            clock::install(&mut connection).await;
                        }
                        connection.close().await.unwrap();
                    }
                });
        })
        .join()
        .unwrap();
    }

    fn superuser(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .username("postgres")
            .database("postgres")
    }
}

/// A database that one test has to itself.
pub struct TestDatabase {
    name: String,
    cluster: &'static Cluster,
}

impl TestDatabase {
    /// A fresh copy of the template.
    pub async fn new(clock: Clock) -> Self {
        let cluster = tokio::task::spawn_blocking(|| &*CLUSTER).await.unwrap();
        Self::on(cluster, clock).await
    }

    /// On a cluster that no other test uses.
    pub async fn alone() -> Self {
        let start = || {
            let suffix = format!("-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
            // never dropped: the watchdog of a cluster ends with this process
            &*Box::leak(Box::new(Cluster::start(&suffix, &[Clock::Real])))
        };
        let cluster = tokio::task::spawn_blocking(start).await.unwrap();
        Self::on(cluster, Clock::Real).await
    }

    async fn on(cluster: &'static Cluster, clock: Clock) -> Self {
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect_with(&cluster.superuser())
            .await
            .unwrap();
        let create = format!("create database {name} template {}", clock.template());
        connection.execute(AssertSqlSafe(create)).await.unwrap();
        // A copy does not inherit what was revoked on its template.
        let revoke = format!("revoke temporary, create on database {name} from public");
        connection.execute(AssertSqlSafe(revoke)).await.unwrap();
        connection.close().await.unwrap();
        Self { name, cluster }
    }

    /// Postgres dies. Only on a cluster of its own.
    pub async fn crash(&self) {
        let cluster = self.cluster;
        tokio::task::spawn_blocking(|| cluster.crash())
            .await
            .unwrap();
    }

    /// Postgres comes back.
    pub async fn run(&self) {
        let cluster = self.cluster;
        tokio::task::spawn_blocking(|| cluster.run()).await.unwrap();
    }

    /// How the service connects.
    pub fn app_options(&self) -> PgConnectOptions {
        self.cluster
            .superuser()
            .username("largesse_app")
            .database(&self.name)
    }

    /// How a superuser connects.
    pub fn superuser_options(&self) -> PgConnectOptions {
        self.cluster.superuser().database(&self.name)
    }

    /// The socket at which the cluster is reached.
    pub fn socket(&self) -> PathBuf {
        self.cluster.folder.join(".s.PGSQL.5432")
    }

    /// How the service connects by way of another address.
    pub fn app_options_at(&self, address: SocketAddr) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&address.ip().to_string())
            .port(address.port())
            .ssl_mode(PgSslMode::Disable)
            .username("largesse_app")
            .database(&self.name)
    }

    /// The URL of a database of this cluster, for a process.
    pub fn url(&self, role: &str, database: Option<&str>) -> String {
        let (folder, own) = (CLUSTER.folder.display(), self.name.as_str());
        format!(
            "postgresql://{role}@localhost/{}?host={folder}",
            database.unwrap_or(own)
        )
    }

    /// A connection with the service's credentials.
    pub async fn app(&self) -> PgConnection {
        PgConnection::connect_with(&self.app_options())
            .await
            .unwrap()
    }

    /// A connection as superuser.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&self.superuser_options())
            .await
            .unwrap()
    }
}

fn cluster_user() -> Option<User> {
    nix::unistd::geteuid().is_root().then(|| {
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| User::from_name(name).unwrap())
            .expect("a user for Postgres")
    })
}

fn as_cluster_user(mut command: Command) -> Command {
    command.current_dir("/").env("LC_ALL", "C");
    if let Some(user) = cluster_user() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

fn run(command: &mut Command) {
    let status = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?}");
}
