//! Admission: where a request meets the rules and becomes a decision.
//!
//! The deciding is done by Postgres, in the function `admit`: it matches the request against the configuration, claims
//! its id, charges every counter that it names or none, writes gesture, event and task, numbers and seals the batch. What
//! is here carries the question in and the answer out. A decision, a "no" too, is a value ([`Decision`]); a
//! [`Problem`] says why there is none.
//!
//! - [`Admission::admit`] decides; [`Admission::preview`] runs the same matching and the same sweep on unlocked counters.
//! - [`Admission::revise`] decides again, on other terms.
//! - [`Admission::cancel`] gives authority back; [`Admission::report`] captures what was spent; [`Admission::accept_cost`] admits
//!   what was spent beyond it; [`Admission::resolve`] settles what became of a lost answer.
//!
//! Every call is one autocommitted statement on a task of its own (see `postgres`): a caller that goes away never takes
//! a transaction down with it, and a caller is answered only after the commit. All of them take their turn in their tenant's
//! lane, where requests, cancellations, reports and the steps of questions share statements, each with its like.
//!
//! Look next at `lanes` (how), `decision` (the answer), `reason` (its words) and `migrations/functions/` (the kernel).

mod accept;
mod decision;
mod digest;
mod lanes;
mod reason;
mod refusal;
mod report;
mod step;
mod store;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use accept::CostAnswer;
pub use decision::{Approver, Decision, Outcome, SimilarGesture};
pub use digest::plain_digest;
pub use lanes::{LaneBounds, Lanes};
pub use reason::{Reason, reason_code};
pub use refusal::Mark;
use refusal::refusal_of_form;
pub use report::{Report, Reported, Said};
pub use step::{Step, StepAnswer};

use crate::identity::Credential;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::money::Money;
use crate::postgres::Database;
use crate::problem::{Problem, Wrong};
use crate::telemetry::metrics::metrics;
use crate::vault::{Personal, SealedPlace, Vault};
use store::{Cancellation, Concerned};

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
    /// Whether the glass is broken: up to what nobody passes, and reviewed afterwards.
    pub is_glass: bool,
}

impl Terms {
    /// The policies as the kernel takes them: names with a space between (no name has one).
    pub fn waived_text(&self) -> String {
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
    /// What is personal.
    pub personal: Personal,
    /// The credential, for the trail.
    pub credential: Credential,
}

/// What the kernel did with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Admitted {
    /// It was approved just now.
    Approved(Recorded),
    /// It was declined just now, for these reasons; and what was lately given.
    Declined(Recorded, Vec<Reason>, Vec<SimilarGesture>),
    /// Somebody else must say yes, as of just now; and what was lately given.
    NeedsApproval(Vec<SimilarGesture>),
    /// The id was known: this is the first answer again.
    Replayed,
}

/// What the requester is told of a decision, beside what was asked and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The database's instant of the decision.
    pub at: DateTime<Utc>,
    /// The configuration that it was made under.
    pub configuration_version: i32,
    /// The budget that was charged.
    pub budget: String,
    /// What identifies the terms.
    pub terms_digest: Vec<u8>,
    /// The tenant's time zone.
    pub zone: Tz,
    /// Who makes it real.
    pub channel: Option<String>,
}

/// What the kernel did with a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revised {
    /// The new terms are in force, and were decided just now.
    Now,
    /// The same call was made before.
    Replayed,
    /// Something happened meanwhile: what is personal must be sealed for the event of this number.
    Moved(i32),
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
    vault: Vault,
    lanes: Lanes,
}

impl Admission {
    /// Admission in this database, through these lanes.
    pub fn new(database: Database, lanes: Lanes) -> Self {
        Self {
            vault: Vault::new(database.clone()),
            database,
            lanes,
        }
    }

