//! How long the queues are, and whether what must always hold does: asked of Postgres every 15 seconds, told as gauges.
//!
//! Replicas do not ask for the queues at once: who finds another one asking tells nothing of them this time. Those who ask one
//! after the other tell the same of the same database, so that whoever adds replicas up takes the maximum of them.

mod store;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use chrono::{TimeDelta, Utc};
use opentelemetry::KeyValue;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::ids::TenantId;
use crate::postgres::Database;
use crate::problem::Problem;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names::{self, Instrument};
use crate::timers::kind_of;
use store::Signal;

/// How often Postgres is asked.
const EVERY: Duration = Duration::from_secs(15);
/// How far back gestures are looked at again.
const LOOKED_AT: TimeDelta = TimeDelta::days(1);
/// The numbers of the invariants, as labels.
const CHECKS: [&str; 4] = ["1", "2", "3", "4"];

/// What was last seen.
#[derive(Debug, Default)]
struct Seen {
    queues: Vec<Signal>,
    violations: HashMap<TenantId, [i64; 4]>,
    /// When some tenant was last looked at for them; none: none was.
    looked_at: Option<Instant>,
}

/// Asks again and again.
#[derive(Debug)]
pub struct Signals {
    database: Database,
    seen: Arc<Mutex<Seen>>,
}

impl Signals {
    /// Of this database.
    pub fn new(database: Database) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        observe(&seen);
        Self { database, seen }
    }

    /// Goes on until told to stop. Where Postgres does not answer nothing is told, rather than what was true once.
    ///
    /// # Errors
    /// None: it ends when it is told to.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) -> Result<()> {
        let mut tenant = None;
        loop {
            let queues = self.database.in_time(store::signals(&self.database)).await;
            if let Err(problem) = &queues {
                tracing::warn!(%problem, "how long the queues are could not be read");
            }
            self.seen().queues = queues.unwrap_or_default();
            if let Err(problem) = self.database.in_time(self.look(&mut tenant)).await {
                tracing::warn!(%problem, "whether the promises hold could not be looked at");
            }
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Looks at the next tenant. Each replica looks for itself: nobody can keep all of them from it.
    async fn look(&self, last: &mut Option<TenantId>) -> Result<(), Problem> {
        let Some(tenant) = store::next_tenant(&self.database, *last).await? else {
            self.seen().looked_at = Some(Instant::now());
            return Ok(());
        };
        *last = Some(tenant);
        let since = Utc::now() - LOOKED_AT;
        let mut found = [0; 4];
        for (number, count) in store::violations(&self.database, tenant, since).await? {
            let place = usize::try_from(number - 1).unwrap_or(usize::MAX);
            if let Some(place) = found.get_mut(place) {
                *place = count;
            }
        }
        if found != [0; 4] {
            tracing::error!(tenant.id = %tenant, ?found, "what must always hold does not");
        }
        let mut seen = self.seen();
        seen.violations.insert(tenant, found);
        seen.looked_at = Some(Instant::now());
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells what was seen to whoever asks.
fn observe(seen: &Arc<Mutex<Seen>>) {
    let queue = |it: Instrument, kind: &'static str, value: fn(&Signal) -> f64| {
        let seen = Arc::downgrade(seen);
        metrics().observe(it, move |tell| {
            let Some(seen) = seen.upgrade() else { return };
            let mut by_label: HashMap<&'static str, f64> = HashMap::new();
            for signal in lock(&seen).queues.iter().filter(|one| one.kind == kind) {
                let told = by_label.entry(label(signal)).or_default();
                // Of the oldest the oldest; of channels beyond the tenth the sum.
                *told = if it.unit == "s" {
                    told.max(value(signal))
                } else {
                    *told + value(signal)
                };
            }
            for (label, value) in by_label {
                match it.labels {
                    [key] => tell(value, &[KeyValue::new(*key, label)]),
                    _ => tell(value, &[]),
                }
            }
        });
    };
    let count: fn(&Signal) -> f64 = |signal| signal.count as f64;
    let age: fn(&Signal) -> f64 = |signal| signal.oldest_s.unwrap_or(0.0).max(0.0);
    queue(names::APPROVALS_OPEN, "approvals", count);
    queue(names::APPROVALS_AGE, "approvals", age);
    queue(names::TIMERS_OVERDUE, "timers", count);
    queue(names::TIMERS_AGE, "timers", age);
    queue(names::TASKS_WAITING, "tasks", count);
    queue(names::TASKS_AGE, "tasks", age);
    queue(names::GESTURES_OPEN, "gestures", count);
    queue(names::GESTURES_AGE, "gestures", age);
    queue(names::CONSUMER_LAG, "consumers", count);
    queue(names::PROMISES_AT_RISK, "promises", count);
    let seen = Arc::downgrade(seen);
    let also_seen = seen.clone();
    metrics().observe(names::LOOK_AGE, move |tell| {
        let Some(seen) = also_seen.upgrade() else {
            return;
        };
        let looked_at = lock(&seen).looked_at;
        if let Some(at) = looked_at {
            tell(at.elapsed().as_secs_f64(), &[]);
        }
    });
    metrics().observe(names::VIOLATIONS, move |tell| {
        let Some(seen) = seen.upgrade() else { return };
        let seen = lock(&seen);
        // 0 would say that somebody has looked.
        if seen.looked_at.is_none() {
            return;
        }
        for (place, check) in CHECKS.iter().enumerate() {
            let count: i64 = seen.violations.values().map(|found| found[place]).sum();
            tell(count as f64, &[KeyValue::new(names::CHECK, *check)]);
        }
    });
}

fn label(signal: &Signal) -> &'static str {
    match signal.kind.as_str() {
        "timers" => kind_of(&signal.label),
        "tasks" => metrics().channel(&signal.label),
        "gestures" => names::state(&signal.label),
        _ => "",
    }
}
