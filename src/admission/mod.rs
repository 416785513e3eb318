//! Admission: where a request meets the rules and becomes a decision.
//!
//! The deciding is done by Postgres, in the function `admit`: it matches the request against the configuration, claims
//! its id, charges every counter that it names or none, writes gesture, event and task, numbers and seals the batch. What
//! is here carries the question in and the answer out. A decision, a "no" too, is a value ([`Decision`]); a
//! [`Problem`] says why there is none.
//!
//! - [`Admission::admit`] decides; [`Admission::preview`] runs the same matching and the same sweep on unlocked counters.
//! - [`Admission::cancel`] gives authority back; [`Admission::resolve`] settles what became of a lost answer.
//!
//! Every call is one autocommitted statement on a task of its own (see `postgres`): a caller that goes away never takes
//! a transaction down with it, and a caller is answered only after the commit.
//!
//! Look next at `decision` (the answer and its words) and `migrations/functions/` (the kernel).

mod decision;
mod digest;
mod store;

use chrono::{DateTime, Utc};

pub use decision::{Decision, Outcome, Reason, SimilarGesture, reason_code};
use digest::plain_digest;

use crate::identity::Credential;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::money::Money;
use crate::postgres::Database;
use crate::problem::{Problem, Violation, Wrong};
use crate::vault::SealedPersonal;

/// What a request asks for, but for what is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Kind of the catalog.
    pub kind: String,
    /// What it may cost.
    pub amount: Money,
    /// For whom.
    pub customer: CustomerId,
    /// What the caller says of the customer.
    pub segment: Option<String>,
    /// The case that it belongs to.
    pub case_id: Option<String>,
    /// What the caller says of the moment.
    pub occasion: Option<String>,
    /// By when the customer was told it would be there.
    pub promise_by: Option<DateTime<Utc>>,
    /// Company rules that it sets aside, sorted, each once.
    pub waived: Vec<String>,
    /// The budget to charge; none: the agent's own.
    pub budget: Option<String>,
    /// An earlier gesture for the same customer that this one stands in for.
    pub replaces: Option<GestureId>,
}

impl Terms {
    /// The policies as the kernel takes them: names with a space between (no name has one).
    fn waived_text(&self) -> String {
        self.waived.join(" ")
    }
}

/// A request on its way to the kernel.
pub struct Request {
    /// The client's id; the gesture's id from now on.
    pub id: GestureId,
    /// Who asks, and decides alone where their authority suffices.
    pub agent: AgentId,
    /// What is asked.
    pub terms: Terms,
    /// What is personal, sealed.
    pub personal: SealedPersonal,
    /// The credential, for the trail.
    pub credential: Credential,
}

/// What the kernel did with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    /// It was decided just now; the decision is the gesture's first event.
    Now,
    /// The id was known: this is the first answer again.
    Replayed,
}

/// What became of a request whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// It was decided; the gesture is there.
    Done,
    /// It never arrived, and never will: its id is given up.
    NeverHappened,
}

/// The way to the kernel.
#[derive(Debug, Clone)]
pub struct Admission {
    database: Database,
}

impl Admission {
    /// Admission in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Decides a request, durably, or answers a known id with its first answer.
    ///
    /// # Errors
    /// [`Problem::Invalid`], [`Problem::AgentUnknown`], [`Problem::RateMissing`]: nothing was written and the id is
    /// free. [`Problem::RequestIdReused`], [`Problem::RequestTombstoned`]. [`Problem::OutcomeUnknown`]: ask
    /// [`Admission::resolve`].
    pub async fn admit(&self, tenant: TenantId, request: Request) -> Result<Admitted, Problem> {
        let (id, agent, amount) = (request.id, request.agent.clone(), request.terms.amount);
        let Some(exception) = store::admit(&self.database, tenant, request).await? else {
            return Ok(Admitted::Now);
        };
        match exception.outcome.as_str() {
            "INVALID" => Err(refusal_of_form(&agent, amount, &exception.reasons)),
            "REUSED" => Err(Problem::RequestIdReused(id)),
            "TOMBSTONED" => Err(Problem::RequestTombstoned(id)),
            _ if exception.replayed => Ok(Admitted::Replayed),
            _ => Ok(Admitted::Now),
        }
    }

    /// What would be decided now. Changes nothing and promises nothing.
    ///
    /// # Errors
    /// As [`Admission::admit`] for what is malformed.
    pub async fn preview(
        &self,
        tenant: TenantId,
        agent: &AgentId,
        terms: &Terms,
    ) -> Result<Decision, Problem> {
        let preview = store::preview(&self.database, tenant, agent, terms).await?;
        let Some(outcome) = Outcome::named(&preview.outcome) else {
            return Err(refusal_of_form(agent, terms.amount, &preview.reasons));
        };
        Ok(Decision {
            outcome,
            decided_by: None,
            authority: None,
            decided_at: None,
            configuration_version: preview.configuration_version,
            reasons: preview.reasons,
            similar: Vec::new(),
        })
    }