    /// Decides a request, durably, or answers a known id with its first answer.
    ///
    /// # Errors
    /// [`Problem::Invalid`], [`Problem::AgentUnknown`], [`Problem::RateMissing`]: nothing was written and the id is
    /// free. [`Problem::RequestIdReused`], [`Problem::RequestTombstoned`]. [`Problem::OutcomeUnknown`]: ask
    /// [`Admission::resolve`].
    pub async fn admit(
        &self,
        tenant: TenantId,
        request: Box<Request>,
    ) -> Result<Admitted, Problem> {
        let (id, agent, amount) = (request.id, request.agent.clone(), request.terms.amount);
        let answer = self.lanes.admit(tenant, request).await?;
        match answer.outcome.as_str() {
            "INVALID" => Err(refusal_of_form(&agent, amount, &answer.reasons)),
            "REUSED" => Err(Problem::RequestIdReused(id)),
            "TOMBSTONED" => Err(Problem::RequestTombstoned(id)),
            _ if answer.replayed => Ok(Admitted::Replayed),
            "APPROVED" => answer
                .recorded
                .map(Admitted::Approved)
                .ok_or_else(|| Problem::defect("admit approved without saying what")),
            "DECLINED" => answer
                .recorded
                .map(|recorded| Admitted::Declined(recorded, answer.reasons, answer.similar))
                .ok_or_else(|| Problem::defect("admit declined without saying what")),
            "NEEDS_APPROVAL" => Ok(Admitted::NeedsApproval(answer.similar)),
            other => Err(Problem::defect(&format!("admit answered {other}"))),
        }
    }

    /// What this customer or case was lately given by anybody or waits for, newest first, but for one gesture.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn similar(
        &self,
        tenant: TenantId,
        terms: &Terms,
        but_for: Option<GestureId>,
    ) -> Result<Vec<SimilarGesture>, Problem> {
        let concerned = [Concerned::of(terms, but_for)];
        let mut found = store::similar(&self.database, tenant, &concerned).await?;
        Ok(found.pop().unwrap_or_default())
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
        personal: &Personal,
    ) -> Result<Decision, Problem> {
        let recipient = personal.recipient_fields();
        let preview = store::preview(&self.database, tenant, agent, terms, &recipient).await?;
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
            approvers: Vec::new(),
        })
    }

    /// Puts other terms to a gesture that waits or was returned, and decides them as if they were asked for the first time.
    /// `seq` is the number of the event for which the personal part is sealed.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::NotYourGesture`], [`Problem::StaleView`], [`Problem::StateForbids`];
    /// [`Problem::Invalid`], [`Problem::RateMissing`]: nothing was changed.
    pub async fn revise(
        &self,
        tenant: TenantId,
        request: Request,
        etag: i32,
        seq: i32,
    ) -> Result<Revised, Problem> {
        let (id, agent, amount) = (request.id, request.agent.clone(), request.terms.amount);
        let place = SealedPlace {
            tenant,
            gesture: id,
            seq,
        };
        let (customer, personal) = (&request.terms.customer, &request.personal);
        let sealed = self.vault.seal(tenant, customer, place, personal).await?;
        let answer = store::revise(&self.lanes, tenant, request, sealed, (etag, seq)).await?;
        let mark = Mark {
            id,
            etag: answer.etag,
            state: answer.state,
            by: answer.by_agent,
        };
        match answer.outcome.as_str() {
            "REVISED" if answer.replayed => Ok(Revised::Replayed),
            "REVISED" => Ok(Revised::Now),
            "MOVED" => Ok(Revised::Moved(mark.etag.unwrap_or_default())),
            "UNKNOWN" => Err(Problem::GestureNotFound(id)),
            "FORBIDDEN" => Err(Problem::NotYourGesture(id)),
            "STALE" => Err(mark.stale()),
            "NOT_ALLOWED" => Err(mark.forbids("PENDING_APPROVAL, RETURNED")),
            "OTHER_CUSTOMER" => Err(Problem::invalid(
                "gesture.customer.id",
                Wrong::CustomerDiffers,
                "a revision stays with the customer; for another one, cancel this and ask again",
            )),
            "INVALID" => Err(refusal_of_form(&agent, amount, &answer.reasons)),
            other => Err(Problem::defect(&format!("revise answered {other}"))),
        }
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
        let asked = Cancellation {
            id,
            actor: actor.clone(),
            etag,
            credential: credential.clone(),
        };
        let Some(exception) = self.lanes.cancel(tenant, asked).await? else {
            metrics().transition("CANCELLED", "agent");
            return Ok(false);
        };
        let mark = Mark {
            id,
            etag: exception.etag,
            state: exception.state,
            by: exception.by_agent,
        };
        match exception.outcome.as_str() {
            "REPLAY" => Ok(true),
            "UNKNOWN" => Err(Problem::GestureNotFound(id)),
            "FORBIDDEN" => Err(Problem::NotYourGesture(id)),
            "STALE" => Err(mark.stale()),
            "NOT_ALLOWED" => Err(mark.forbids("APPROVED, PENDING_APPROVAL, RETURNED")),
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
        match store::resolve(&self.lanes, tenant, id, actor, credential)
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
