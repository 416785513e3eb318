//! Server processes: started, listened to, ended. Whatever becomes of the bench, they end with it.

use std::fs::File;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::alternative::Alternative;
use super::home::Home;

/// The longest that a server may take until it listens, and until it has ended.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(60);

/// A server that listens.
pub struct Server {
    child: Child,
    /// Where it serves gRPC.
    pub address: SocketAddr,
    /// Its process.
    pub id: u32,
    log: std::path::PathBuf,
}

impl Server {
    /// Starts one on a database, and waits until it listens.
    ///
    /// # Errors
    /// It ended, with the last lines that it wrote; or it took longer than a minute.
    pub async fn start(
        home: &Home,
        alternative: Alternative,
        database: &str,
        number: u32,
    ) -> Result<Self> {
        let start = alternative.start();
        let log = home.folder().join(format!("{database}-{number}.log"));
        let mut command = Command::new(&home.program);
        let is_ours = |name: &[u8]| name.starts_with(b"LARGESSE_") || name.starts_with(b"OTEL_");
        let inherited = std::env::vars_os().filter(|(name, _)| is_ours(name.as_encoded_bytes()));
        for (name, _) in inherited {
            command.env_remove(name);
        }
        command
            .args(start.words)
            .envs(start.settings.iter().copied())
            .env("LARGESSE_LISTEN", "127.0.0.1:0")
            .env("LARGESSE_ADMIN_LISTEN", "127.0.0.1:0")
            .env("LARGESSE_DATA_DIR", home.folder())
            .env("LARGESSE_DATABASE_URL", home.databases.app_url(database))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            // Ctrl-C is ours to answer, so that what runs can be stopped in order.
            .process_group(0)
            .kill_on_drop(true);
        if alternative == Alternative::Transaction {
            command.env(
                "LARGESSE_OWNER_DATABASE_URL",
                home.databases.owner_url(database),
            );
        }
        if alternative == Alternative::Told {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &home.collector);
        }
        let mut child = command.spawn().context("no server could be started")?;
        let id = child.id().context("the server has ended already")?;
        let heard = timeout(START_MAX, address(&mut child)).await;
        let Ok(Ok(address)) = heard else {
            bail!(
                "a server ({}) does not start: {}",
                alternative.word(),
                last_lines(&log)
            );
        };
        Ok(Self {
            child,
            address,
            id,
            log,
        })
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// It would not, or said that it had failed.
    pub async fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.id)?), Signal::SIGTERM)?;
        let ended = timeout(STOP_MAX, self.child.wait()).await;
        let status = ended.context("a server does not end")??;
        if !status.success() {
            bail!("a server ended with {status}: {}", last_lines(&self.log));
        }
        Ok(())
    }
}

/// The address in the first line that it prints; the rest is read and thrown away, so that it never waits for us.
async fn address(child: &mut Child) -> Result<SocketAddr> {
    let output = child.stdout.take().context("it has no output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, address)) = line.split_once("gRPC on http://") {
            let address = address.trim().parse()?;
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(address);
        }
    }
    bail!("it says nothing")
}

fn last_lines(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}
