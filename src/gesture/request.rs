//! Asking: preview, request, and what became of a request whose answer was lost.

use chrono::SubsecRound;

use super::{Fulfilment, Gesture, Gestures, Preview, Promise, sees_people, store};
use crate::admission::{
    Admitted, Approver, Decision, Outcome, Reason, Recorded, Request, Resolution, SimilarGesture,
    Terms,
};
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::problem::Problem;
use crate::vault::Personal;

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
        let mut decision = self
            .admission
            .preview(tenant, &agent, &terms, &personal)
            .await?;
        self.explain(tenant, &agent, &terms, None, &mut decision, Help::default())
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
        // What is not answered at once is boxed below: its futures are large, and would lie in that of every request.
        let request = Box::new(Request {
            id,
            agent: agent.clone(),
            terms: terms.clone(),
            personal: personal.clone(),
            credential: caller.credential.clone(),
        });
        let admitted = self.admission.admit(tenant, request).await?;
        let replayed = admitted == Admitted::Replayed;
        let help = match admitted {
            // A broken glass opens a review, which is read with the gesture.
            Admitted::Approved(recorded) if !terms.is_glass => {
                let mut gesture = decided(id, agent, terms, recorded, Outcome::Approved);
                gesture.personal = sees_people(caller, &gesture).then_some(personal);
                return Ok((gesture, false));
            }
            Admitted::Declined(recorded, reasons, similar) => {
                let mut gesture = decided(id, agent, terms, recorded, Outcome::Declined);
                gesture.personal = sees_people(caller, &gesture).then_some(personal);
                gesture.decision.reasons = reasons;
                gesture.decision.similar = similar;
                return Ok((gesture, false));
            }
            Admitted::NeedsApproval(similar) => Help {
                similar: Some(similar),
                approvers: Box::pin(self.ask_at_once(tenant, id)).await,
            },
            Admitted::Approved(_) => {
                Box::pin(self.ask_at_once(tenant, id)).await;
                Help::default()
            }
            Admitted::Replayed => Help::default(),
        };
        Box::pin(self.told(caller, tenant, id, help, replayed)).await
    }

    /// The gesture read back after it was written.
    async fn told(
        &self,
        caller: &Caller,
        tenant: TenantId,
        id: GestureId,
        help: Help,
        replayed: bool,
    ) -> Result<(Gesture, bool), Problem> {
        let gesture = self.answered(caller, tenant, id, help).await;
        Ok((gesture.map_err(Problem::after_writing)?, replayed))
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
            Resolution::Done => self
                .answered(caller, tenant, id, Help::default())
                .await
                .map(Some),
        }
    }

    /// Has the question asked that an answer opened, before anybody is told of it; says who could answer it. Where that fails the
    /// request has not failed: the question's timer is due in a moment.
    pub(super) async fn ask_at_once(
        &self,
        tenant: TenantId,
        id: GestureId,
    ) -> Option<Vec<Approver>> {
        match self.approvals.route(tenant, id).await {
            Ok(approvers) => approvers,
            Err(problem) => {
                tracing::warn!(gesture.id = %id, %problem, "a question was not routed at once; its timer will see to it");
                None
            }
        }
    }

    /// The gesture as the answer shows it: with what helps where the answer was not a yes.
    pub(super) async fn answered(
        &self,
        caller: &Caller,
        tenant: TenantId,
        id: GestureId,
        help: Help,
    ) -> Result<Gesture, Problem> {
        let mut gesture = self.get(caller, id).await?;
        let (agent, terms) = (gesture.requested_by.clone(), gesture.terms.clone());
        self.explain(
            tenant,
            &agent,
            &terms,
            Some(id),
            &mut gesture.decision,
            help,
        )
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
        help: Help,
    ) -> Result<(), Problem> {
        if decision.outcome != Outcome::Approved {
            decision.similar = match help.similar {
                Some(similar) => similar,
                None => self.admission.similar(tenant, terms, but_for).await?,
            };
        }
        if decision.outcome == Outcome::NeedsApproval {
            decision.approvers = match help.approvers {
                Some(approvers) => approvers,
                None => self.approvals.able(tenant, agent, terms).await?,
            };
        }
        Ok(())
    }
}

/// What helps whoever did not hear a yes, as far as it was found on the way.
#[derive(Default)]
pub(super) struct Help {
    pub similar: Option<Vec<SimilarGesture>>,
    pub approvers: Option<Vec<Approver>>,
}

/// The gesture that was approved or declined just now, as reading it back would show it; the reasons are left out.
fn decided(
    id: GestureId,
    agent: AgentId,
    terms: Terms,
    recorded: Recorded,
    outcome: Outcome,
) -> Gesture {
    let is_approved = outcome == Outcome::Approved;
    let state = if is_approved { "APPROVED" } else { "DECLINED" };
    let decider = is_approved.then(|| agent.as_str().to_owned());
    let terms = Terms {
        budget: Some(recorded.budget),
        // as precisely as the database keeps it
        promise_by: terms.promise_by.map(|at| at.trunc_subsecs(6)),
        ..terms
    };
    let promise = terms.promise_by.map(|_| Promise::Pending);
    let fulfilment = recorded.channel.map(|channel| Fulfilment {
        channel,
        next_try_at: Some(recorded.at),
        ..Fulfilment::default()
    });
    Gesture {
        id,
        terms,
        personal: None,
        state: state.to_owned(),
        requested_by: agent,
        decision: Decision {
            outcome,
            decided_by: decider.clone(),
            authority: decider,
            decided_at: Some(recorded.at),
            configuration_version: recorded.configuration_version,
            reasons: Vec::new(),
            similar: Vec::new(),
            approvers: Vec::new(),
        },
        approval: None,
        promise: promise.filter(|_| is_approved),
        fulfilment: fulfilment.filter(|_| is_approved),
        outcomes: Vec::new(),
        about: None,
        terms_digest: recorded.terms_digest,
        etag: 1,
        created_at: recorded.at,
        updated_at: recorded.at,
        zone: recorded.zone,
    }
}
