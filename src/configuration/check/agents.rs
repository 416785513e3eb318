//! The section `agents`: the roster.

use std::collections::HashMap;

use super::super::bounds::{AGENTS_MAX, OWN_CUSTOMERS_MAX};
use super::super::document::{Agent, Limit};
use super::super::words::AgentType;
use super::names::{Known, check_unique};
use super::spot::Spot;
use super::{chain, levels};

const KEYS: &[&str] = &[
    "id",
    "type",
    "person",
    "level",
    "manager",
    "budget",
    "own_customers",
    "overrides",
];

/// Reads the section.
pub(super) fn read<'a>(
    section: &Spot<'a>,
    known: &Known,
    limits: &[(Spot<'_>, Limit)],
) -> Vec<(Spot<'a>, Agent)> {
    let agents = section.each("agents", AGENTS_MAX, |spot| agent(spot, known, limits));
    check_unique(&agents, "id", "agent", |agent: &Agent| &agent.id);
    check_reporting_lines(&agents, &[]);
    agents
}

fn agent(spot: &Spot<'_>, known: &Known, limits: &[(Spot<'_>, Limit)]) -> Option<Agent> {
    let fields = spot.fields(
        "a mapping with id, type, level, manager, budget and so on",
        KEYS,
    )?;
    let id = fields
        .required("id", "the agent's id")
        .and_then(|spot| spot.name("an id"));
    let types: Vec<_> = AgentType::ALL
        .iter()
        .map(|agent_type| (agent_type.word(), *agent_type))
        .collect();
    let agent_type = fields
        .required("type", "HUMAN, SOFTWARE or POOL")
        .and_then(|spot| spot.word(&types));
    let person = fields
        .optional("person")
        .and_then(|spot| spot.name("the id of a person"));
    let level = fields
        .required("level", "the name of a level")
        .and_then(|spot| known.levels.one(&spot));
    let manager = fields
        .optional("manager")
        .and_then(|spot| known.agents.one(&spot));
    let budget = fields.required(
        "budget",
        "the name of the budget that pays where a request names none",
    );
    let budget = budget.and_then(|spot| known.budgets.one(&spot));
    let own_customers = fields
        .optional("own_customers")
        .map_or_else(Vec::new, |spot| {
            let ids = spot.each("customer ids", OWN_CUSTOMERS_MAX, |item| {
                item.name("a customer id")
            });
            check_unique(&ids, "", "customer id", String::as_str);
            super::without_spots(ids)
        });
    let overrides = fields
        .optional("overrides")
        .map_or_else(Vec::new, |spot| levels::read_maxima(&spot, known, limits));
    Some(Agent {
        id: id?,
        agent_type: agent_type?,
        person,
        level: level?,
        manager,
        budget: budget?,
        own_customers,
        overrides,
    })
}

/// Reporting lines end somewhere. `in_force` are agents that stay as they are.
pub(super) fn check_reporting_lines(agents: &[(Spot<'_>, Agent)], in_force: &[Agent]) {
    let mut above: HashMap<&str, &str> = HashMap::new();
    for agent in in_force.iter().chain(agents.iter().map(|(_, agent)| agent)) {
        match agent.manager.as_deref() {
            Some(manager) => above.insert(&agent.id, manager),
            None => above.remove(agent.id.as_str()),
        };
    }
    let named = agents.iter().map(|(spot, agent)| (spot, agent.id.as_str()));
    chain::tell_circles(named, &above, "manager", "the reporting lines");
}
