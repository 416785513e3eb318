//! The duty pool: an agent that nobody is, and the people who answer in its authority.

use std::collections::HashMap;

use super::super::bounds::POOL_MEMBERS_MAX;
use super::super::document::Agent;
use super::super::words::AgentType;
use super::super::yaml::Value;
use super::names::{Known, check_unique};
use super::spot::Spot;

/// The pool and its members. Without a roster in the document Postgres holds them against the one in force.
pub(super) fn read(
    spot: &Spot<'_>,
    known: &Known,
    agents: Option<&[(Spot<'_>, Agent)]>,
) -> Option<(String, Vec<String>)> {
    let fields = spot.fields("a mapping with agent and members", &["agent", "members"])?;
    let agent = fields.required("agent", "the id of an agent of type POOL");
    let members = fields.required("members", "the ids of the people who answer for the pool");
    let (agent, members) = (agent?, members?);
    tell_nobody(&members);
    let Some(agents) = agents else {
        let pool = agent.name("the id of an agent of type POOL");
        let people = members.each("ids of agents", POOL_MEMBERS_MAX, |item| {
            item.name("the id of an agent")
        });
        check_unique(&people, "", "agent", String::as_str);
        return Some((pool?, super::without_spots(people)));
    };
    let types: HashMap<&str, AgentType> = agents
        .iter()
        .map(|(_, agent)| (agent.id.as_str(), agent.agent_type))
        .collect();
    let pool = known.agents.one(&agent);
    if let Some(pool) = &pool {
        check_type(&agent, pool, AgentType::Pool, &types);
    }
    let people = known.agents.list(&members, POOL_MEMBERS_MAX);
    for (index, id) in people.iter().enumerate() {
        check_type(&members.item(index), id, AgentType::Human, &types);
    }
    Some((pool?, people))
}

fn tell_nobody(spot: &Spot<'_>) {
    if matches!(spot.value(), Value::List(items) if items.is_empty()) {
        spot.tell("names nobody, and then nobody answers for the pool: name an agent, or remove duty_pool");
    }
}

/// What the duty pool asks of the agents that it names. An agent that could not be read has no type here.
fn check_type(spot: &Spot<'_>, id: &str, needed: AgentType, types: &HashMap<&str, AgentType>) {
    if let Some(given) = types.get(id).filter(|given| **given != needed) {
        spot.tell(of_another_type(id, needed, *given));
    }
}

/// Why an agent has no place in the duty pool.
pub(super) fn of_another_type(id: &str, needed: AgentType, given: AgentType) -> String {
    let place = if needed == AgentType::Pool {
        "the duty pool"
    } else {
        "a member of the duty pool"
    };
    format!(
        "{id:?} is of type {given}, and {place} is of type {needed}: name another agent, or change its type"
    )
}
