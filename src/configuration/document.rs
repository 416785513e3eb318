//! The words of a configuration as types.
//!
//! A [`Document`] names its tenant; the rest of it is [`Normalised`]: names resolved, defaults
//! filled in, amounts in minor units, rates per minor unit. The field names of serialisation are those
//! of the JSON that Postgres compiles, so the two cannot drift apart.
//!
//! **Invariant:** what [`read`](super::read) returns has passed every check. The fields are
//! public because half a dozen readers look at them; nothing outside this folder makes one by hand
//! but from what the database kept ([`Normalised::from_json`]).

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::routing::Routing;
use super::words::{AgentType, Subject, Window};
use crate::calendar::WorkingTime;
use crate::money::{Currency, Rate};

/// A checked configuration document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The tenant's name.
    pub tenant: String,
    /// Everything else.
    pub normalised: Normalised,
}

/// A tenant's configuration in the form that is compiled, compared and kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalised {
    /// The time zone in which windows begin and end.
    #[serde(with = "time_zone")]
    pub time_zone: Tz,
    /// The ISO number of the day on which weeks begin, 1 for Monday.
    pub week_starts_on: u32,
    /// Dated rates between currencies.
    pub rates: Rates,
    /// What a caller may say about the customer.
    pub segments: Vec<String>,
    /// What a caller may say about the occasion.
    pub occasions: Vec<String>,
    /// The company rules that a gesture may waive.
    pub policies: Vec<String>,
    /// What can be given.
    pub catalog: Vec<CatalogItem>,
    /// Pooled money, as a forest.
    pub budgets: Vec<Budget>,
    /// What is counted.
    pub limits: Vec<Limit>,
    /// Named sets of maxima and rights.
    pub levels: Vec<Level>,
    /// Who is asked when an agent's own authority does not suffice. (Documents kept before there were approvals have
    /// none, as others have no calendar.)
    #[serde(default)]
    pub routing: Routing,
    /// When people work; `None`: nothing counts working hours.
    #[serde(default)]
    pub calendar: Option<WorkingTime>,
    /// The roster; `None` where the document says nothing about it and it stays as it is.
    pub agents: Option<Vec<Agent>>,
}

/// Dated rates, and how old the newest may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// A rate dated longer ago than this converts nothing.
    pub max_age_days: i64,
    /// The rates, in the order of the document.
    pub table: Vec<DatedRate>,
}

/// A rate and the local day from which it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedRate {
    /// The first day on which it may be used.
    pub on: chrono::NaiveDate,
    /// From which currency to which, and how much.
    pub rate: Rate,
}

/// A gesture kind, priced in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogItem {
    /// The gesture kind.
    pub kind: String,
    /// False: known, but nobody may give it.
    pub offered: bool,
    /// The currency of the price range.
    pub currency: Currency,
    /// The least price.
    pub min_minor: i64,
    /// The highest price.
    pub max_minor: i64,
    /// Which fields of the recipient a request must fill in.
    pub recipient: Vec<String>,
    /// Who makes it real.
    pub channel: String,
    /// How long it usually takes.
    pub lead_time_s: i64,
    /// By how much the actual cost may exceed the amount asked, in 1/10,000.
    pub tolerance_bp: i64,
    /// Above it two people must say yes; `None`: above no amount.
    #[serde(default)]
    pub dual_minor: Option<i64>,
    /// What cancelling costs once it was dispatched, in 1/10,000 of the amount; `None`: it cannot be cancelled then.
    #[serde(default)]
    pub late_cancel_bp: Option<i64>,
}

/// Pooled money per window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The budget's name.
    pub name: String,
    /// The budget that is charged along with it.
    pub parent: Option<String>,
    /// The currency of the amount.
    pub currency: Currency,
    /// How long the amount lasts.
    pub window: Window,
    /// How much there is per window.
    pub amount_minor: i64,
}

/// What is counted, and how much of it nobody passes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The limit's name.
    pub name: String,
    /// Whose use is counted.
    pub subject: Subject,
    /// When counting begins again.
    pub window: Window,
    /// The currency it counts in.
    pub currency: Currency,
    /// The kinds it counts; `None` for all.
    pub kinds: Option<Vec<String>>,
    /// The segments it counts; `None` for all.
    pub segments: Option<Vec<String>>,
    /// The occasions it counts; `None` for all.
    pub occasions: Option<Vec<String>>,
    /// The amount that nobody passes; `None` for no such amount.
    pub hard_minor: Option<i64>,
    /// The number of gestures that nobody passes; `None` for no such number.
    pub hard_count: Option<i64>,
}

/// A named set of maxima and rights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The level's name.
    pub name: String,
    /// The policies that its agents may waive.
    pub may_waive: Vec<String>,
    /// The budgets that its agents may draw on besides their own.
    pub budgets: Vec<String>,
    /// How much of each limit its agents may use up alone.
    pub maxima: Vec<Maximum>,
}

/// How much of a limit a decider may use up alone: an entry of a level, or an agent's override.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maximum {
    /// The limit's name.
    pub limit: String,
    /// The amount, in the limit's currency; `None`: bounded by `hard_max` alone.
    pub amount_minor: Option<i64>,
    /// The number of gestures; `None`: bounded by `hard_max` alone.
    pub count: Option<i64>,
    /// The kinds that the entry is about; `None` for all that have no entry of their own.
    pub kinds: Option<Vec<String>>,
}

/// Somebody or something that can ask for gestures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The agent's id, the subject of their credential.
    pub id: String,
    /// A person, a program, or the duty pool.
    #[serde(rename = "type")]
    pub agent_type: AgentType,
    /// The person behind it, where one person has several agents.
    pub person: Option<String>,
    /// The level, by name.
    pub level: String,
    /// The agent asked first.
    pub manager: Option<String>,
    /// The budget that pays where a request names none.
    pub budget: String,
    /// Customer ids that are this agent's own.
    pub own_customers: Vec<String>,
    /// Maxima that replace the level's.
    pub overrides: Vec<Maximum>,
}

/// A dated rate as it lies in JSON: per minor unit, as text, so that no reader makes a float of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateRow {
    from: Currency,
    to: Currency,
    on: chrono::NaiveDate,
    rate: String,
}

impl Serialize for DatedRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rate = self.rate.per_minor().to_string();
        RateRow {
            from: self.rate.from(),
            to: self.rate.to(),
            on: self.on,
            rate,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DatedRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = RateRow::deserialize(deserializer)?;
        let rate = Rate::parse_per_minor(&row.rate, row.from, row.to).map_err(de::Error::custom)?;
        Ok(Self { on: row.on, rate })
    }
}

/// A time zone by its IANA name.
mod time_zone {
    use super::{Deserialize, Deserializer, Serializer, Tz, de};

    pub(super) fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
