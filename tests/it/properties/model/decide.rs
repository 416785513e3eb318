//! The decision, rule by rule, as the rules are told.

use chrono::{DateTime, Utc};

use super::document::{Agent, Entry, Item, Limit};
use super::money::{convert, hold, largest, rate};
use super::{Key, Model, Told, calendar};
use crate::support::kernel::Asked;

/// A limit that a request meets, with the decider's own maximum.
struct Met {
    name: String,
    subject: String,
    span: String,
    currency: String,
    hard: i64,
    hard_count: i32,
    max: i64,
    max_count: i32,
    grants: bool,
}

const UNBOUNDED: i64 = 1_000_000_000_000_000_000;
const UNCOUNTED: i32 = i32::MAX;

impl Model {
    /// What is answered, and what is charged if it is a yes.
    pub(super) fn decide(&self, now: DateTime<Utc>, asked: &Asked) -> (Told, Vec<(Key, i64)>) {
        let document = &self.document;
        let day = now.with_timezone(&self.zone).date_naive();
        let member = self.members.get(&asked.agent);
        let is_active = member.is_some_and(|member| member.is_listed && !member.is_suspended);
        let agent = member.map(|member| &member.agent);
        let item = document
            .catalog
            .iter()
            .find(|item| item.kind == asked.kind && item.currency == asked.currency);
        let is_offered = item.is_some_and(|item| item.offered);
        let budget = asked
            .budget
            .clone()
            .or(agent.map(|agent| agent.budget.clone()));
        let met = self.met(
            member
                .filter(|member| member.is_listed)
                .map(|member| &member.agent),
            asked,
            budget.as_deref(),
        );
        let rate_to = |currency: &str| rate(document, &asked.currency, currency, day);
        let has_rate =
            |met: &Met| met.currency == asked.currency || rate_to(&met.currency).is_some();

        let mut faults: Vec<String> = Vec::new();
        let mut fault = |is_so: bool, code: &str| {
            if is_so {
                faults.push(code.to_owned());
            }
        };
        let is_budget_known = met.iter().any(|met| met.subject == "BUDGET");
        fault(agent.is_none(), "AGENT_UNKNOWN");
        fault(
            !document.catalog.iter().any(|item| item.kind == asked.kind),
            "KIND_UNKNOWN",
        );
        fault(
            budget.is_some() && !is_budget_known && (asked.budget.is_some() || is_active),
            "BUDGET_UNKNOWN",
        );
        fault(
            asked
                .segment
                .as_ref()
                .is_some_and(|name| !document.segments.contains(name)),
            "SEGMENT_UNKNOWN",
        );
        fault(
            asked
                .occasion
                .as_ref()
                .is_some_and(|name| !document.occasions.contains(name)),
            "OCCASION_UNKNOWN",
        );
        fault(
            met.iter().any(|met| met.subject == "CASE") && asked.case_id.is_none(),
            "CASE_MISSING",
        );
        fault(asked.promise_by.is_some_and(|by| by < now), "PROMISE_PAST");
        fault(is_offered && !met.iter().all(has_rate), "RATE_MISSING");
        let replaced = asked
            .replaces
            .map(|id| self.decided.get(&id).map(|decided| &decided.asked.customer));
        fault(
            replaced.is_some_and(|customer| customer != Some(&asked.customer)),
            "REPLACES_UNKNOWN",
        );
        for policy in &asked.waived {
            fault(
                !document.policies.contains(policy),
                &format!("POLICY_UNKNOWN {policy}"),
            );
        }
        if !faults.is_empty() {
            let told = Told {
                outcome: "INVALID".into(),
                reasons: faults.into_iter().collect(),
                replayed: false,
            };
            return (told, Vec::new());
        }

        let (mut reasons, mut can_anybody) = self.broken_rules(
            asked,
            item,
            is_active,
            agent,
            member.is_some_and(|m| m.is_listed),
            budget.as_deref(),
            &met,
        );
        let mut charged = Vec::new();
        for met in &met {
            let charge = |amount: i64| {
                let base = match met.span.as_str() {
                    "GESTURE" => amount,
                    _ => hold(amount, item.map_or(0, |item| item.tolerance_bp)),
                };
                if met.currency == asked.currency {
                    base
                } else {
                    convert(base, rate_to(&met.currency).unwrap_or("0"))
                }
            };
            if !has_rate(met) {
                continue;
            }
            let window = calendar::window(&met.span, now, self.zone, document.week_starts_on);
            let key = window.map(|window| self.key(met, asked, window));
            let (used, pieces) = key
                .as_ref()
                .and_then(|key| self.counters.get(key))
                .copied()
                .unwrap_or_default();
            let amount = charge(asked.amount);
            if used + amount > met.max || pieces >= met.max_count {
                let is_hard = used + amount > met.hard || pieces >= met.hard_count;
                can_anybody &= !is_hard;
                let (ceiling, ceiling_count) = if is_hard {
                    (met.hard, met.hard_count)
                } else {
                    (met.max, met.max_count)
                };
                let largest = if pieces < met.max_count {
                    largest(met.max - used, charge)
                } else {
                    0
                };
                reasons.push(explained(
                    met,
                    window,
                    self.zone,
                    amount,
                    used,
                    pieces,
                    ceiling,
                    ceiling_count,
                    is_hard,
                    largest,
                ));
            } else if let Some(key) = key {
                charged.push((key, amount));
            }
        }
        let outcome = match (reasons.is_empty(), can_anybody) {
            (true, _) => "APPROVED",
            (false, true) => "NEEDS_APPROVAL",
            (false, false) => "DECLINED",
        };
        if outcome != "APPROVED" {
            charged.clear();
        }
        let told = Told {
            outcome: outcome.into(),
            reasons: reasons.into_iter().collect(),
            replayed: false,
        };
        (told, charged)
    }

