//! What fulfillers say of their tasks, on its way to the kernel and back.

pub(super) mod store;

use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::Mark;
use super::{Admission, GestureId};
use crate::identity::Credential;
use crate::ids::{AgentId, TenantId};
use crate::money::Currency;
use crate::problem::{Problem, Wrong};
use crate::telemetry::metrics::metrics;
use store::ReportAnswer;

/// A report on a task.
#[derive(Debug, Clone)]
pub struct Report {
    /// The task: the gesture.
    pub task: GestureId,
    /// Of the lease under which it was done.
    pub token: i32,
    /// Who has that lease.
    pub holder: AgentId,
    /// What became of it.
    pub said: Said,
    /// The credential, for the trail.
    pub credential: Credential,
}

/// What became of a task. Costs are zero or more, in minor units of the currency named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It is ordered, or on its way.
    Dispatched {
        /// The fulfiller's own order.
        order: String,
        /// When; none: now.
        at: Option<DateTime<Utc>>,
    },
    /// It has happened.
    Delivered {
        /// What it cost.
        cost: (i64, Currency),
        /// When; none: now.
        at: Option<DateTime<Utc>>,
        /// Where the proof is.
        proof: Option<String>,
    },
    /// It did not work, for good.
    Failed {
        /// Why, in a word.
        failure: String,
        /// What the vendor charges all the same.
        cost: Option<(i64, Currency)>,
    },
    /// It did not work this time.
    TryFailed {
        /// Why, in a word.
        failure: String,
        /// Not again before.
        again_at: Option<DateTime<Utc>>,
    },
}

/// What a report did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The gesture's state now.
    pub state: String,
    /// What has become of its promise, by name.
    pub promise: Option<String>,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
    /// What was captured by it, in minor units.
    pub captured_minor: Option<i64>,
    /// What was given back by it.
    pub released_minor: Option<i64>,
    /// What it cost above the hold.
    pub rest_minor: Option<i64>,
    /// When the task is offered again.
    pub again_at: Option<DateTime<Utc>>,
    /// Whether the same report had come before.
    pub is_replay: bool,
}

impl Admission {
    /// Follows a report, durably.
    ///
    /// # Errors
    /// [`Problem::TaskNotFound`], [`Problem::LeaseLost`], [`Problem::StateForbids`], [`Problem::CostAccepted`]; [`Problem::Invalid`]
    /// for another currency than the gesture's and for an impossible instant.
    pub async fn report(&self, tenant: TenantId, report: Report) -> Result<Reported, Problem> {
        let (id, said) = (report.task, report.said.clone());
        let answer = self.lanes.report(tenant, report).await?;
        if answer.outcome == "DONE" {
            tell(&answer);
        }
        match answer.outcome.as_str() {
            "DONE" | "REPLAY" => reported(answer),
            "UNKNOWN" => Err(Problem::TaskNotFound(id)),
            "NOT_LEASED" => Err(Problem::LeaseLost(id)),
            "ACCEPTED" => Err(Problem::CostAccepted(id)),
            "NOT_ALLOWED" => Err(Mark {
                id,
                etag: None,
                state: answer.state,
                by: answer.by_agent,
            }
            .forbids(said.states())),
            "OTHER_CURRENCY" => Err(Problem::invalid(
                "actual_cost.currency",
                Wrong::CurrencyDiffers,
                "must be the currency of the task's amount",
            )),
            "TIME" => Err(Problem::invalid(
                said.time_field(),
                Wrong::OutOfRange,
                "must lie between the yes and now (clocks may differ by five minutes)",
            )),
            other => Err(Problem::defect(&format!("report answered {other}"))),
        }
    }
}

impl Said {
    /// The states in which it can be said.
    fn states(&self) -> &'static str {
        match self {
            Self::Dispatched { .. } | Self::TryFailed { .. } => "APPROVED",
            Self::Delivered { .. } => "APPROVED, DISPATCHED, DELIVERED",
            Self::Failed { .. } => "APPROVED, DISPATCHED",
        }
    }

    /// Where a request says when it happened.
    fn time_field(&self) -> &'static str {
        match self {
            Self::Dispatched { .. } => "dispatch_time",
            Self::Delivered { .. } => "deliver_time",
            Self::Failed { .. } | Self::TryFailed { .. } => "retry_time",
        }
    }
}

/// A report was followed just now.
fn tell(answer: &ReportAnswer) {
    let state = answer.state.as_deref().unwrap_or_default();
    metrics().transition(state, "partner");
    if let Some(hand_off) = answer.did.as_ref().and_then(|did| did.hand_off.as_ref()) {
        let waited = TimeDelta::microseconds(hand_off.waited_us);
        metrics().handed_off(&hand_off.channel, state, waited.as_seconds_f64());
    }
}

fn reported(answer: ReportAnswer) -> Result<Reported, Problem> {
    let did = answer
        .did
        .ok_or_else(|| Problem::defect("a report was followed without saying how"))?;
    let currency = did.currency.map(|code| code.parse());
    Ok(Reported {
        state: answer.state.unwrap_or_default(),
        promise: answer.promise,
        currency: currency
            .transpose()
            .map_err(|_| Problem::defect("a stored currency is not known"))?,
        captured_minor: did.captured_minor,
        released_minor: did.released_minor,
        rest_minor: did.rest_minor,
        again_at: did.again_at_us.and_then(DateTime::from_timestamp_micros),
        is_replay: answer.outcome == "REPLAY",
    })
}
