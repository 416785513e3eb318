//! A decision: the answer to a request, or what it would be.

use chrono::{DateTime, Utc};

use super::Reason;
use crate::ids::AgentId;

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Yes, at once.
    Approved,
    /// Not alone; somebody with more authority is asked.
    NeedsApproval,
    /// No, whoever is asked.
    Declined,
}

impl Outcome {
    /// The outcome of that name; none for what is not an answer.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "APPROVED" => Some(Self::Approved),
            "NEEDS_APPROVAL" => Some(Self::NeedsApproval),
            "DECLINED" => Some(Self::Declined),
            _ => None,
        }
    }

    /// The outcome of an event that decided: by the state to which it led.
    pub fn of_state(state: &str) -> Option<Self> {
        match state {
            // a cost that was accepted is delivered from the start
            "APPROVED" | "DELIVERED" => Some(Self::Approved),
            "PENDING_APPROVAL" => Some(Self::NeedsApproval),
            "DECLINED" => Some(Self::Declined),
            _ => None,
        }
    }

    /// What these reasons make of a yes: somebody else could do what one authority cannot, or nobody can at present.
    pub fn of_reasons(reasons: &[Reason]) -> Self {
        if reasons.is_empty() {
            Self::Approved
        } else if reasons.iter().all(Reason::concerns_one_authority) {
            Self::NeedsApproval
        } else {
            Self::Declined
        }
    }
}

/// Somebody who could say yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// Who: of the reporting line, or the duty pool.
    pub agent: AgentId,
    /// How long they are usually waited for, in seconds; none: too few answers to tell.
    pub typical_wait_s: Option<i32>,
}

/// An answer with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Which of the three.
    pub outcome: Outcome,
    /// Who decided; only where approved, and not in a preview, which decides nothing.
    pub decided_by: Option<String>,
    /// Whose maxima were used; as `decided_by`.
    pub authority: Option<String>,
    /// The database's instant of the decision; none for a preview.
    pub decided_at: Option<DateTime<Utc>>,
    /// The configuration that it was made under.
    pub configuration_version: i32,
    /// Everything that stands in the way.
    pub reasons: Vec<Reason>,
    /// What this customer or case was lately given, where the answer was not a yes.
    pub similar: Vec<SimilarGesture>,
    /// Who could say yes where somebody else must, in the order in which they would be asked.
    pub approvers: Vec<Approver>,
}

/// A gesture that this customer or case was lately given by anybody.
#[derive(Debug, Clone, PartialEq)]
pub struct SimilarGesture {
    /// Its id.
    pub id: uuid::Uuid,
    /// Its kind.
    pub kind: String,
    /// Minor units.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Its state.
    pub state: String,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl SimilarGesture {
    /// Whether its authority came back, and the same is asked for again.
    pub fn is_structuring(&self) -> bool {
        self.state == "CANCELLED"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_that_another_could_give_is_no_final_no() {
        let of = |reasons: serde_json::Value| {
            Outcome::of_reasons(&serde_json::from_value::<Vec<Reason>>(reasons).unwrap())
        };
        assert_eq!(of(serde_json::json!([])), Outcome::Approved);
        let soft = serde_json::json!([{"code": "LIMIT_EXCEEDED"}, {"code": "MORE_THAN_LENT"}]);
        assert_eq!(of(soft), Outcome::NeedsApproval);
        let hard =
            serde_json::json!([{"code": "LIMIT_EXCEEDED", "is_hard": true}, {"code": "NOT_LENT"}]);
        assert_eq!(of(hard), Outcome::Declined);
        assert_eq!(
            of(serde_json::json!([{"code": "PAUSED"}])),
            Outcome::Declined
        );
    }
}
