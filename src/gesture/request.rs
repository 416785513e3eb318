//! Asking: preview, request, and what became of a request whose answer was lost.

use super::{Gesture, Gestures, Preview, store};
use crate::admission::{Admitted, Decision, Outcome, Reason, Request, Resolution, Terms};
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::problem::{Problem, Violation, Wrong};
use crate::vault::{Personal, SealedPlace};

impl Gestures {
    /// What would be decided now; changes nothing.
    ///
    /// # Errors
    /// As [`Gestures::request`], but for what concerns the id.
    pub async fn preview(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        terms: Terms,
        personal: Personal,
    ) -> Result<Preview, Problem> {
        let (tenant, agent) = (caller.tenant()?, caller.acting_as(agent)?);
        let missing = self
            .missing_recipient_fields(tenant, &terms, &personal)
            .await?;
        let answer = self.admission.preview(tenant, &agent, &terms).await;
        let mut decision = with_violations(answer, missing)?;
        self.explain(tenant, &agent, &terms, None, &mut decision)
            .await?;
        // A request would be declined at once: routing finds nobody to ask.
        if decision.outcome == Outcome::NeedsApproval && decision.approvers.is_empty() {
            decision.outcome = Outcome::Declined;
            decision.reasons.push(Reason::nobody_can_approve());
        }
        let zone = store::time_zone(&self.database, tenant).await?;
        Ok(Preview {
            decision,
            currency: terms.amount.currency(),
            zone,
        })
    }

    /// Decides a request, or answers a known id with its first answer. True: it was a replay.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every violated field (the id stays free), and those of
    /// [`crate::admission::Admission::admit`].
    pub async fn request(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        id: GestureId,
        terms: Terms,
        personal: Personal,
    ) -> Result<(Gesture, bool), Problem> {
        let (tenant, agent) = (caller.tenant()?, caller.acting_as(agent)?);
        let missing = self
            .missing_recipient_fields(tenant, &terms, &personal)
            .await?;
        // A known id is answered by the kernel whatever the catalog demands by now.
        if !missing.is_empty() && !store::exists(&self.database, tenant, id).await? {
            let answer = self.admission.preview(tenant, &agent, &terms).await;
            with_violations(answer, missing)?;
        }
        let place = SealedPlace {
            tenant,
            gesture: id,
            seq: 1,
        };
        let sealed = self
            .vault
            .seal(tenant, &terms.customer, place, &personal)
            .await?;
        let request = Request {
            id,
            agent,
            terms,
            personal: sealed,
            credential: caller.credential.clone(),
        };
        let is_glass = request.terms.is_glass;
        let admitted = self.admission.admit(tenant, request).await?;
        if admitted == Admitted::Now(Outcome::NeedsApproval) || is_glass {
            self.ask_at_once(tenant, id).await;
        }
        let gesture = self
            .answered(caller, tenant, id)
            .await
            .map_err(Problem::after_writing)?;
        Ok((gesture, admitted == Admitted::Replayed))
    }

    /// What became of a request whose answer was lost; none: it never happened, and its id is given up.
    ///
    /// # Errors
    /// [`Problem::AgentUnknown`]; [`Problem::NotYourGesture`] where the id is another agent's.
    pub async fn resolve(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        id: GestureId,
    ) -> Result<Option<Gesture>, Problem> {
        let tenant = caller.tenant()?;
        let agent = self.authorities.acting(caller, agent).await?;
        match self
            .admission
            .resolve(tenant, id, &agent, &caller.credential)
            .await?
        {
            Resolution::NeverHappened => Ok(None),
            Resolution::Done => self.answered(caller, tenant, id).await.map(Some),
        }
    }

    /// Has the question asked that an answer opened, before anybody is told of it. Where that fails the request has not failed: the
    /// question's timer is due in a moment.
    pub(super) async fn ask_at_once(&self, tenant: TenantId, id: GestureId) {
        if let Err(problem) = self.approvals.route(tenant, id).await {
            tracing::warn!(gesture.id = %id, %problem, "a question was not routed at once; its timer will see to it");
        }
    }

    /// The gesture as the answer shows it: with what helps where the answer was not a yes.
    pub(super) async fn answered(
        &self,
        caller: &Caller,
        tenant: TenantId,
        id: GestureId,
    ) -> Result<Gesture, Problem> {
        let mut gesture = self.get(caller, id).await?;
        let (agent, terms) = (gesture.requested_by.clone(), gesture.terms.clone());
        self.explain(tenant, &agent, &terms, Some(id), &mut gesture.decision)
            .await?;
        Ok(gesture)
    }

    /// Adds what helps whoever did not hear a yes: what was lately given, and where somebody else must say yes, who could.
    async fn explain(
        &self,
        tenant: TenantId,
        agent: &AgentId,
        terms: &Terms,
        but_for: Option<GestureId>,
        decision: &mut Decision,
    ) -> Result<(), Problem> {
        if decision.outcome != Outcome::Approved {
            decision.similar = store::similar(&self.database, tenant, terms, but_for).await?;
        }
        if decision.outcome == Outcome::NeedsApproval {
            decision.approvers = self.approvals.able(tenant, agent, terms).await?;
        }
        Ok(())
    }

    /// The recipient fields that the catalog demands for this kind and that are not there.
    pub(super) async fn missing_recipient_fields(
        &self,
        tenant: TenantId,
        terms: &Terms,
        personal: &Personal,
    ) -> Result<Vec<Violation>, Problem> {
        let demanded = store::recipient_fields(&self.database, tenant, terms).await?;
        let nobody = crate::vault::Recipient::default();
        let recipient = personal.recipient.as_ref().unwrap_or(&nobody);
        Ok(demanded
            .iter()
            .filter(|field| !recipient.has(field))
            .map(|field| {
                Violation::new(
                    format!("gesture.recipient.{field}"),
                    Wrong::RecipientMissing,
                    format!("{} needs this of the recipient", terms.kind),
                )
            })
            .collect())
    }
}

/// Every violated field at once: those of the recipient, and those that the kernel found.
pub(super) fn with_violations<T>(
    answer: Result<T, Problem>,
    mut missing: Vec<Violation>,
) -> Result<T, Problem> {
    if missing.is_empty() {
        return answer;
    }
    match answer {
        Err(Problem::Invalid(found)) => missing.extend(found),
        // Mending fields would not help.
        Err(unknown @ Problem::AgentUnknown(_)) => return Err(unknown),
        Ok(_) | Err(_) => {}
    }
    Err(Problem::Invalid(missing))
}
