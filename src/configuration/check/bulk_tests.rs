use super::super::super::{Normalised, read};
use super::*;

fn in_force() -> Normalised {
    read(include_str!("../../../deploy/demo.yaml"))
        .unwrap()
        .normalised
}

fn entry(id: &str) -> AgentEntry {
    AgentEntry {
        id: id.to_owned(),
        agent_type: AgentType::Human,
        person: None,
        level: "frontline".to_owned(),
        manager: Some("ld-201".to_owned()),
        budget: "care-berlin".to_owned(),
        own_customers: Vec::new(),
        overrides: Vec::new(),
    }
}

fn maximum(limit: &str, amount: Option<(i64, &str)>) -> OverrideEntry {
    let amount = amount.map(|(minor, code)| Money::new(minor, code.parse().unwrap()).unwrap());
    OverrideEntry {
        limit: limit.to_owned(),
        amount,
        count: None,
        kinds: Vec::new(),
    }
}

fn told(change: impl FnOnce(&mut AgentEntry)) -> Vec<String> {
    let mut changed = entry("new-1");
    change(&mut changed);
    check_agents(&[entry("new-0"), changed], &in_force())
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn an_agent_that_fits_is_taken() {
    assert_eq!(told(|_| ()), [""; 0]);
    assert_eq!(
        told(|agent| agent.manager = Some("new-0".to_owned())),
        [""; 0]
    );
    assert_eq!(
        told(|agent| agent.overrides = vec![maximum("agent-gesture", Some((9000, "EUR")))]),
        [""; 0]
    );
}

#[test]
fn agents_without_a_document_pass_the_same_rules() {
    let only = |change: fn(&mut AgentEntry), expected: &str| assert_eq!(told(change), [expected]);
    only(
        |a| a.id = "new 1".to_owned(),
        "agents[1].id: \"new 1\" has a blank: join the words of a name, as in \"new-1\"",
    );
    only(
        |a| a.id = "new-0".to_owned(),
        "agents[1].id: the agent \"new-0\" stands here a second time, after agents[0]: rename or remove one",
    );
    only(
        |a| a.level = "fronline".to_owned(),
        "agents[1].level: there is no level \"fronline\": did you mean \"frontline\"?",
    );
    only(
        |a| a.budget = String::new(),
        "agents[1].budget: is missing: every agent has a budget, which pays where a request names none",
    );
    only(
        |a| a.budget = "care-berln".to_owned(),
        "agents[1].budget: there is no budget \"care-berln\": did you mean \"care-berlin\"?",
    );
    only(
        |a| a.manager = Some("ld-202".to_owned()),
        "agents[1].manager: there is no agent \"ld-202\": did you mean \"ld-201\"?",
    );
    only(
        |a| a.person = Some("ü".to_owned()),
        "agents[1].person: \"ü\" has the character 'ü': a name has letters, digits and signs of ASCII, from ! to ~",
    );
    only(
        |a| a.own_customers = vec!["c 1".to_owned()],
        "agents[1].own_customer_ids[0]: \"c 1\" has a blank: join the words of a name, as in \"c-1\"",
    );
}

#[test]
fn overrides_without_a_document_pass_the_same_rules() {
    let only = |overrides: Vec<OverrideEntry>, expected: &str| {
        assert_eq!(told(|a| a.overrides = overrides), [expected])
    };
    only(
        vec![maximum("agent-year", None)],
        "agents[1].overrides[0].limit: there is no limit \"agent-year\": limits names agent-and-customer, agent-gesture, agent-month, break_glass, credit-month, customer-year, tenant-month",
    );
    only(
        vec![maximum("agent-month", Some((100, "USD")))],
        "agents[1].overrides[0].amount: is in USD, and \"agent-month\" counts in EUR: write it in EUR",
    );
    only(
        vec![maximum("agent-gesture", Some((50_001, "EUR")))],
        "agents[1].overrides[0].amount: 500.01 EUR is above the hard_max of \"agent-gesture\": write at most \"500.00\", or raise that",
    );
    only(
        vec![maximum("agent-month", None), maximum("agent-month", None)],
        "agents[1].overrides[1]: is a second entry for \"agent-month\" without kinds, after agents[1].overrides[0]: keep one, or name kinds",
    );
    let counted = |count| OverrideEntry {
        count: Some(count),
        ..maximum("agent-month", None)
    };
    only(
        vec![counted(0)],
        "agents[1].overrides[0].count: is out of range: from 1 to 1000000000 gestures are possible",
    );
    only(
        vec![counted(101)],
        "agents[1].overrides[0].count: 101 is above the hard_max of \"agent-month\": write at most 100, or raise that",
    );
    let for_kinds = |limit, kind: &str| OverrideEntry {
        kinds: vec![kind.to_owned()],
        ..maximum(limit, None)
    };
    only(
        vec![for_kinds("agent-month", "flower")],
        "agents[1].overrides[0].kinds[0]: there is no kind \"flower\": did you mean \"flowers\"?",
    );
    only(
        vec![for_kinds("credit-month", "flowers")],
        "agents[1].overrides[0].kinds[0]: \"credit-month\" does not count \"flowers\": it counts goodwill-credit",
    );
}

/// Who has a place in the duty pool in force keeps it.
#[test]
fn the_duty_pool_stays_a_pool_and_its_members_people() {
    let put = |id: &str, agent_type| {
        let agent = AgentEntry {
            agent_type,
            manager: None,
            ..entry(id)
        };
        let told = check_agents(&[agent], &in_force());
        told.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(put("duty", AgentType::Pool), [""; 0]);
    assert_eq!(put("mg-301", AgentType::Human), [""; 0]);
    assert_eq!(put("fl-102", AgentType::Software), [""; 0]);
    assert_eq!(
        put("duty", AgentType::Human),
        [
            "agents[0].type: \"duty\" is of type HUMAN, and the duty pool is of type POOL: name another agent, or change its type"
        ]
    );
    assert_eq!(
        put("mg-301", AgentType::Software),
        [
            "agents[0].type: \"mg-301\" is of type SOFTWARE, and a member of the duty pool is of type HUMAN: name another agent, or change its type"
        ]
    );
}

/// The circle is closed by the new agents, though its first member on the way up is in force already.
#[test]
fn a_circle_through_the_roster_in_force_is_told() {
    let mut leader = entry("ld-201");
    leader.manager = Some("fl-101".to_owned());
    let mut newcomer = entry("new-0");
    newcomer.manager = Some("fl-101".to_owned());
    let told = check_agents(&[newcomer, leader.clone()], &in_force());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0].to_string(),
        "agents[1].manager: the reporting lines lead in a circle, ld-201 → fl-101 → ld-201: remove the manager of the topmost"
    );
    leader.manager = None;
    assert_eq!(check_agents(&[leader], &in_force()), []);
}

