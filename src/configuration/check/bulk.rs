//! Agents that are put in bulk, without a document: the same rules, the same words.

use super::super::bounds::{AGENTS_MAX, COUNT_MAX, MAXIMA_MAX, OWN_CUSTOMERS_MAX};
use super::super::document::{Agent, Maximum, Normalised};
use super::super::mistake::{Findings, Mistake};
use super::super::words::AgentType;
use super::agents::check_reporting_lines;
use super::names::{Known, check_unique};
use super::scalars::name_problem;
use super::spot::Spot;
use super::{authority, duty_pool, levels};
use crate::money::Money;

/// An agent as a caller puts it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentEntry {
    /// The agent's id.
    pub id: String,
    /// A person, a program, or the duty pool.
    pub agent_type: AgentType,
    /// The person behind it; `None` where that is the agent alone.
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
    pub overrides: Vec<OverrideEntry>,
}

/// A maximum that replaces the level's.
#[derive(Debug, Clone, PartialEq)]
pub struct OverrideEntry {
    /// The limit's name.
    pub limit: String,
    /// The amount; `None`: bounded by `hard_max` alone.
    pub amount: Option<Money>,
    /// The number of gestures; `None`: bounded by `hard_max` alone.
    pub count: Option<i64>,
    /// The kinds it is about; empty for all.
    pub kinds: Vec<String>,
}

impl From<&AgentEntry> for Agent {
    fn from(entry: &AgentEntry) -> Self {
        Self {
            id: entry.id.clone(),
            agent_type: entry.agent_type,
            person: entry.person.clone(),
            level: entry.level.clone(),
            manager: entry.manager.clone(),
            budget: entry.budget.clone(),
            own_customers: entry.own_customers.clone(),
            overrides: entry.overrides.iter().map(Maximum::from).collect(),
        }
    }
}

impl From<&OverrideEntry> for Maximum {
    fn from(entry: &OverrideEntry) -> Self {
        Self {
            limit: entry.limit.clone(),
            amount_minor: entry.amount.map(Money::minor),
            count: entry.count,
            kinds: (!entry.kinds.is_empty()).then(|| entry.kinds.clone()),
        }
    }
}

/// Checks agents that are put in bulk against the configuration in force, whose `agents` are the
/// roster. Paths begin with `agents[0]`; there are no lines.
#[must_use]
pub fn check_agents(entries: &[AgentEntry], in_force: &Normalised) -> Vec<Mistake> {
    let findings = Findings::default();
    let known = Known::of_normalised(in_force, entries.iter().map(|entry| entry.id.clone()));
    let section = Spot::without_text("agents".to_owned(), &findings);
    if entries.len() > AGENTS_MAX {
        section.tell(format!(
            "has {} agents and at most {AGENTS_MAX} are possible",
            entries.len()
        ));
        return findings.into_mistakes();
    }
    let mut agents = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let (spot, before) = (section.item(index), findings.count());
        check_entry(&spot, entry, in_force, &known);
        if findings.count() == before {
            agents.push((spot, Agent::from(entry)));
        }
    }
    check_unique(&agents, "id", "agent", |agent: &Agent| &agent.id);
    check_reporting_lines(&agents, in_force.agents.as_deref().unwrap_or_default());
    authority::check_agents_of(
        &agents,
        in_force.levels.iter(),
        in_force.limits.iter(),
        &known,
    );
    findings.into_mistakes()
}

fn check_entry(spot: &Spot<'_>, entry: &AgentEntry, in_force: &Normalised, known: &Known) {
    let names = [("id", Some(&entry.id)), ("person", entry.person.as_ref())];
    for (field, name) in names
        .into_iter()
        .filter_map(|(field, name)| Some((field, name?)))
    {
        if let Some(problem) = name_problem(name) {
            spot.field(field).tell(problem);
        }
    }
    check_duty_pool(&spot.field("type"), entry, in_force);
    known.levels.check(&spot.field("level"), &entry.level);
    if entry.budget.is_empty() {
        spot.field("budget")
            .tell("is missing: every agent has a budget, which pays where a request names none");
    } else {
        known.budgets.check(&spot.field("budget"), &entry.budget);
    }
    if let Some(manager) = &entry.manager {
        known.agents.check(&spot.field("manager"), manager);
    }
    check_own_customers(&spot.field("own_customer_ids"), &entry.own_customers);
    check_override_entries(&spot.field("overrides"), &entry.overrides, in_force, known);
}

/// Who has a place in the duty pool in force keeps the type that it takes.
fn check_duty_pool(spot: &Spot<'_>, entry: &AgentEntry, in_force: &Normalised) {
    let routing = &in_force.routing;
    let needed = if routing.duty_pool.as_ref() == Some(&entry.id) {
        AgentType::Pool
    } else if routing.duty_members.contains(&entry.id) {
        AgentType::Human
    } else {
        return;
    };
    if entry.agent_type != needed {
        spot.tell(duty_pool::of_another_type(
            &entry.id,
            needed,
            entry.agent_type,
        ));
    }
}

fn check_own_customers(spot: &Spot<'_>, ids: &[String]) {
    if ids.len() > OWN_CUSTOMERS_MAX {
        spot.tell(format!(
            "has {} customer ids and at most {OWN_CUSTOMERS_MAX} are possible",
            ids.len()
        ));
    }
    for (index, id) in ids.iter().enumerate() {
        if let Some(problem) = name_problem(id) {
            spot.item(index).tell(problem);
        }
    }
}

fn check_override_entries(
    spot: &Spot<'_>,
    entries: &[OverrideEntry],
    in_force: &Normalised,
    known: &Known,
) {
    if entries.len() > MAXIMA_MAX {
        spot.tell(format!(
            "has {} overrides and at most {MAXIMA_MAX} are possible",
            entries.len()
        ));
        return;
    }
    let mut maxima = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let spot = spot.item(index);
        known.limits.check(&spot.field("limit"), &entry.limit);
        known.kinds.check_all(&spot.field("kinds"), &entry.kinds);
        if entry
            .count
            .is_some_and(|count| !(1..=COUNT_MAX).contains(&count))
        {
            spot.field("count").tell(format!(
                "is out of range: from 1 to {COUNT_MAX} gestures are possible"
            ));
        }
        let Some(limit) = in_force
            .limits
            .iter()
            .find(|limit| limit.name == entry.limit)
        else {
            continue;
        };
        if let Some(amount) = entry
            .amount
            .filter(|amount| amount.currency() != limit.currency)
        {
            let (given, right) = (amount.currency(), limit.currency);
            spot.field("amount").tell(format!(
                "is in {given}, and {:?} counts in {right}: write it in {right}",
                limit.name
            ));
            continue;
        }
        let maximum = Maximum::from(entry);
        levels::check_against(&spot, &maximum, limit);
        maxima.push((spot, maximum));
    }
    levels::check_overlaps(&maxima);
}

#[cfg(test)]
#[path = "bulk_tests.rs"]
mod tests;
