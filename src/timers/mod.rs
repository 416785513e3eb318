//! The clock that takes things further when their time has come: questions that nobody answered, promises that are due.
//!
//! Timers are rows: they outlive every process, and any replica sees to them. A claim keeps the other replicas away for
//! half a minute and decides nothing: each step is taken against the step that was seen, so that a replica that was
//! paused in the middle, or came late after an outage, finds its step taken and does nothing twice.

mod pulse;
mod store;
mod told;

pub use pulse::Pulse;

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use opentelemetry::KeyValue;
use opentelemetry::context::FutureExt as _;
use tokio::sync::watch;

use crate::approval::Approvals;
use crate::fulfilment::Fulfilments;
use crate::ids::{GestureId, TenantId};
use crate::postgres::Database;
use crate::problem::Problem;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names;
use crate::trail::link_back;
use store::Claimed;
use told::Work;

/// How many timers are claimed at once.
const CLAIMED_MAX: i32 = 50;
/// For how long; whoever claimed them and went away is followed by another after this.
const CLAIMED_FOR_S: i32 = 30;
/// How many claims one tenant gets in a round, so that none keeps the others waiting.
const CLAIMS_MAX: u32 = 20;

/// How many seconds late each timer was claimed: by its gesture and its kind.
type Lateness = HashMap<(GestureId, &'static str), f64>;

/// Looks for due timers again and again.
#[derive(Debug)]
pub struct Timers {
    database: Database,
    approvals: Approvals,
    fulfilments: Fulfilments,
    every: Duration,
    pulse: Pulse,
}

/// What went wrong in one round.
#[derive(Default)]
struct Failures {
    count: u32,
    first: Option<Problem>,
}

impl Failures {
    fn note(&mut self, problem: Problem) {
        self.count += 1;
        self.first.get_or_insert(problem);
    }
}

impl Timers {
    /// Timers that are looked at about this often.
    pub fn new(
        database: Database,
        approvals: Approvals,
        fulfilments: Fulfilments,
        every: Duration,
    ) -> Self {
        Self {
            database,
            approvals,
            fulfilments,
            every,
            pulse: Pulse::default(),
        }
    }

    /// Whether they are looked after, for as long as anybody asks.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Goes on until told to stop; what is being seen to is seen to to its end. What fails is tried again, by
    /// whoever claims it next.
    ///
    /// # Errors
    /// None: it ends when it is told to. The result is that of every task of the server.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) -> Result<()> {
        loop {
            tokio::select! {
                // An error means that the sender is gone, which is a stop as well.
                _ = stopping.wait_for(|stop| *stop) => return Ok(()),
                () = tokio::time::sleep(self.pause()) => {}
            }
            let mut failures = Failures::default();
            self.round(&stopping, &mut failures).await;
            if let Some(problem) = &failures.first {
                tracing::warn!(count = failures.count, first = %problem, "timers failed; they are tried again");
            }
        }
    }

    async fn round(&self, stopping: &watch::Receiver<bool>, failures: &mut Failures) {
        let due = store::due_tenants(&self.database);
        let tenants = match self.database.in_time(due).await {
            Ok(tenants) => tenants,
            Err(problem) => return failures.note(problem),
        };
        self.pulse.beat();
        for tenant in tenants {
            for _ in 0..CLAIMS_MAX {
                let claimed = match self.claim(tenant).await {
                    Ok(claimed) => claimed,
                    Err(problem) => {
                        failures.note(problem);
                        break;
                    }
                };
                self.pulse.beat();
                let lateness = self.lateness(tenant, &claimed).await;
                for timer in &claimed {
                    if *stopping.borrow() {
                        return;
                    }
                    // A round may take long, where much is due.
                    self.pulse.beat();
                    let key = (timer.gesture, kind_of(&timer.purpose));
                    let late_s = lateness.get(&key).copied();
                    if let Err(problem) = self.fire(tenant, timer, late_s).await {
                        failures.note(problem);
                    }
                }
                if claimed.len() < CLAIMED_MAX as usize {
                    break;
                }
            }
        }
    }

    async fn claim(&self, tenant: TenantId) -> Result<Vec<Claimed>, Problem> {
        store::claim(&self.database, tenant, CLAIMED_MAX, CLAIMED_FOR_S).await
    }

    /// How late they are. Where that cannot be read it is not told: seeing to them matters more.
    async fn lateness(&self, tenant: TenantId, claimed: &[Claimed]) -> Lateness {
        if claimed.is_empty() {
            return Lateness::new();
        }
        let read = store::lateness(&self.database, tenant, claimed);
        let told = self
            .database
            .in_time(read)
            .await
            .unwrap_or_default()
            .into_iter();
        told.map(|(gesture, purpose, late_s)| {
            let kind = kind_of(&purpose);
            let label = [KeyValue::new(names::TIMER_KIND, kind)];
            metrics().timer_lag.record(late_s, &label);
            ((gesture, kind), late_s)
        })
        .collect()
    }

    /// Sees to one, as a unit of work of its own: a trace that is linked to what came before.
    async fn fire(
        &self,
        tenant: TenantId,
        timer: &Claimed,
        late_s: Option<f64>,
    ) -> Result<(), Problem> {
        let work = Work::begin(timer.gesture, kind_of(&timer.purpose), late_s);
        let seen_to = async {
            let linked = link_back(&self.database, tenant, timer.gesture);
            tokio::join!(self.see_to(tenant, timer), linked).0
        };
        let seen_to = self
            .database
            .in_time(seen_to.with_context(work.context()))
            .await;
        work.end(seen_to.as_ref().err());
        seen_to
    }

    async fn see_to(&self, tenant: TenantId, timer: &Claimed) -> Result<(), Problem> {
        match timer.purpose.as_str() {
            "APPROVAL" => self.approvals.route(tenant, timer.gesture).await.map(drop),
            "PROMISE" => self.fulfilments.watch(tenant, timer.gesture).await,
            other => Err(Problem::defect(&format!("a timer is for {other}"))),
        }
    }

    /// From three quarters to five quarters of the interval, so that replicas that started together part.
    fn pause(&self) -> Duration {
        let jitter = u32::from(uuid::Uuid::now_v7().as_bytes()[15]);
        self.every * 3 / 4 + self.every * jitter / 512
    }
}

/// A purpose as a label.
pub(crate) fn kind_of(purpose: &str) -> &'static str {
    match purpose {
        "APPROVAL" | "approval" => "approval",
        "PROMISE" | "promise" => "promise",
        _ => names::OTHER,
    }
}