#[test]
fn a_manager_who_steps_down_opens_the_circle() {
    let (mut leader, mut manager) = (entry("ld-201"), entry("mg-301"));
    leader.manager = None;
    manager.manager = Some("fl-101".to_owned());
    assert_eq!(check_agents(&[leader, manager.clone()], &in_force()), []);
    assert_eq!(check_agents(&[manager], &in_force()).len(), 1);
}

#[test]
fn a_gap_that_only_an_override_makes_is_told() {
    let mut document = in_force();
    document.limits[1].occasions = Some(vec!["apology".to_owned()]);
    let mut agent = entry("new-1");
    agent.overrides = vec![
        maximum("agent-gesture", None),
        maximum("agent-month", Some((100, "EUR"))),
    ];
    let told = check_agents(&[agent], &document);
    assert_eq!(told[0].path, "agents[0].overrides");
    assert!(
        told[0]
            .message
            .contains("add an entry with an amount for \"agent-gesture\""),
        "{told:?}"
    );
}

#[test]
fn an_entry_becomes_the_agent_that_a_document_would_name() {
    let mut put = entry("fl-101");
    put.own_customers = vec!["c-fl-101".to_owned()];
    assert_eq!(Some(&Agent::from(&put)), in_force().agents.unwrap().first());
}
