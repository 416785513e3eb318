//! Ready means: Postgres answered lately and nobody has asked us to stop. Told by gRPC health and by `/ready`. Beside it health
//! tells of the worker: whether this process looks after timers. No call is kept away because it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::sync::{Mutex, watch};
use tonic_health::ServingStatus::{NotServing, Serving};
use tonic_health::server::HealthReporter;

use crate::postgres::Database;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names;
use crate::timers::Pulse;

/// How often Postgres is asked.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How often it may stay silent before we say so: one lost packet is no outage.
const FAILURES_MAX: u32 = 3;
/// The services whose health is told; "" is the whole.
const SERVICES: [&str; 7] = [
    "",
    "largesse.v1.GestureService",
    "largesse.v1.ApprovalService",
    "largesse.v1.FulfilmentService",
    "largesse.v1.AuthorityService",
    "largesse.v1.EventService",
    "largesse.v1.AuditService",
];
/// The name under which it is told whether timers are looked after here.
const WORKER: &str = "largesse.worker";

/// Whether calls should be sent here.
#[derive(Clone)]
pub struct Readiness {
    database: Database,
    reporter: HealthReporter,
    pulse: Pulse,
    is_ready: Arc<AtomicBool>,
    /// Whether it was said for good. Held while it is told, so that an older word never comes after the last.
    is_closed: Arc<Mutex<bool>>,
}

impl Readiness {
    /// Of this database, and of a worker with this pulse.
    pub fn new(database: Database, reporter: HealthReporter, pulse: Pulse) -> Self {
        let is_ready = Arc::new(AtomicBool::new(false));
        let told = Arc::downgrade(&is_ready);
        metrics().observe(names::READY, move |tell| {
            if let Some(is_ready) = told.upgrade() {
                tell(f64::from(u8::from(is_ready.load(Ordering::Relaxed))), &[]);
            }
        });
        Self {
            database,
            reporter,
            pulse,
            is_ready,
            is_closed: Arc::default(),
        }
    }

    /// Not ready, said before anybody can ask.
    pub async fn start(&self) {
        self.tell(false).await;
        self.tell_of_worker().await;
    }

    /// Not ready any more, whatever Postgres answers.
    pub async fn close(&self) {
        *self.is_closed.lock().await = true;
        self.tell(false).await;
        self.tell_of_worker().await;
    }

    /// The last word.
    pub fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Relaxed)
    }

    /// Asks Postgres again and again until told to stop; says NOT_SERVING before the listeners close.
    pub async fn watch(self, mut stopping: watch::Receiver<bool>) -> Result<()> {
        let mut failures = FAILURES_MAX;
        loop {
            failures = if self.database.is_there().await {
                0
            } else {
                failures.saturating_add(1)
            };
            self.tell(failures < FAILURES_MAX).await;
            self.tell_of_worker().await;
            tokio::select! {
                () = tokio::time::sleep(ASK_EVERY) => {}
                _ = stopping.wait_for(|stop| *stop) => break,
            }
        }
        self.close().await;
        Ok(())
    }

    async fn tell_of_worker(&self) {
        let is_closed = self.is_closed.lock().await;
        self.report(WORKER, self.pulse.is_there() && !*is_closed)
            .await;
    }

    async fn tell(&self, is_ready: bool) {
        let is_closed = self.is_closed.lock().await;
        let is_ready = is_ready && !*is_closed;
        if self.is_ready.swap(is_ready, Ordering::Relaxed) != is_ready {
            tracing::info!(is_ready, "readiness changed");
        }
        for service in SERVICES {
            self.report(service, is_ready).await;
        }
    }

    async fn report(&self, service: &str, is_serving: bool) {
        let status = if is_serving { Serving } else { NotServing };
        self.reporter.set_service_status(service, status).await;
    }
}
