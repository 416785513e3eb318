//! A tenant's configuration: the YAML document, its checks, its normal form, and what changes.

pub mod bounds;
mod check;
mod diff;
mod document;
#[cfg(test)]
mod examples;
mod mistake;
mod near;
mod normal;
mod print;
mod store;
mod versions;
mod words;
mod yaml;

pub use check::{AgentEntry, OverrideEntry, check_agents, read};
pub use diff::{Change, ChangeKind, LimitIdentity};
pub use document::{
    Agent, Budget, CatalogItem, DatedRate, Document, Level, Limit, Maximum, Normalised, Rates,
};
pub use mistake::Mistake;
pub use versions::{AbandonedLimit, Configurations, Plan, Version};
pub use words::{AgentType, RECIPIENT_FIELDS, Subject, WEEKDAYS, Window};
