//! What the door to Postgres tells: how long connections were waited for, and how long they were lent, for which statement.

use std::panic::Location;
use std::sync::{Arc, Weak};

use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::Span;
use sqlx::PgPool;
use tokio::time::Instant;

use super::{Failure, Pools};
use crate::telemetry::metrics::metrics;
use crate::telemetry::{names, traces};

/// Which connections.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pool {
    Reads,
    Writes,
}

impl Pool {
    fn label(self) -> [KeyValue; 1] {
        let name = match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
        };
        [KeyValue::new(names::POOL, name)]
    }
}

/// Somebody waits for a connection; who stops waiting is counted out.
pub(super) struct Waiting {
    pool: Pool,
    since: Instant,
}

impl Waiting {
    pub fn begin(pool: Pool) -> Self {
        metrics().pool_pending.add(1, &pool.label());
        Self {
            pool,
            since: Instant::now(),
        }
    }

    pub fn end<T>(self, lent: &Result<T, Failure>) {
        let label = self.pool.label();
        match lent {
            Ok(_) => metrics()
                .pool_wait
                .record(self.since.elapsed().as_secs_f64(), &label),
            Err(Failure::PoolExhausted) => metrics().pool_timeouts.add(1, &label),
            Err(_) => {}
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics().pool_pending.add(-1, &self.pool.label());
    }
}

/// A connection is used for something; told when it is given back.
#[derive(Debug)]
pub(super) struct Use {
    summary: &'static str,
    since: Instant,
    lent: Option<(Pool, Instant)>,
    error: Option<&'static str>,
    span: Option<Span>,
}

impl Use {
    pub fn begin(verb: &str, summary: &'static str) -> Self {
        Self {
            summary,
            since: Instant::now(),
            lent: None,
            error: None,
            span: traces::db_span(verb, summary),
        }
    }

    /// The connection is there.
    pub fn lent(&mut self, pool: Pool) {
        self.lent = Some((pool, Instant::now()));
    }

    /// Remembers the word for what went wrong, never its text.
    pub fn told<T>(&mut self, answer: Result<T, Failure>) -> Result<T, Failure> {
        self.error = answer.as_ref().err().map(Failure::name);
        answer
    }

    /// The same, where there is nothing but a failure.
    pub fn failed(&mut self, failure: Failure) -> Failure {
        self.error = Some(failure.name());
        failure
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let labels = [
            KeyValue::new(names::DB_SYSTEM, "postgresql"),
            KeyValue::new(names::DB_SUMMARY, self.summary),
            KeyValue::new(names::ERROR_TYPE, self.error.unwrap_or_default()),
        ];
        let count = if self.error.is_some() { 3 } else { 2 };
        let mut wait_s = self.since.elapsed().as_secs_f64();
        if let Some((pool, at)) = self.lent {
            wait_s = at.duration_since(self.since).as_secs_f64();
            let used_s = at.elapsed().as_secs_f64();
            metrics().db_duration.record(used_s, &labels[..count]);
            metrics().pool_use.record(used_s, &pool.label());
        } else {
            metrics().db_duration.record(wait_s, &labels[..count]);
        }
        traces::end_db_span(self.span.take(), wait_s, self.error);
    }
}

/// Who reads, by its place in the source: `gesture/list`.
pub(super) fn source(place: &'static Location<'static>) -> &'static str {
    let file = place.file();
    let file = file.strip_suffix(".rs").unwrap_or(file);
    let file = file.strip_suffix("/mod").unwrap_or(file);
    file.split_once("src/").map_or(file, |(_, file)| file)
}

/// How many connections there are, for whoever asks. Who asks keeps no connection open: the pools may go.
pub(super) fn observe(pools: &Arc<Pools>) {
    let open = Arc::downgrade(pools);
    let most = Arc::downgrade(pools);
    metrics().observe(names::POOL_COUNT, move |tell| {
        for (pool, connections) in each(&open) {
            let idle = u32::try_from(connections.num_idle()).unwrap_or(u32::MAX);
            let used = connections.size().saturating_sub(idle);
            for (state, count) in [("idle", idle), ("used", used)] {
                let [name] = pool.label();
                tell(
                    f64::from(count),
                    &[name, KeyValue::new(names::POOL_STATE, state)],
                );
            }
        }
    });
    metrics().observe(names::POOL_MAX, move |tell| {
        for (pool, connections) in each(&most) {
            let most = connections.options().get_max_connections();
            tell(f64::from(most), &pool.label());
        }
    });
}

/// The pools that are open.
fn each(pools: &Weak<Pools>) -> impl Iterator<Item = (Pool, PgPool)> {
    let pools = pools.upgrade().map(|pools| {
        [
            (Pool::Reads, pools.reads.clone()),
            (Pool::Writes, pools.writes.clone()),
        ]
    });
    let pools = pools.into_iter().flatten();
    pools.filter(|(_, connections)| !connections.is_closed())
}
