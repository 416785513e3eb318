//! Accepting what a gesture cost above its hold.

use super::{Gesture, Gestures};
use crate::admission::{CostAnswer, Decision, Outcome};
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId};
use crate::money::Money;
use crate::problem::{Problem, Wrong};

/// What became of a cost in question.
#[derive(Debug, Clone)]
pub struct AcceptedCost {
    /// The gesture for the rest; none: it was not accepted.
    pub rest: Option<Gesture>,
    /// The gesture that cost too much, as it is now.
    pub about: Gesture,
    /// Whether the authority sufficed, and why not.
    pub decision: Decision,
    /// Whether the same call had been made before.
    pub replayed: bool,
}

impl Gestures {
    /// Accepts the cost in question of a gesture, in the agent's own authority, as a gesture with the id `id`.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for another currency than the gesture's, and those of
    /// [`crate::admission::Admission::accept_cost`].
    pub async fn accept_cost(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        (id, about): (GestureId, GestureId),
        rest: Money,
    ) -> Result<AcceptedCost, Problem> {
        let tenant = caller.tenant()?;
        let agent = self.authorities.acting(caller, agent).await?;
        let found = self.get(caller, about).await?;
        if found.terms.amount.currency() != rest.currency() {
            return Err(Problem::invalid(
                "amount.currency",
                Wrong::CurrencyDiffers,
                "must be the currency of the gesture",
            ));
        }
        let customer = &found.terms.customer;
        let (minor, credential) = (rest.minor(), &caller.credential);
        let answer = self
            .admission
            .accept_cost(tenant, (id, about), minor, customer, &agent, credential)
            .await?;
        match answer {
            CostAnswer::Accepted(replayed) => {
                let ids = vec![id, about];
                let gestures = self.batch_get(caller, ids).await;
                let mut gestures = gestures.map_err(Problem::after_writing)?.into_iter();
                let (Some(rest), Some(about)) = (gestures.next(), gestures.next()) else {
                    return Err(Problem::defect("a cost was accepted by no gesture"));
                };
                Ok(AcceptedCost {
                    decision: rest.decision.clone(),
                    rest: Some(rest),
                    about,
                    replayed,
                })
            }
            CostAnswer::Refused(reasons) => Ok(AcceptedCost {
                rest: None,
                decision: Decision {
                    outcome: Outcome::of_reasons(&reasons),
                    decided_by: None,
                    authority: None,
                    decided_at: None,
                    configuration_version: found.decision.configuration_version,
                    reasons,
                    similar: Vec::new(),
                    approvers: Vec::new(),
                },
                about: found,
                replayed: false,
            }),
        }
    }
}