    /// Which rules are broken whatever the counters say, and whether somebody else could say yes.
    #[expect(clippy::too_many_arguments, reason = "each is a fact of the request")]
    fn broken_rules(
        &self,
        asked: &Asked,
        item: Option<&Item>,
        is_active: bool,
        agent: Option<&Agent>,
        is_listed: bool,
        budget: Option<&str>,
        met: &[Met],
    ) -> (Vec<String>, bool) {
        let level = agent.filter(|_| is_listed).and_then(|agent| {
            self.document
                .levels
                .iter()
                .find(|level| level.name == agent.level)
        });
        let paused =
            |scope: &str, name: &str| self.pauses.contains(&(scope.to_owned(), name.to_owned()));
        let mut final_nos = Vec::new();
        let mut no = |is_so: bool, code: &str| {
            if is_so {
                final_nos.push(code.to_owned());
            }
        };
        no(!is_active, "AGENT_SUSPENDED");
        no(!item.is_some_and(|item| item.offered), "KIND_NOT_OFFERED");
        no(
            paused("TENANT", "")
                || paused("KIND", &asked.kind)
                || item.is_some_and(|item| paused("CHANNEL", &item.channel)),
            "PAUSED",
        );
        no(
            item.is_some_and(|item| !(item.min_minor..=item.max_minor).contains(&asked.amount)),
            "AMOUNT_OUT_OF_RANGE",
        );
        no(
            agent.is_some_and(|agent| agent.own_customers.contains(&asked.customer)),
            "OWN_ACCOUNT",
        );
        let can_anybody = final_nos.is_empty();

        let mut reasons = final_nos;
        if let Some(level) = level {
            let not_theirs = asked
                .waived
                .iter()
                .filter(|policy| !level.may_waive.contains(policy));
            reasons.extend(not_theirs.map(|policy| format!("POLICY_NOT_WAIVABLE {policy}")));
            let budget = budget.unwrap_or_default();
            if agent.is_some_and(|agent| agent.budget != budget)
                && !level.budgets.iter().any(|name| name == budget)
            {
                reasons.push(format!("BUDGET_NOT_ALLOWED {budget}"));
            }
        }
        if item.is_some_and(|item| item.offered) && !met.iter().any(|met| met.grants) {
            reasons.push("NO_AUTHORITY".into());
        }
        (reasons, can_anybody)
    }

    /// The limits that this request would charge. `agent`: none where nobody's maxima count.
    fn met(&self, agent: Option<&Agent>, asked: &Asked, budget: Option<&str>) -> Vec<Met> {
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
                met.push(Met {
                    name: limit.name.clone(),
                    subject: limit.subject.clone(),
                    span: limit.window.clone(),
                    currency: limit.currency.clone(),
                    hard,
                    hard_count,
                    max: amount.unwrap_or(hard),
                    max_count: entry.and_then(|entry| entry.count).unwrap_or(hard_count),
                    grants: limit.subject == "AGENT" && amount.is_some(),
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

    fn key(&self, met: &Met, asked: &Asked, window: calendar::Window) -> Key {
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
fn explained(
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
