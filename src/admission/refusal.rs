//! What the kernel refuses, as problems with the facts in them.

use super::Reason;
use crate::ids::{AgentId, GestureId};
use crate::money::Money;
use crate::problem::{Problem, Violation, Wrong};

/// Where a gesture stands, and who brought it there: what the loser of a race is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Which gesture.
    pub id: GestureId,
    /// Its etag now.
    pub etag: Option<i32>,
    /// Its state now.
    pub state: Option<String>,
    /// Who changed it last.
    pub by: Option<String>,
}

impl Mark {
    /// The caller saw an older version.
    pub fn stale(self) -> Problem {
        Problem::StaleView {
            id: self.id,
            etag: self.etag.unwrap_or_default().to_string(),
            state: self.state.unwrap_or_default(),
            by: self.by,
        }
    }

    /// The state does not allow it; `needed` are those that would.
    pub fn forbids(self, needed: &'static str) -> Problem {
        Problem::StateForbids {
            id: self.id,
            state: self.state.unwrap_or_default(),
            by: self.by,
            needed,
        }
    }
}

/// The kernel's codes for what is malformed, in the words of the request's fields. All of them at once.
pub(super) fn refusal_of_form(agent: &AgentId, amount: Money, reasons: &[Reason]) -> Problem {
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
        "RECIPIENT_MISSING" => {
            let (kind, field) = (reason.kind.as_deref()?, reason.field.as_deref()?);
            return Some(Violation::new(
                format!("gesture.recipient.{field}"),
                Wrong::RecipientMissing,
                format!("{kind} needs this of the recipient"),
            ));
        }
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
