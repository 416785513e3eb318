//! A counter belongs to a limit, its subject and its window, and to no level and no version: what was used stays used,
//! through a new document, a promotion, an override.

use largesse::pb::{Agent, AgentOverride, AgentType, Gesture, GetAuthorityRequest};

use crate::support::{
    Client, DEMO, World, ask_above, flowers, money, no, pickup, use_of, used, wish, yes,
};

async fn month_of(client: &mut Client) -> (i64, i64) {
    let item = client
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    let limit = use_of(&item, "agent-month");
    (
        used(&item, "agent-month"),
        limit.ceiling.as_ref().unwrap().minor_units,
    )
}

/// The demo's frontline with another maximum of the month.
fn month(amount: &str) -> String {
    DEMO.replace(
        r#"{limit: agent-month, amount: "300.00""#,
        &format!(r#"{{limit: agent-month, amount: "{amount}""#),
    )
}

fn agent_101(level: &str, overrides: Vec<AgentOverride>) -> Agent {
    Agent {
        id: "fl-101".into(),
        r#type: AgentType::Human.into(),
        level: level.into(),
        manager: "ld-201".into(),
        budget: "care-berlin".into(),
        overrides,
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lowering_a_limit_below_what_is_used_blocks_the_next_and_lets_cancelling_work() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-101").await);
    let first = agent.request(flowers("ida", 5000)).await.unwrap();
    let second = agent.request(flowers("otto", 5000)).await.unwrap();
    admin.apply(&month("100.00"), 1).await.unwrap();
    assert_eq!(
        month_of(&mut agent).await,
        (11_000, 10_000),
        "more is used than there is"
    );
    let refused = agent
        .request(pickup("ida", 500))
        .await
        .unwrap()
        .decision
        .unwrap();
    let reason = &refused.reasons[0];
    assert_eq!(reason.limit, "agent-month");
    assert_eq!(
        reason.remaining.as_ref().unwrap().minor_units,
        0,
        "never below nothing"
    );
    assert_eq!(reason.largest_now.as_ref().unwrap().minor_units, 0);

    agent.cancel(&first).await.unwrap();
    assert_eq!(month_of(&mut agent).await, (5500, 10_000));
    assert_eq!(agent.asks(pickup("ida", 4000)).await, yes());
    assert_eq!(
        agent.asks(pickup("ida", 1000)).await,
        ask_above(&["LIMIT_EXCEEDED agent-month"])
    );
    agent.cancel(&second).await.unwrap();

    let hard = month("100.00").replace(
        r#"window: MONTH, currency: EUR, hard_max: {amount: "20000.00"}"#,
        r#"window: MONTH, currency: EUR, hard_max: {amount: "40.00"}"#,
    );
    admin.apply(&hard, 2).await.unwrap();
    assert_eq!(
        agent.asks(pickup("ida", 500)).await,
        no(&["LIMIT_EXCEEDED tenant-month!"]),
        "44.00 of the tenant's 40.00 are used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_and_an_override_change_the_maximum_and_not_what_was_used() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-101").await);
    for customer in ["a", "b", "c", "d"] {
        assert_eq!(agent.asks(flowers(customer, 6000)).await, yes());
    }
    assert_eq!(month_of(&mut agent).await, (26_400, 30_000));
    assert_eq!(
        agent.asks(flowers("e", 6000)).await,
        ask_above(&["LIMIT_EXCEEDED agent-month"])
    );

    admin
        .put_agents(vec![agent_101("lead", Vec::new())], Some(1))
        .await
        .unwrap();
    assert_eq!(month_of(&mut agent).await, (26_400, 100_000), "promoted");
    assert_eq!(agent.asks(flowers("e", 6000)).await, yes());

    let single = AgentOverride {
        limit: "agent-month".into(),
        amount: money(35_000, "EUR"),
        count: Some(6),
        kinds: vec!["flowers".into()],
    };
    admin
        .put_agents(vec![agent_101("frontline", vec![single])], Some(2))
        .await
        .unwrap();
    assert_eq!(
        month_of(&mut agent).await,
        (33_000, 35_000),
        "an override for flowers"
    );
    let pickup_left = agent
        .item("courier-pickup", "EUR", GetAuthorityRequest::default())
        .await;
    let ceiling = use_of(&pickup_left, "agent-month").ceiling.clone();
    assert_eq!(
        ceiling,
        money(30_000, "EUR"),
        "and the level's for the rest"
    );
    assert_eq!(agent.asks(flowers("f", 1818)).await, yes());
    assert_eq!(
        agent.asks(flowers("g", 1500)).await,
        ask_above(&["LIMIT_EXCEEDED agent-month"])
    );

    let roster = admin.roster().await.unwrap();
    let told = roster.iter().find(|agent| agent.id == "fl-101").unwrap();
    assert_eq!(
        told.overrides[0].amount,
        money(35_000, "EUR"),
        "with the limit's currency"
    );
    assert_eq!(told.person, "fl-101");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_goes_and_comes_back_finds_its_counters_again() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-101").await);
    for customer in ["a", "b", "c", "d"] {
        assert_eq!(agent.asks(flowers(customer, 6000)).await, yes());
    }
    let without: String = DEMO
        .lines()
        .filter(|line| !line.contains("agent-month"))
        .map(|line| format!("{line}\n"))
        .collect();
    admin.apply(&without, 1).await.unwrap();
    assert_eq!(
        agent.asks(flowers("e", 6000)).await,
        yes(),
        "not counted now"
    );
    admin.apply(DEMO, 2).await.unwrap();
    assert_eq!(
        month_of(&mut agent).await,
        (26_400, 30_000),
        "as it was left"
    );

    let weekly = DEMO.replace(
        "{name: agent-month, subject: AGENT, window: MONTH",
        "{name: agent-month, subject: AGENT, window: WEEK",
    );
    admin.apply(&weekly, 3).await.unwrap();
    assert_eq!(
        month_of(&mut agent).await,
        (0, 30_000),
        "another window is another limit"
    );
    admin.apply(DEMO, 4).await.unwrap();
    assert_eq!(month_of(&mut agent).await, (26_400, 30_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_later_returns_to_the_window_it_came_from() {
    let world = World::of_with_movable_clock(DEMO).await;
    world.set_clock("2026-10-31T12:00:00Z").await;
    let mut agent = world.agent("fl-101").await;
    let october = agent.request(flowers("ida", 5000)).await.unwrap();
    world.set_clock("2026-10-31T23:00:00Z").await; // November in Berlin
    agent.request(flowers("otto", 4000)).await.unwrap();
    agent.cancel(&october).await.unwrap();
    assert_eq!(
        month_of(&mut agent).await.0,
        4400,
        "November is not touched"
    );
    let year = |customer: &str| GetAuthorityRequest {
        customer_id: customer.into(),
        ..Default::default()
    };
    let ida = agent.item("flowers", "EUR", year("ida")).await;
    assert_eq!(used(&ida, "customer-year"), 0, "the year got it back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_gesture_holds_nothing_and_can_be_withdrawn_under_other_rules() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-101").await);
    let waiting = agent
        .request(wish("flowers", "ida", 9000, "EUR"))
        .await
        .unwrap();
    assert_eq!(month_of(&mut agent).await.0, 0);
    admin.apply(&month("10.00"), 1).await.unwrap();
    let withdrawn = agent.cancel(&waiting).await.unwrap().gesture.unwrap();
    assert_eq!(
        withdrawn.decision,
        Gesture { ..waiting }.decision.map(|decision| {
            largesse::pb::Decision {
                similar: Vec::new(),
                approvers: Vec::new(),
                ..decision
            }
        })
    );
    assert_eq!(month_of(&mut agent).await.0, 0);
}