    /// Ends a gesture that is approved or waits, and gives back what it holds. True: the same call was made before.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::NotYourGesture`], [`Problem::StaleView`], [`Problem::StateForbids`].
    pub async fn cancel(
        &self,
        tenant: TenantId,
        id: GestureId,
        actor: &AgentId,
        etag: i32,
        credential: &Credential,
    ) -> Result<bool, Problem> {
        let Some(exception) =
            store::cancel(&self.database, tenant, id, actor, etag, credential).await?
        else {
            return Ok(false);
        };
        match exception.outcome.as_str() {
            "REPLAY" => Ok(true),
            "UNKNOWN" => Err(Problem::GestureNotFound(id)),
            "FORBIDDEN" => Err(Problem::NotYourGesture(id)),
            "STALE" => Err(Problem::StaleView {
                id,
                etag: exception.seq.unwrap_or_default().to_string(),
            }),
            "NOT_ALLOWED" => Err(Problem::StateForbids {
                id,
                state: exception.state.unwrap_or_default(),
                needed: "APPROVED, PENDING_APPROVAL",
            }),
            other => Err(Problem::defect(&format!("settle answered {other}"))),
        }
    }

    /// Settles what became of a request whose answer was lost. Where it never arrived its id is given up, so that a
    /// late original is refused.
    ///
    /// # Errors
    /// [`Problem::NotYourGesture`] where the id belongs to another agent's request.
    pub async fn resolve(
        &self,
        tenant: TenantId,
        id: GestureId,
        actor: &AgentId,
        credential: &Credential,
    ) -> Result<Resolution, Problem> {
        match store::resolve(&self.database, tenant, id, actor, credential)
            .await?
            .as_str()
        {
            "DONE" => Ok(Resolution::Done),
            "NEVER_HAPPENED" => Ok(Resolution::NeverHappened),
            "OTHERS" => Err(Problem::NotYourGesture(id)),
            other => Err(Problem::defect(&format!("resolve answered {other}"))),
        }
    }
}

/// The kernel's codes for what is malformed, in the words of the request's fields. All of them at once.
fn refusal_of_form(agent: &AgentId, amount: Money, reasons: &[Reason]) -> Problem {
    if reasons.iter().any(|reason| reason.code == "AGENT_UNKNOWN") {
        return Problem::AgentUnknown(agent.clone());
    }
    let violations: Vec<Violation> = reasons.iter().filter_map(violation).collect();
    if violations.is_empty() {
        return Problem::RateMissing {
            from: amount.currency().to_string(),
            to: reasons
                .iter()
                .find_map(|reason| reason.to.clone())
                .unwrap_or_default(),
        };
    }
    Problem::Invalid(violations)
}

fn violation(reason: &Reason) -> Option<Violation> {
    let (field, wrong, description) = match reason.code.as_str() {
        "KIND_UNKNOWN" => (
            "gesture.kind",
            Wrong::KindUnknown,
            "the catalog has no such kind; ListCatalogItems shows what it has".to_owned(),
        ),
        "BUDGET_UNKNOWN" => (
            "gesture.budget",
            Wrong::BudgetUnknown,
            "the configuration has no such budget; leave it unset for the agent's own".into(),
        ),
        "POLICY_UNKNOWN" => (
            "gesture.waived_policies",
            Wrong::PolicyUnknown,
            format!(
                "the configuration has no policy {}",
                reason.policy.as_deref().unwrap_or("of that name")
            ),
        ),
        "SEGMENT_UNKNOWN" => (
            "gesture.customer.segment",
            Wrong::SegmentUnknown,
            "the configuration has no such segment".into(),
        ),
        "OCCASION_UNKNOWN" => (
            "gesture.occasion",
            Wrong::OccasionUnknown,
            "the configuration has no such occasion".into(),
        ),
        "CASE_MISSING" => (
            "gesture.case_id",
            Wrong::CaseMissing,
            "this kind is limited per case: name the case".into(),
        ),
        "PROMISE_PAST" => (
            "gesture.promise_by",
            Wrong::PromisePast,
            "this moment has passed; promise one that is still to come".into(),
        ),
        "REPLACES_UNKNOWN" => (
            "gesture.replaces",
            Wrong::ReplacesUnknown,
            "there is no such gesture for this customer; name one, or leave it unset".into(),
        ),
        _ => return None,
    };
    Some(Violation::new(field, wrong, description))
}
