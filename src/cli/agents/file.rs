//! A file of agents, in the shape of the configuration document's section `agents`.

use std::collections::HashMap;

use serde::Deserialize;

use crate::cli::amounts;
use crate::money::Currency;
use crate::pb::{Agent, AgentOverride, AgentType, Money};

/// An agent as the document writes one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentEntry {
    id: String,
    #[serde(rename = "type")]
    kind: EntryType,
    #[serde(default)]
    person: Option<String>,
    level: String,
    #[serde(default)]
    manager: Option<String>,
    #[serde(default)]
    budget: Option<String>,
    #[serde(default)]
    own_customers: Vec<String>,
    #[serde(default)]
    overrides: Vec<OverrideEntry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum EntryType {
    Human,
    Software,
    Pool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideEntry {
    limit: String,
    #[serde(default)]
    amount: Option<String>,
    #[serde(default)]
    count: Option<i32>,
    #[serde(default)]
    kinds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    agents: Vec<AgentEntry>,
}

/// What is read of the document in force: what a limit is counted in. Everything else is the service's to check.
#[derive(Deserialize)]
struct Limits {
    #[serde(default)]
    limits: Vec<Limit>,
}

#[derive(Deserialize)]
struct Limit {
    name: String,
    currency: String,
}

impl AgentEntry {
    /// Whether an amount is written without its currency, as in the document.
    pub(super) fn needs_currencies(&self) -> bool {
        let amounts = self.overrides.iter().filter_map(|it| it.amount.as_deref());
        amounts.into_iter().any(|amount| !is_with_currency(amount))
    }
}

/// Reads a list of agents, or a mapping with the list under `agents`. JSON is YAML.
pub(super) fn read(text: &str) -> Result<Vec<AgentEntry>, String> {
    let is_section = text
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with('#') && *line != "---")
        .is_some_and(|line| line.starts_with("agents") || line.starts_with('{'));
    let agents = if is_section {
        serde_saphyr::from_str::<Section>(text).map(|section| section.agents)
    } else {
        serde_saphyr::from_str::<Vec<AgentEntry>>(text)
    };
    agents.map_err(|wrong| wrong.to_string())
}

/// The agents as the service takes them. `document` is the configuration in force, where a currency must be looked up.
pub(super) fn of_proto(entries: Vec<AgentEntry>, document: &str) -> Result<Vec<Agent>, String> {
    let limits: Limits = if document.is_empty() {
        Limits { limits: Vec::new() }
    } else {
        serde_saphyr::from_str(document)
            .map_err(|wrong| format!("the configuration in force cannot be read: {wrong}"))?
    };
    let currencies: HashMap<String, String> = limits
        .limits
        .into_iter()
        .map(|limit| (limit.name, limit.currency))
        .collect();
    entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            agent(entry, &currencies).map_err(|wrong| format!("agents[{index}].{wrong}"))
        })
        .collect()
}

fn agent(entry: AgentEntry, currencies: &HashMap<String, String>) -> Result<Agent, String> {
    let agent_type = match entry.kind {
        EntryType::Human => AgentType::Human,
        EntryType::Software => AgentType::Software,
        EntryType::Pool => AgentType::Pool,
    };
    let overrides = entry.overrides.into_iter().enumerate().map(|(index, it)| {
        let amount = it
            .amount
            .as_deref()
            .map(|amount| money(amount, &it.limit, currencies));
        Ok(AgentOverride {
            amount: amount
                .transpose()
                .map_err(|wrong| format!("overrides[{index}].{wrong}"))?,
            limit: it.limit,
            count: it.count,
            kinds: it.kinds,
        })
    });
    Ok(Agent {
        id: entry.id,
        r#type: agent_type.into(),
        person: entry.person.unwrap_or_default(),
        level: entry.level,
        manager: entry.manager.unwrap_or_default(),
        budget: entry.budget.unwrap_or_default(),
        own_customer_ids: entry.own_customers,
        overrides: overrides.collect::<Result<_, String>>()?,
        suspended: false,
    })
}

fn money(amount: &str, limit: &str, currencies: &HashMap<String, String>) -> Result<Money, String> {
    if is_with_currency(amount) {
        return amounts::amount(amount).map_err(|wrong| format!("amount: {wrong}"));
    }
    let currency = currencies
        .get(limit)
        .ok_or_else(|| format!("limit: the configuration in force has no limit {limit:?}"))?;
    let currency: Currency = currency
        .parse()
        .map_err(|wrong| format!("limit: {wrong}"))?;
    amounts::in_currency(amount, currency).map_err(|wrong| format!("amount: {wrong}"))
}

fn is_with_currency(amount: &str) -> bool {
    amount.trim().contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"
# two people
- {id: fl-101, type: HUMAN, level: frontline, manager: ld-201, budget: care-berlin, own_customers: [c-1], overrides: [{limit: agent-month, amount: "250.00", kinds: [flowers]}]}
- {id: duty, type: POOL, level: lead, budget: care}
"#;
    const DOCUMENT: &str = r#"
tenant: demo
limits:
- {name: agent-month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "3000.00"}}
"#;

    #[test]
    fn agents_are_read_as_the_document_writes_them() {
        let entries = read(LIST).unwrap();
        assert!(entries[0].needs_currencies() && !entries[1].needs_currencies());
        let agents = of_proto(entries, DOCUMENT).unwrap();
        assert_eq!(agents[0].r#type(), AgentType::Human);
        assert_eq!(agents[0].own_customer_ids, ["c-1"]);
        let amount = agents[0].overrides[0].amount.clone().unwrap();
        assert_eq!(
            (amount.minor_units, amount.currency.as_str()),
            (25_000, "EUR")
        );
        assert_eq!(
            (agents[1].r#type(), agents[1].manager.as_str()),
            (AgentType::Pool, "")
        );
    }

    #[test]
    fn json_and_a_section_of_a_document_will_do() {
        let json = r#"[{"id": "a", "type": "HUMAN", "level": "l", "budget": "b"}]"#;
        assert_eq!(read(json).unwrap().len(), 1);
        let section = r#"{"agents": [{"id": "a", "type": "HUMAN", "level": "l", "budget": "b"}]}"#;
        assert_eq!(read(section).unwrap(), read(json).unwrap());
        assert_eq!(
            read("---\nagents:\n- {id: a, type: HUMAN, level: l, budget: b}")
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let wrong = read("- {id: a, type: HUMAN, level: l, bugdet: b}").unwrap_err();
        assert!(wrong.contains("bugdet"), "{wrong}");
        let wrong = of_proto(read(LIST).unwrap(), "tenant: demo").unwrap_err();
        assert!(
            wrong.starts_with("agents[0].overrides[0].limit:"),
            "{wrong}"
        );
    }

    #[test]
    fn an_amount_may_name_its_currency() {
        let text =
            r#"[{id: a, type: HUMAN, level: l, overrides: [{limit: x, amount: "500 JPY"}]}]"#;
        let entries = read(text).unwrap();
        assert!(!entries[0].needs_currencies());
        let amount = of_proto(entries, "").unwrap()[0].overrides[0]
            .amount
            .clone()
            .unwrap();
        assert_eq!((amount.minor_units, amount.currency.as_str()), (500, "JPY"));
    }
}
