//! A decision, and its reasons in the words of people.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::money::Currency;

/// The stable codes of reasons that this page knows words for. See `proto/REASONS.md`.
pub mod reason_code {
    /// A limit has no room.
    pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
    /// The level names no amount for this kind.
    pub const NO_AUTHORITY: &str = "NO_AUTHORITY";
    /// The level may not waive the policy.
    pub const POLICY_NOT_WAIVABLE: &str = "POLICY_NOT_WAIVABLE";
    /// The level may not draw on the budget.
    pub const BUDGET_NOT_ALLOWED: &str = "BUDGET_NOT_ALLOWED";
    /// In the catalog, and not offered.
    pub const KIND_NOT_OFFERED: &str = "KIND_NOT_OFFERED";
    /// Outside the price range.
    pub const AMOUNT_OUT_OF_RANGE: &str = "AMOUNT_OUT_OF_RANGE";
    /// The customer is the agent's own account.
    pub const OWN_ACCOUNT: &str = "OWN_ACCOUNT";
    /// Giving is stopped for the agent.
    pub const AGENT_SUSPENDED: &str = "AGENT_SUSPENDED";
    /// Giving is paused.
    pub const PAUSED: &str = "PAUSED";
}

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

    /// The outcome that the first event of a gesture recorded.
    pub fn of_first_event(kind: &str) -> Option<Self> {
        match kind {
            "APPROVED" => Some(Self::Approved),
            "PENDING_APPROVAL" => Some(Self::NeedsApproval),
            "DECLINED" => Some(Self::Declined),
            _ => None,
        }
    }
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
}

/// One thing that stands in the way, as the kernel states it. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// Stable; see [`reason_code`].
    pub code: String,
    /// Name of the limit.
    pub limit: Option<String>,
    /// What the limit counts for: AGENT, CUSTOMER ….
    pub subject: Option<String>,
    /// The limit's window: GESTURE, DAY ….
    pub span: Option<String>,
    /// The policy.
    pub policy: Option<String>,
    /// The budget.
    pub budget: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// What the hold would be, in `currency`.
    pub asked: Option<i64>,
    /// What is used already, in `currency`.
    pub used: Option<i64>,
    /// What may be used at most, in `currency`.
    pub ceiling: Option<i64>,
    /// What is left, in `currency`.
    pub left: Option<i64>,
    /// The limit's currency.
    pub currency: Option<String>,
    /// The currency to which no rate leads.
    pub to: Option<String>,
    /// How many gestures are counted already.
    pub used_count: Option<i32>,
    /// How many there may be at most.
    pub ceiling_count: Option<i32>,
    /// Whether nobody can pass it.
    pub is_hard: bool,
    /// When the window began.
    pub window_start: Option<DateTime<Utc>>,
    /// When it ends and counting begins anew.
    pub resets: Option<DateTime<Utc>>,
    /// The largest amount that would pass this limit now, in the gesture's currency.
    pub largest_now: Option<i64>,
    /// The price range, in the gesture's currency.
    pub min_minor: Option<i64>,
    /// The price range, in the gesture's currency.
    pub max_minor: Option<i64>,
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

impl Reason {
    /// One sentence for a person: what was asked, what is left, when that changes, what would pass now.
    pub fn text(&self, gesture_currency: Currency, zone: Tz) -> String {
        let kind = self.kind.as_deref().unwrap_or("this kind");
        match self.code.as_str() {
            reason_code::LIMIT_EXCEEDED => self.limit_text(gesture_currency, zone),
            reason_code::NO_AUTHORITY => format!("your level has no amount of its own for {kind}"),
            reason_code::POLICY_NOT_WAIVABLE => {
                format!(
                    "your level may not waive {}",
                    self.policy.as_deref().unwrap_or("this policy")
                )
            }
            reason_code::BUDGET_NOT_ALLOWED => {
                format!(
                    "your level may not draw on the budget {}",
                    self.budget.as_deref().unwrap_or("named")
                )
            }
            reason_code::KIND_NOT_OFFERED => format!("{kind} is not offered in {gesture_currency}"),
            reason_code::AMOUNT_OUT_OF_RANGE => match (self.min_minor, self.max_minor) {
                (Some(min), Some(max)) => format!(
                    "{kind} costs {} to {} {gesture_currency}",
                    gesture_currency.decimal_text(min),
                    gesture_currency.decimal_text(max)
                ),
                _ => format!("the amount is outside the price range of {kind}"),
            },
            reason_code::OWN_ACCOUNT => "nobody gives to their own account; ask a colleague".into(),
            reason_code::AGENT_SUSPENDED => {
                "giving is stopped for you; speak to whoever keeps the roster".into()
            }
            reason_code::PAUSED => format!("giving {kind} is paused at the moment"),
            other => other.to_lowercase().replace('_', " "),
        }
    }

