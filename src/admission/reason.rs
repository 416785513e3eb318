//! What stands in the way, as the kernel states it, and the same in the words of people.

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
    /// Above this amount nobody decides alone.
    pub const DUAL_CONTROL: &str = "DUAL_CONTROL";
    /// The level may not break the glass.
    pub const BREAK_GLASS_NOT_ALLOWED: &str = "BREAK_GLASS_NOT_ALLOWED";
    /// Nobody above could ever say yes.
    pub const NOBODY_CAN_APPROVE: &str = "NOBODY_CAN_APPROVE";
    /// Of a standing: this would not be the other of two people.
    pub const SECOND_PERSON_NEEDED: &str = "SECOND_PERSON_NEEDED";
    /// Of a yes: the agent who asked may give nothing at the moment.
    pub const REQUESTER_SUSPENDED: &str = "REQUESTER_SUSPENDED";
    /// Of a yes: the authority is not lent for this kind.
    pub const NOT_LENT: &str = "NOT_LENT";
    /// Of a yes: more than is lent per gesture.
    pub const MORE_THAN_LENT: &str = "MORE_THAN_LENT";
    /// Of a yes: the promise has passed meanwhile.
    pub const PROMISE_PAST: &str = "PROMISE_PAST";
    /// Of a yes: a limit cannot be compared with the amount.
    pub const RATE_MISSING: &str = "RATE_MISSING";
    /// Of a yes: a limit per case covers the gesture by now.
    pub const CASE_MISSING: &str = "CASE_MISSING";
    /// Of a yes: the configuration has lost the kind.
    pub const KIND_UNKNOWN: &str = "KIND_UNKNOWN";
    /// Of a yes: the configuration has lost the budget.
    pub const BUDGET_UNKNOWN: &str = "BUDGET_UNKNOWN";
    /// Of a yes: the configuration has lost the policy.
    pub const POLICY_UNKNOWN: &str = "POLICY_UNKNOWN";
    /// Of a yes: the configuration has lost the segment.
    pub const SEGMENT_UNKNOWN: &str = "SEGMENT_UNKNOWN";
    /// Of a yes: the configuration has lost the occasion.
    pub const OCCASION_UNKNOWN: &str = "OCCASION_UNKNOWN";
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
    /// The field of the recipient that is missing.
    pub field: Option<String>,
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

impl Reason {
    /// The reason of a question that could be put to nobody.
    pub fn nobody_can_approve() -> Self {
        Self {
            code: reason_code::NOBODY_CAN_APPROVE.into(),
            ..Self::default()
        }
    }

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
            other => self.approval_text(other, gesture_currency),
        }
    }

    /// The reasons that have to do with others: what nobody does alone, and what may stand in the way of a yes.
    fn approval_text(&self, code: &str, gesture_currency: Currency) -> String {
        let kind = self.kind.as_deref().unwrap_or("this kind");
        match code {
            reason_code::DUAL_CONTROL => match self.ceiling {
                Some(ceiling) => format!(
                    "above {} {gesture_currency} of {kind} two people must say yes",
                    gesture_currency.decimal_text(ceiling)
                ),
                None => format!("two people must say yes to so much of {kind}"),
            },
            reason_code::BREAK_GLASS_NOT_ALLOWED => "your level may not break the glass".into(),
            reason_code::NOBODY_CAN_APPROVE => {
                "nobody above you, nor the duty pool, could ever say yes to this".into()
            }
            reason_code::SECOND_PERSON_NEEDED => {
                "two people must say yes, and you would not be the other one".into()
            }
            reason_code::REQUESTER_SUSPENDED => "giving is stopped for the agent who asked".into(),
            reason_code::NOT_LENT => format!("this authority is not lent to you for {kind}"),
            reason_code::MORE_THAN_LENT => {
                let currency = self.currency_or(gesture_currency);
                format!(
                    "{} {currency} asked, at most {} {currency} each are lent to you",
                    currency.decimal_text(self.asked.unwrap_or_default()),
                    currency.decimal_text(self.ceiling.unwrap_or_default())
                )
            }
            reason_code::PROMISE_PAST => "what was promised lies in the past by now".into(),
            reason_code::RATE_MISSING => format!(
                "there is no rate from {gesture_currency} to {} that is new enough",
                self.to.as_deref().unwrap_or("another currency")
            ),
            reason_code::CASE_MISSING => {
                "a limit per case covers this by now, and it names no case".into()
            }
            reason_code::KIND_UNKNOWN => "the catalog does not have this kind any more".into(),
            reason_code::BUDGET_UNKNOWN => "the configuration has lost its budget".into(),
            reason_code::POLICY_UNKNOWN => format!(
                "the configuration has no policy {} any more",
                self.policy.as_deref().unwrap_or("of that name")
            ),
            reason_code::SEGMENT_UNKNOWN => "the configuration has lost its segment".into(),
            reason_code::OCCASION_UNKNOWN => "the configuration has lost its occasion".into(),
            other => other.to_lowercase().replace('_', " "),
        }
    }

    /// Whether it stands in the way of one authority, so that another might do.
    pub(super) fn concerns_one_authority(&self) -> bool {
        match self.code.as_str() {
            reason_code::LIMIT_EXCEEDED => !self.is_hard,
            reason_code::NO_AUTHORITY
            | reason_code::POLICY_NOT_WAIVABLE
            | reason_code::BUDGET_NOT_ALLOWED
            | reason_code::DUAL_CONTROL
            | reason_code::SECOND_PERSON_NEEDED
            | reason_code::BREAK_GLASS_NOT_ALLOWED
            | reason_code::NOT_LENT
            | reason_code::MORE_THAN_LENT => true,
            _ => false,
        }
    }

    /// The currency of a limit, or of what is lent; the gesture's own where none is named.
    fn currency_or(&self, own: Currency) -> Currency {
        self.currency
            .as_deref()
            .and_then(|code| code.parse().ok())
            .unwrap_or(own)
    }

    /// "agent-month: 42.00 EUR asked, 18.20 EUR left of 300.00 EUR; resets 1 December; up to 16.54 EUR would pass now"
    fn limit_text(&self, gesture_currency: Currency, zone: Tz) -> String {
        let limit_currency = self.currency_or(gesture_currency);
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
    fn what_is_lent_is_told_in_its_own_currency() {
        let reason: Reason = serde_json::from_value(serde_json::json!({
            "code": "MORE_THAN_LENT", "asked": 7000, "ceiling": 5000, "currency": "USD",
        }))
        .unwrap();
        assert_eq!(
            reason.text(euro(), Tz::UTC),
            "70.00 USD asked, at most 50.00 USD each are lent to you"
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
