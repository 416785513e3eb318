//! What may still be given: the question and the answer.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::Agent;

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
