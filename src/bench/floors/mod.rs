//! Floors: what Postgres and tonic need by themselves, on this machine. Nothing that is built on them is faster.
//!
//! - the rows of a decision, inserted in bulk without any check, on one connection and on two;
//! - commits of one tiny row, one client and 32;
//! - tonic's echo of a request is an [`super::alternative::Alternative`]: it is measured by the same load.

mod store;

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::home::Home;
use super::machine;

/// Rows of one bulk statement, as many as a full lane sends.
const ROWS_PER_BATCH: u32 = 256;

/// A floor that was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Floor {
    /// What was done.
    pub what: &'static str,
    /// On how many connections.
    pub connections: u32,
    /// Decisions' worth of rows, or commits, a second.
    pub per_second: f64,
    /// Processor time of Postgres for each, in microseconds; none where it runs elsewhere.
    pub postgres_us: Option<f64>,
}

/// What is repeated.
#[derive(Debug, Clone, Copy)]
enum Work {
    Bulk,
    Commit,
}

/// Measures all floors of Postgres, each in a fresh copy of a template.
///
/// # Errors
/// Those of Postgres.
pub async fn measure(home: &Home, template: &str, measured: Duration) -> Result<Vec<Floor>> {
    let mut floors = Vec::new();
    for (what, work, connections) in [
        (
            "insert the rows of a decision in bulk, unchecked",
            Work::Bulk,
            1,
        ),
        (
            "insert the rows of a decision in bulk, unchecked",
            Work::Bulk,
            2,
        ),
        ("commit one tiny row", Work::Commit, 1),
        ("commit one tiny row", Work::Commit, 32),
    ] {
        let database = home.database("floor");
        home.databases.copy(template, &database).await?;
        store::prepare(&mut home.databases.owner_of(&database).await?).await?;
        let (done, postgres) = repeat(home, &database, work, connections, measured).await?;
        let count = (done as f64).max(1.0);
        floors.push(Floor {
            what,
            connections,
            per_second: done as f64 / measured.as_secs_f64(),
            postgres_us: postgres.map(|used| used.as_secs_f64() * 1e6 / count),
        });
        home.databases.drop(&database).await?;
    }
    Ok(floors)
}

/// How often it was done in this time, and what Postgres used for it.
async fn repeat(
    home: &Home,
    database: &str,
    work: Work,
    connections: u32,
    measured: Duration,
) -> Result<(u64, Option<Duration>)> {
    let mut tasks = JoinSet::new();
    let mut dialled = Vec::new();
    for _ in 0..connections {
        dialled.push(home.databases.owner_of(database).await?);
    }
    let postmaster = home.postmaster().await;
    let before = postmaster.map(machine::cpu_of_family);
    let until = Instant::now() + measured;
    for mut connection in dialled {
        tasks.spawn(async move {
            let mut done = 0;
            while Instant::now() < until {
                done += match work {
                    Work::Bulk => store::insert(&mut connection, ROWS_PER_BATCH).await?,
                    Work::Commit => store::commit(&mut connection).await?,
                };
            }
            Ok::<u64, anyhow::Error>(done)
        });
    }
    let mut done = 0;
    while let Some(task) = tasks.join_next().await {
        done += task??;
    }
    let after = postmaster.map(machine::cpu_of_family);
    Ok((
        done,
        after
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before)),
    ))
}