    /// "agent-month: 42.00 EUR asked, 18.20 EUR left of 300.00 EUR; resets 1 December; up to 16.54 EUR would pass now"
    fn limit_text(&self, gesture_currency: Currency, zone: Tz) -> String {
        let limit_currency: Currency = self
            .currency
            .as_deref()
            .and_then(|code| code.parse().ok())
            .unwrap_or(gesture_currency);
        let money = |minor: i64| format!("{} {limit_currency}", limit_currency.decimal_text(minor));
        let mut parts = Vec::new();
        if let (Some(asked), Some(ceiling)) = (self.asked, self.ceiling)
            && asked > self.left.unwrap_or(ceiling)
        {
            parts.push(match self.span.as_deref() {
                Some("GESTURE") => {
                    format!("{} asked, at most {} each", money(asked), money(ceiling))
                }
                _ => format!(
                    "{} asked, {} left of {}",
                    money(asked),
                    money(self.left.unwrap_or(0)),
                    money(ceiling)
                ),
            });
        }
        if let (Some(used), Some(ceiling)) = (self.used_count, self.ceiling_count)
            && used >= ceiling
        {
            parts.push(format!("{used} of {ceiling} given"));
        }
        if let Some(resets) = self.resets {
            parts.push(format!(
                "resets {}",
                resets.with_timezone(&zone).format("%-d %B %Y")
            ));
        }
        parts.push(match self.largest_now {
            Some(largest) if largest > 0 => {
                format!(
                    "up to {} {gesture_currency} would pass now",
                    gesture_currency.decimal_text(largest)
                )
            }
            _ => "nothing would pass now".into(),
        });
        let nobody = if self.is_hard {
            " (nobody may pass this)"
        } else {
            ""
        };
        format!(
            "{}{nobody}: {}",
            self.limit.as_deref().unwrap_or("a limit"),
            parts.join("; ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro() -> Currency {
        "EUR".parse().unwrap()
    }

    #[test]
    fn a_limit_says_what_is_left_when_it_resets_and_what_would_pass() {
        let reason: Reason = serde_json::from_value(serde_json::json!({
            "code": "LIMIT_EXCEEDED", "limit": "agent-month", "subject": "AGENT", "span": "MONTH", "asked": 4200,
            "used": 28180, "ceiling": 30000, "left": 1820, "currency": "EUR", "used_count": 3, "ceiling_count": 10,
            "is_hard": false, "resets": "2026-11-30T23:00:00Z", "largest_now": 1654,
        }))
        .unwrap();
        assert_eq!(
            reason.text(euro(), Tz::Europe__Berlin),
            "agent-month: 42.00 EUR asked, 18.20 EUR left of 300.00 EUR; resets 1 December 2026; \
             up to 16.54 EUR would pass now"
        );
    }

    #[test]
    fn a_count_and_a_hard_maximum_say_so() {
        let reason: Reason = serde_json::from_value(serde_json::json!({
            "code": "LIMIT_EXCEEDED", "limit": "customer-year", "span": "YEAR", "asked": 100, "used": 500,
            "ceiling": 1000, "left": 500, "currency": "EUR", "used_count": 12, "ceiling_count": 12, "is_hard": true,
            "largest_now": 0,
        }))
        .unwrap();
        assert_eq!(
            reason.text(euro(), Tz::UTC),
            "customer-year (nobody may pass this): 12 of 12 given; nothing would pass now"
        );
    }
}
