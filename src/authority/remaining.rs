//! What may still be given: the question and the answer.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::Agent;
use crate::problem::{Problem, Violation, Wrong};

/// For whom and when; unset fields leave out the limits that would need them.
#[derive(Debug, Clone, Default)]
pub struct RemainingQuestion {
    /// Shows the limits per customer.
    pub customer: Option<String>,
    /// Shows the limits per case.
    pub case_id: Option<String>,
    /// As a request would say.
    pub segment: Option<String>,
    /// As a request would say.
    pub occasion: Option<String>,
    /// None: the agent's own.
    pub budget: Option<String>,
    /// None: now. An earlier instant is recomputed from the holds, under today's maxima.
    pub at: Option<DateTime<Utc>>,
}

impl RemainingQuestion {
    /// What the question names must exist. The matching says so at each entry of the catalog, as it would of a request.
    pub(super) fn is_known(&self, items: &[ItemAuthority]) -> Result<(), Problem> {
        let named = [
            ("segment", Wrong::SegmentUnknown, &self.segment),
            ("occasion", Wrong::OccasionUnknown, &self.occasion),
            ("budget", Wrong::BudgetUnknown, &self.budget),
        ];
        let unknown: Vec<Violation> = named
            .into_iter()
            .filter(|(_, _, name)| name.is_some())
            .filter(|(_, wrong, _)| {
                let says_so =
                    |item: &ItemAuthority| item.problems.iter().any(|code| code == wrong.name());
                items.iter().any(says_so)
            })
            .map(|(field, wrong, _)| {
                Violation::new(
                    field,
                    wrong,
                    format!("the configuration has no such {field}"),
                )
            })
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(Problem::Invalid(unknown))
        }
    }
}

/// What an agent may give, kind by kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Whose.
    pub agent: Agent,
    /// As of when.
    pub at: DateTime<Utc>,
    /// An entry of the catalog each, by kind and currency.
    pub items: Vec<ItemAuthority>,
    /// Under which configuration.
    pub configuration_version: i32,
}

/// What may still be given of one entry of the catalog.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemAuthority {
    /// Kind.
    pub kind: String,
    /// ISO 4217.
    pub currency: String,
    /// Whether it is given at all.
    pub is_offered: bool,
    /// Whether it is paused.
    pub is_paused: bool,
    /// Price range, minor units.
    pub min_minor: i64,
    /// Price range, minor units.
    pub max_minor: i64,
    /// Codes that refuse any amount.
    pub problems: Vec<String>,
    /// The largest amount that would pass now; none without authority.
    pub largest_now: Option<i64>,
    /// The limits that bind it.
    pub limits: Vec<LimitUse>,
}

/// How much of one limit is used. Amounts are minor units of `currency`, but for `largest_now`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LimitUse {
    /// Its name.
    pub limit: String,
    /// AGENT, CUSTOMER ….
    pub subject: String,
    /// GESTURE, DAY ….
    pub span: String,
    /// ISO 4217.
    pub currency: String,
    /// Used so far.
    pub used: i64,
    /// Counted so far.
    pub used_count: Option<i32>,
    /// At most; none: unbounded.
    pub ceiling: Option<i64>,
    /// At most; none: unbounded.
    pub ceiling_count: Option<i32>,
    /// Left; none: unbounded.
    pub left: Option<i64>,
    /// When the window began.
    pub window_start: Option<DateTime<Utc>>,
    /// When counting begins anew.
    pub resets: Option<DateTime<Utc>>,
    /// The largest amount that would pass this limit now, in the item's currency.
    pub largest_now: Option<i64>,
}
