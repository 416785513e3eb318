//! The section `routing`: who is asked when an agent's own authority does not suffice, and how long.
//!
//! A rule says all of it: what the document leaves out of one is filled in from the section when it is read, so whoever
//! compiles, compares or prints a rule looks at nothing else.

use serde::{Deserialize, Serialize};

use super::words::SilenceRule;
use crate::calendar::Clock;

/// Who is asked and how long, where no rule says otherwise, and the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// How long one person is asked before the next is added.
    pub answer_within_s: i64,
    /// How long the question is open.
    pub expire_after_s: i64,
    /// What it means that nobody answered.
    pub on_silence: SilenceRule,
    /// Which time counts for both.
    pub clock: Clock,
    /// By when the manager reviews a broken glass.
    pub review_within_s: i64,
    /// The agent of type POOL that is asked last.
    pub duty_pool: Option<String>,
    /// The people who answer in its authority.
    pub duty_members: Vec<String>,
    /// The first that matches wins.
    pub rules: Vec<RoutingRule>,
}

/// How long is waited for some gestures, and what silence means for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingRule {
    /// The kinds it is about; `None` for all.
    pub kinds: Option<Vec<String>>,
    /// The segments it is about; `None` for all.
    pub segments: Option<Vec<String>>,
    /// The occasions it is about; `None` for all.
    pub occasions: Option<Vec<String>>,
    /// As in [`Routing`].
    pub answer_within_s: i64,
    /// As in [`Routing`].
    pub expire_after_s: i64,
    /// As in [`Routing`].
    pub on_silence: SilenceRule,
    /// As in [`Routing`].
    pub clock: Clock,
}

/// What holds for a tenant who says nothing of it. Postgres takes the same where it has no rows.
impl Default for Routing {
    fn default() -> Self {
        Self {
            answer_within_s: 4 * 60 * 60,
            expire_after_s: 72 * 60 * 60,
            on_silence: SilenceRule::Expire,
            clock: Clock::Always,
            review_within_s: 72 * 60 * 60,
            duty_pool: None,
            duty_members: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl RoutingRule {
    /// The filters by name, in the order of a document.
    pub(super) fn filters(&self) -> [(&'static str, Option<&[String]>); 3] {
        [
            ("kinds", self.kinds.as_deref()),
            ("segments", self.segments.as_deref()),
            ("occasions", self.occasions.as_deref()),
        ]
    }

    /// Whether it matches everything that another one matches.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let pairs = self.filters().into_iter().zip(other.filters());
        pairs
            .into_iter()
            .all(|((_, own), (_, other))| match (own, other) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(own), Some(other)) => other.iter().all(|name| own.contains(name)),
            })
    }
}
