//! Which limits a request meets, under which maximum of the decider, and how a full one is explained.

use chrono::{DateTime, Utc};

use super::document::{Agent, Entry, Limit};
use super::{Key, Model, calendar};
use crate::support::kernel::Asked;

/// A limit that a request meets, with the decider's own maximum.
pub(super) struct Met {
    pub(super) name: String,
    pub(super) subject: String,
    pub(super) span: String,
    pub(super) currency: String,
    pub(super) hard: i64,
    pub(super) hard_count: i32,
    pub(super) max: i64,
    pub(super) max_count: i32,
    pub(super) grants: bool,
}

/// The limit that only breaking the glass charges, and that it does not lift.
pub(super) const BREAK_GLASS: &str = "break_glass";

const UNBOUNDED: i64 = 1_000_000_000_000_000_000;
const UNCOUNTED: i32 = i32::MAX;

impl Model {
    /// The limits that this request would charge. `agent`: none where nobody's maxima count.
    pub(super) fn met(
        &self,
        agent: Option<&Agent>,
        asked: &Asked,
        budget: Option<&str>,
    ) -> Vec<Met> {
        let document = &self.document;
        let mut met = Vec::new();
        let is_kind_known = document.catalog.iter().any(|item| item.kind == asked.kind);
        let covers = |filter: &Option<Vec<String>>, value: Option<&String>| match filter {
            None => true,
            Some(names) => value.is_some_and(|value| names.contains(value)),
        };
        if let Some(agent) = agent.filter(|_| is_kind_known) {
            for limit in &document.limits {
                if !covers(&limit.kinds, Some(&asked.kind))
                    || !covers(&limit.segments, asked.segment.as_ref())
                    || !covers(&limit.occasions, asked.occasion.as_ref())
                {
                    continue;
                }
                let is_glass = limit.name == BREAK_GLASS;
                if is_glass && !asked.is_glass {
                    continue;
                }
                let entry = self.entry(agent, limit, &asked.kind);
                if entry.is_none()
                    && ["AGENT", "AGENT_AND_CUSTOMER"].contains(&limit.subject.as_str())
                {
                    continue;
                }
                let (hard, hard_count) = (
                    limit.hard_minor.unwrap_or(UNBOUNDED),
                    limit.hard_count.unwrap_or(UNCOUNTED),
                );
                let amount = entry.and_then(|entry| entry.amount_minor);
                let count = entry.and_then(|entry| entry.count);
                // who breaks the glass goes up to hard_max everywhere, but for what counts broken glass: that is full at
                // their own maximum, and full it asks somebody else
                let is_lifted = asked.is_glass && !is_glass;
                met.push(Met {
                    name: limit.name.clone(),
                    subject: limit.subject.clone(),
                    span: limit.window.clone(),
                    currency: limit.currency.clone(),
                    hard: if is_glass { UNBOUNDED } else { hard },
                    hard_count: if is_glass { UNCOUNTED } else { hard_count },
                    max: amount.filter(|_| !is_lifted).unwrap_or(hard),
                    max_count: count.filter(|_| !is_lifted).unwrap_or(hard_count),
                    grants: limit.subject == "AGENT" && amount.is_some() && !is_glass,
                });
            }
        }
        let mut next = budget.map(str::to_owned);
        while let Some(budget) =
            next.and_then(|name| document.budgets.iter().find(|budget| budget.name == name))
        {
            met.push(Met {
                name: budget.name.clone(),
                subject: "BUDGET".into(),
                span: budget.window.clone(),
                currency: budget.currency.clone(),
                hard: budget.amount_minor,
                hard_count: UNCOUNTED,
                max: budget.amount_minor,
                max_count: UNCOUNTED,
                grants: false,
            });
            next = budget.parent.clone();
        }
        met
    }

    /// Under which AGENT maxima an agent may give a kind, in which currencies. None: no authority for it.
    pub fn authority(&self, agent: &str, kind: &str) -> Vec<(String, i64)> {
        let agent = &self.members[agent].agent;
        let limits = self.document.limits.iter().filter(|limit| {
            let kinds = limit.kinds.as_ref();
            limit.subject == "AGENT"
                && limit.name != BREAK_GLASS
                && kinds.is_none_or(|kinds| kinds.iter().any(|name| name == kind))
        });
        limits
            .filter_map(|limit| {
                let amount = self.entry(agent, limit, kind)?.amount_minor?;
                Some((limit.currency.clone(), amount))
            })
            .collect()
    }

    /// What the agent's overrides, else their level, say of a limit and a kind; who names the kind says it first.
    fn entry<'m>(&'m self, agent: &'m Agent, limit: &Limit, kind: &str) -> Option<&'m Entry> {
        let level = self
            .document
            .levels
            .iter()
            .find(|level| level.name == agent.level)?;
        [&agent.overrides, &level.maxima]
            .into_iter()
            .find_map(|entries| {
                let of_limit = || entries.iter().filter(|entry| entry.limit == limit.name);
                of_limit()
                    .find(|entry| {
                        entry
                            .kinds
                            .as_ref()
                            .is_some_and(|kinds| kinds.iter().any(|name| name == kind))
                    })
                    .or_else(|| of_limit().find(|entry| entry.kinds.is_none()))
            })
    }

    pub(super) fn key(&self, met: &Met, asked: &Asked, window: calendar::Window) -> Key {
        let whose = match met.subject.as_str() {
            "AGENT" => asked.agent.clone(),
            "AGENT_AND_CUSTOMER" => format!("{} {}", asked.agent, asked.customer),
            "CUSTOMER" => asked.customer.clone(),
            "CASE" => asked.case_id.clone().unwrap_or_default(),
            _ => String::new(),
        };
        (
            met.name.clone(),
            met.subject.clone(),
            met.span.clone(),
            met.currency.clone(),
            whose,
            window,
        )
    }
}

/// The reason of a limit in canonical words; `super::super::agreement` words the kernel's in the same way.
#[expect(clippy::too_many_arguments, reason = "a reason has many parts")]
pub(super) fn explained(
    met: &Met,
    window: Option<calendar::Window>,
    zone: chrono_tz::Tz,
    asked: i64,
    used: i64,
    pieces: i32,
    ceiling: i64,
    ceiling_count: i32,
    is_hard: bool,
    largest: i64,
) -> String {
    let instant = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let start = window.and_then(|window| window.0);
    let (from, to) = match start {
        Some(day) => (
            instant(calendar::begins(day, zone)),
            instant(calendar::begins(calendar::end(&met.span, day), zone)),
        ),
        None => ("-".into(), "-".into()),
    };
    let bound = |value: i64, none: i64| {
        if value == none {
            "-".into()
        } else {
            value.to_string()
        }
    };
    let left = if ceiling == UNBOUNDED {
        "-".to_owned()
    } else {
        (ceiling - used).max(0).to_string()
    };
    format!(
        "LIMIT_EXCEEDED {} {} {} {}: asked {asked} used {used} of {} left {left}, pieces {pieces} of {}, hard {is_hard}, \
         from {from} to {to}, largest {largest}",
        met.name,
        met.subject,
        met.span,
        met.currency,
        bound(ceiling, UNBOUNDED),
        bound(ceiling_count.into(), UNCOUNTED.into()),
    )
}
