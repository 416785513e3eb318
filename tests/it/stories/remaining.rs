//! What may still be given: the answer of GetAuthority is what a request then gets, to the cent.

use largesse::pb::{DecisionOutcome, Gesture, GetAuthorityRequest};

use crate::support::{Answer, Client, DEMO, World, money, use_of, used, wish, yes};

const HOTEL: &str = include_str!("../../../deploy/examples/hotel.yaml");
const THREE: &str = include_str!("../../../deploy/examples/three-currencies.yaml");

fn question() -> GetAuthorityRequest {
    GetAuthorityRequest {
        customer_id: "ida".into(),
        case_id: "case-1".into(),
        ..Default::default()
    }
}

/// Asks for exactly the largest amount, gives it back, and asks for one unit more, for each kind. How many kinds could be given.
async fn assert_agrees(client: &mut Client, state: &str) -> usize {
    let standing = client.authority(question()).await.unwrap();
    let mut givable = 0;
    for item in standing.items {
        let what = format!(
            "{} {} {}, {state}",
            standing.agent_id, item.kind, item.currency
        );
        let range = item.price_range.unwrap();
        let (min, max) = (
            range.min.unwrap().minor_units,
            range.max.unwrap().minor_units,
        );
        let asking = |minor_units: i64| Gesture {
            amount: money(minor_units, &item.currency),
            case_id: "case-1".into(),
            ..wish(&item.kind, "ida", min, &item.currency)
        };
        let largest = item.largest_now.map(|largest| largest.minor_units);
        if let Some(largest) = largest.filter(|largest| *largest > 0) {
            assert!(
                (min..=max).contains(&largest) && item.problems.is_empty(),
                "{what}: {largest}"
            );
            let given = client.request(asking(largest)).await.unwrap();
            let decision = given.decision.as_ref().unwrap();
            assert_eq!(
                decision.outcome(),
                DecisionOutcome::Approved,
                "{what}: {decision:?}"
            );
            client.cancel(&given).await.unwrap();
            givable += 1;
        }
        let above = largest.unwrap_or_default().max(min - 1) + 1;
        let Answer(outcome, reasons) = client.asks(asking(above)).await;
        assert_ne!(outcome, DecisionOutcome::Approved, "{what}: {above}");
        assert_eq!(
            largest.is_none(),
            reasons.contains(&"NO_AUTHORITY".into()),
            "{what}: {reasons:?}"
        );
        for problem in &item.problems {
            assert!(
                reasons.contains(problem),
                "{what}: {problem} of {reasons:?}"
            );
        }
    }
    givable
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_amount_passes_and_one_cent_more_does_not() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let mut people = Vec::new();
    for id in ["fl-101", "ld-201", "mg-301", "duty"] {
        people.push(world.agent(id).await);
    }
    for client in &mut people {
        assert_eq!(assert_agrees(client, "at first").await, 4);
    }
    let mut agent = world.agent("fl-101").await;
    for (kind, customer, cents) in [
        ("flowers", "ida", 4321),
        ("goodwill-credit", "ida", 1999),
        ("flowers", "otto", 6000),
        ("gift-basket", "nina", 5711),
        ("flowers", "otto", 6000), // 60.49 are left of the month
        ("courier-pickup", "nina", 2777),
        ("courier-pickup", "ida", 517),
    ] {
        assert_eq!(agent.asks(wish(kind, customer, cents, "EUR")).await, yes());
        assert_agrees(&mut agent, &format!("after {kind} for {customer}")).await;
    }
    for client in &mut people {
        assert_agrees(client, "after all of it").await;
    }
    assert_eq!(
        assert_agrees(&mut agent, "three for ida").await,
        0,
        "three a month for one customer"
    );
    let scope = largesse::pb::pause_giving_request::Scope::Kind("flowers".into());
    admin.pause(scope, true).await.unwrap();
    assert_eq!(assert_agrees(&mut people[1], "flowers paused").await, 3);
    admin.suspend("ld-201", true).await.unwrap();
    assert_eq!(assert_agrees(&mut people[1], "suspended").await, 0);

    let lowered = DEMO.replace(
        r#"hard_max: {amount: "1000.00", count: 12}"#,
        r#"hard_max: {amount: "50.00"}"#,
    );
    let lowered = lowered.replace(
        r#"limit: customer-year, amount: "200.00""#,
        r#"limit: customer-year, amount: "50.00""#,
    );
    let lowered = lowered.replace(
        r#"limit: customer-year, amount: "400.00""#,
        r#"limit: customer-year, amount: "50.00""#,
    );
    admin.apply(&lowered, 1).await.unwrap();
    assert_eq!(
        assert_agrees(&mut people[2], "lowered below what is used").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_hotel_and_in_three_currencies_as_well() {
    let hotel = World::of(HOTEL).await;
    for id in ["reception-1", "gm"] {
        let mut client = hotel.agent(id).await;
        assert_eq!(assert_agrees(&mut client, "at first").await, 3);
        let dinner = Gesture {
            case_id: "case-1".into(),
            ..wish("dinner", "ida", 33_333, "USD")
        };
        assert_eq!(client.asks(dinner).await, yes());
        assert_eq!(assert_agrees(&mut client, "after dinner").await, 3);
    }
    let three = World::of_with_movable_clock(THREE).await;
    three.set_clock("2026-03-10T09:00:00Z").await;
    let mut kuwait = three.agent("kuwait-1").await;
    for (kind, minor_units, currency) in [
        ("flowers", 2003, "JPY"),
        ("flowers", 1507, "EUR"),
        ("flowers", 13_337, "KWD"),
        ("goodwill-credit", 251, "KWD"),
    ] {
        assert_eq!(
            kuwait.asks(wish(kind, "ida", minor_units, currency)).await,
            yes()
        );
        assert_eq!(
            assert_agrees(&mut kuwait, &format!("after {minor_units} {currency}")).await,
            4
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_per_customer_and_case_count_where_these_are_named() {
    let world = World::of(HOTEL).await;
    let mut desk = world.agent("reception-1").await;
    let given = Gesture {
        case_id: "case-1".into(),
        ..wish("refund", "ida", 150_000, "USD")
    };
    assert_eq!(desk.asks(given).await, yes());
    let here = desk.item("refund", "USD", question()).await;
    assert_eq!(here.largest_now.as_ref().unwrap().minor_units, 50_000);
    let order: Vec<&str> = here
        .limits
        .iter()
        .map(|limit| limit.limit.as_str())
        .collect();
    assert_eq!(
        order,
        ["gesture", "incident", "house"],
        "the most shared one last"
    );
    assert_eq!(use_of(&here, "incident").window_start, None, "for all time");
    let nowhere = desk
        .item("refund", "USD", GetAuthorityRequest::default())
        .await;
    assert_eq!(nowhere.largest_now.as_ref().unwrap().minor_units, 200_000);
    assert!(nowhere.limits.iter().all(|limit| limit.limit != "incident"));
    assert!(
        nowhere.problems.is_empty(),
        "a case is missing only when something is asked for"
    );

    let demo = World::demo().await;
    let mut agent = demo.agent("fl-101").await;
    agent.asks(wish("flowers", "ida", 6000, "EUR")).await;
    let for_ida = agent.item("flowers", "EUR", question()).await;
    let for_anybody = agent
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    for limit in ["agent-and-customer", "customer-year"] {
        assert_eq!(used(&for_ida, limit), 6600);
        assert!(for_anybody.limits.iter().all(|of| of.limit != limit));
    }
    assert_eq!(used(&for_anybody, "agent-month"), 6600);
}
