//! The decision, rule by rule, as the rules are told.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::document::{Agent, Item};
use super::limits_met::{BREAK_GLASS, Met, explained};
use super::money::{convert, hold, largest, rate};
use super::{Key, Member, Model, Told, calendar};
use crate::support::kernel::Asked;

impl Model {
    /// What is answered, and what is charged if it is a yes.
    pub(super) fn decide(&self, now: DateTime<Utc>, asked: &Asked) -> (Told, Vec<(Key, i64)>) {
        let (told, charged) = self.decide_on(&self.counters, now, asked);
        let is_charged = told.outcome == "APPROVED";
        (told, if is_charged { charged } else { Vec::new() })
    }

    /// What would be answered if so much were used, and what was in the way of nothing.
    pub fn decide_on(
        &self,
        counters: &HashMap<Key, (i64, i32)>,
        now: DateTime<Utc>,
        asked: &Asked,
    ) -> (Told, Vec<(Key, i64)>) {
        let document = &self.document;
        let day = now.with_timezone(&self.zone).date_naive();
        let member = self.members.get(&asked.agent);
        let is_active = member.is_some_and(Member::is_active);
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
                .and_then(|key| counters.get(key))
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
            agent.is_some_and(|agent| self.owns(agent, &asked.customer)),
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
        if let Some(ceiling) = item.and_then(|item| item.dual_minor)
            && asked.amount > ceiling
        {
            reasons.push(format!("DUAL_CONTROL {} above {ceiling}", asked.amount));
        }
        if asked.is_glass && !met.iter().any(|met| met.name == BREAK_GLASS) {
            reasons.push("BREAK_GLASS_NOT_ALLOWED".into());
        }
        (reasons, can_anybody)
    }

    /// Whether a customer is an account of whoever is behind this agent, through any of their agents.
    fn owns(&self, agent: &Agent, customer: &String) -> bool {
        let others = self.members.values().map(|member| &member.agent);
        others
            .filter(|other| other.person() == agent.person())
            .any(|other| other.own_customers.contains(customer))
    }
}
