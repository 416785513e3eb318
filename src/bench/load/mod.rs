//! The load: so many in flight (closed loop), or so many a second (open loop), over several connections.

mod flow;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tonic::transport::{Channel, Endpoint};

use super::credentials::Credentials;
use super::schedule::{Schedule, Window};
use super::tally::Tally;
use super::workload::{Shape, Workload};

/// Tallies that calls are counted in, so that they seldom wait for each other.
const TALLIES: usize = 16;
/// The most that an open loop leaves unanswered; whoever is behind so far does not keep up.
const WAITING_MAX: usize = 20_000;

/// How requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// So many callers, each asking again as soon as it is answered.
    InFlight(u32),
    /// So many requests a second, whatever is answered.
    PerSecond(u32),
}

/// What is asked of the servers.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Load {
    /// Of which kind.
    pub workload: Workload,
    /// Who there is.
    #[serde(skip)]
    pub shape: Shape,
    /// Decides every request.
    pub seed: u64,
    /// How.
    pub pace: Pace,
    /// HTTP/2 connections, divided among the servers.
    pub connections: u32,
    /// For how long.
    #[serde(skip)]
    pub window: Window,
    /// Into how many parts the measured time is divided.
    #[serde(skip)]
    pub slices: usize,
}

/// A load that runs.
struct Running {
    load: Load,
    channels: Vec<Channel>,
    credentials: Vec<Credentials>,
    started: Instant,
    next: AtomicU64,
    tallies: Vec<Mutex<Tally>>,
}

impl Load {
    /// Sends it from `started` on, and comes back when the last call is answered.
    ///
    /// # Errors
    /// No connection. What calls are answered with is in the tally.
    pub async fn run(
        self,
        servers: &[SocketAddr],
        credentials: Vec<Credentials>,
        started: Instant,
    ) -> Result<Tally> {
        let tally = || Mutex::new(Tally::new(self.window, self.slices));
        let running = Arc::new(Running {
            channels: connect(servers, self.connections).await?,
            credentials,
            started,
            next: AtomicU64::new(0),
            tallies: (0..TALLIES).map(|_| tally()).collect(),
            load: self,
        });
        sleep_until(started).await;
        match self.pace {
            Pace::InFlight(callers) => closed(&running, callers).await,
            Pace::PerSecond(rate) => open(&running, Schedule::new(rate)).await,
        }
        let mut all = Tally::new(self.window, self.slices);
        for tally in &running.tallies {
            all.add(&tally.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok(all)
    }
}

impl Running {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn channel(&self, n: u64) -> Channel {
        self.channels[n as usize % self.channels.len()].clone()
    }

    fn count(&self, n: u64, count: impl FnOnce(&mut Tally)) {
        let tally = &self.tallies[n as usize % TALLIES];
        count(&mut tally.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Every caller has one request after the other, until the time is over.
async fn closed(running: &Arc<Running>, callers: u32) {
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let running = running.clone();
        tasks.spawn(async move {
            while running.elapsed() < running.load.window.end() {
                flow::run(&running, running.next(), None).await;
            }
        });
    }
    tasks.join_all().await;
}

/// Every request is sent when it is due. (A timer has milliseconds: all that are due by then go together, each with its own
/// instant.)
async fn open(running: &Arc<Running>, schedule: Schedule) {
    let mut tasks = JoinSet::new();
    let end = running.load.window.end();
    let mut n = 0;
    while running.elapsed() < end {
        while n < schedule.due_by(running.elapsed()) {
            if tasks.len() >= WAITING_MAX {
                running.count(n, |tally| {
                    tally.failed(format!(
                        "not sent: {WAITING_MAX} requests wait for their answer"
                    ));
                });
            } else {
                let running = running.clone();
                let due = schedule.due(n);
                tasks.spawn(async move { flow::run(&running, n, Some(due)).await });
            }
            n += 1;
        }
        while tasks.try_join_next().is_some() {}
        sleep_until(running.started + schedule.due(n).min(end)).await;
    }
    tasks.join_all().await;
}

/// Connections, one server after the other.
async fn connect(servers: &[SocketAddr], connections: u32) -> Result<Vec<Channel>> {
    let mut channels = Vec::new();
    for server in servers.iter().cycle().take(connections.max(1) as usize) {
        let endpoint = Endpoint::from_shared(format!("http://{server}"))?.tcp_nodelay(true);
        channels.push(
            endpoint
                .connect()
                .await
                .with_context(|| format!("{server} cannot be reached"))?,
        );
    }
    Ok(channels)
}
