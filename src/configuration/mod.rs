//! A tenant's configuration: one YAML document that says who may give what, and how much.
//!
//! ```text
//! YAML text ──read──► Document ──to_json──► what Postgres compiles
//!     ▲                  │ ▲                      │
//!     └─────to_yaml──────┘ └──────from_json───────┘
//!                        │
//!                 diff, abandoned: what a change does
//! ```
//!
//! [`read`] finds every mistake at once, with its line and what would be right; it knows every rule
//! that the database would refuse, and the database checks them again. [`Normalised`] is the
//! document with names resolved and amounts in minor units; [`changes`] and [`abandoned`] compare
//! two of them for the person who is about to apply one. [`check_agents`] holds agents that are put
//! without a document to the same rules.
//!
//! **Invariant:** all but `versions` and `store` is pure: text and values in, values out. What is in
//! force is the database's to say, and whether a document may be applied is decided there.
//!
//! | file | what |
//! |---|---|
//! | `document`, `routing`, `words` | the words of a configuration as types |
//! | `yaml` | text to a tree with lines; the only user of the YAML library |
//! | `check/` | the tree to a document, or all mistakes |
//! | `mistake`, `near` | how a mistake is told; "did you mean" |
//! | `normal`, `print` | to JSON and back; to YAML |
//! | `diff` | what changes from one configuration to the next |
//! | `bounds` | how much of everything is possible |
//! | `versions` | the use cases: plan, apply, read, put agents |
//! | `store` | every statement about configurations |

pub mod bounds;
mod check;
mod diff;
mod document;
#[cfg(test)]
mod example_tests;
mod facts;
mod mistake;
mod near;
mod normal;
mod print;
mod routing;
mod store;
mod versions;
mod words;
mod yaml;

pub use check::{AgentEntry, OverrideEntry, check_agents, read};
pub use diff::{Change, ChangeKind, LimitIdentity, abandoned, changes};
pub use document::{
    Agent, Budget, CatalogItem, DatedRate, Document, Level, Limit, Maximum, Normalised, Rates,
};
pub use mistake::Mistake;
pub use routing::{Routing, RoutingRule};
pub use versions::{AbandonedLimit, Configurations, Plan, Version};
pub use words::{AgentType, BREAK_GLASS, RECIPIENT_FIELDS, SilenceRule, Subject, WEEKDAYS, Window};
