//! Limits that cover some customers, some occasions, some kinds: each is charged where it matches, and only there.

use largesse::pb::{Gesture, GetAuthorityRequest};

use crate::support::{Client, World, ask_above, no, use_of, wish, wrongs, yes};

const FILTERS: &str = r#"tenant: filters
time_zone: UTC
segments: [standard, loyal]
occasions: [apology, delight]
policies: [fee, deadline, signature]
catalog:
- {kind: credit, currency: EUR, min: "1.00", max: "100.00", recipient: [], channel: billing, lead_time: 1h}
- {kind: card, currency: EUR, min: "1.00", max: "5.00", recipient: [], channel: post, lead_time: 1d}
- {kind: cruise, currency: EUR, min: "1.00", max: "900.00", recipient: [], channel: travel, lead_time: 1d}
budgets:
- {name: house, currency: EUR, window: MONTH, amount: "500.00"}
- {name: gold, currency: EUR, window: EVER, amount: "90.00"}
limits:
- {name: each, subject: AGENT, window: GESTURE, currency: EUR, kinds: [credit, card], hard_max: {amount: "100.00"}}
- {name: daily, subject: AGENT, window: DAY, currency: EUR, hard_max: {count: 9}}
- {name: one-delight, subject: CUSTOMER, window: WEEK, currency: EUR, occasions: [delight], hard_max: {count: 1}}
- {name: standard-year, subject: CUSTOMER, window: YEAR, currency: EUR, segments: [standard], hard_max: {amount: "40.00"}}
- {name: apologies, subject: AGENT_AND_CUSTOMER, window: MONTH, currency: EUR, kinds: [credit], occasions: [apology], hard_max: {amount: "100.00"}}
- {name: all, subject: TENANT, window: DAY, currency: EUR, kinds: [card], hard_max: {count: 3}}
levels:
- name: desk
  may_waive: [fee]
  maxima:
  - {limit: each, amount: "30.00"}
  - {limit: each, amount: "5.00", kinds: [card]}
  - {limit: daily, count: 9}
  - {limit: apologies, amount: "45.00"}
- name: chief
  may_waive: [fee, deadline]
  budgets: [gold]
  maxima:
  - {limit: each, amount: "100.00"}
agents:
- {id: ann, type: HUMAN, level: desk, manager: bob, budget: house}
- {id: abe, type: SOFTWARE, level: desk, manager: bob, budget: house}
- {id: bob, type: HUMAN, level: chief, budget: house}
"#;

fn credit(customer: &str, segment: &str, occasion: &str, cents: i64) -> Gesture {
    let mut credit = wish("credit", customer, cents, "EUR");
    credit.occasion = occasion.into();
    credit.customer.as_mut().unwrap().segment = segment.into();
    credit
}

async fn two_desks() -> (World, Client, Client) {
    let world = World::of_with_movable_clock(FILTERS).await;
    world.set_clock("2026-11-15T12:00:00Z").await; // a Sunday
    let (ann, abe) = (world.agent("ann").await, world.agent("abe").await);
    (world, ann, abe)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_for_a_segment_binds_that_segment() {
    let (_world, mut ann, mut abe) = two_desks().await;
    assert_eq!(ann.asks(credit("c", "standard", "", 3000)).await, yes());
    assert_eq!(abe.asks(credit("c", "standard", "", 1000)).await, yes());
    assert_eq!(
        ann.asks(credit("c", "standard", "", 100)).await,
        no(&["LIMIT_EXCEEDED standard-year!"])
    );
    for other in ["loyal", ""] {
        assert_eq!(
            ann.asks(credit("c", other, "", 100)).await,
            yes(),
            "{other:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_for_an_occasion_counts_that_occasion_until_its_week_ends() {
    let (world, mut ann, mut abe) = two_desks().await;
    assert_eq!(ann.asks(credit("c", "", "delight", 500)).await, yes());
    for giver in [&mut ann, &mut abe] {
        let again = giver.asks(credit("c", "", "delight", 500)).await;
        assert_eq!(again, no(&["LIMIT_EXCEEDED one-delight!"]), "whoever gives");
        assert_eq!(giver.asks(credit("c", "", "apology", 500)).await, yes());
    }
    world.set_clock("2026-11-16T00:00:00Z").await;
    assert_eq!(
        abe.asks(credit("c", "", "delight", 500)).await,
        yes(),
        "Monday"
    );

    let question = |occasion: &str| GetAuthorityRequest {
        customer_id: "c".into(),
        occasion: occasion.into(),
        ..Default::default()
    };
    let delight = ann.item("credit", "EUR", question("delight")).await;
    assert_eq!(use_of(&delight, "one-delight").used_count, Some(1));
    assert_eq!(delight.largest_now.unwrap().minor_units, 0);
    let other = ann.item("credit", "EUR", question("")).await;
    assert!(
        other
            .limits
            .iter()
            .all(|limit| limit.limit != "one-delight")
    );
    assert_eq!(other.largest_now.unwrap().minor_units, 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_agent_gives_one_customer_binds_nobody_else() {
    let (_world, mut ann, mut abe) = two_desks().await;
    assert_eq!(ann.asks(credit("c", "", "apology", 3000)).await, yes());
    assert_eq!(
        ann.asks(credit("c", "", "apology", 1501)).await,
        ask_above(&["LIMIT_EXCEEDED apologies"])
    );
    assert_eq!(ann.asks(credit("d", "", "apology", 3000)).await, yes());
    assert_eq!(abe.asks(credit("c", "", "apology", 3000)).await, yes());
    assert_eq!(ann.asks(credit("c", "", "apology", 1500)).await, yes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_gestures_is_a_limit_too_for_an_agent_a_day_or_the_tenant() {
    let (world, mut ann, mut abe) = two_desks().await;
    for number in 0..3 {
        let giver = if number % 2 == 0 { &mut ann } else { &mut abe };
        assert_eq!(giver.asks(wish("card", "c", 500, "EUR")).await, yes());
    }
    assert_eq!(
        abe.asks(wish("card", "d", 500, "EUR")).await,
        no(&["LIMIT_EXCEEDED all!"]),
        "three cards a day, all together"
    );
    for _ in 2..9 {
        assert_eq!(ann.asks(credit("c", "", "", 100)).await, yes());
    }
    assert_eq!(
        ann.asks(credit("c", "", "", 100)).await,
        no(&["LIMIT_EXCEEDED daily!"])
    );
    world.set_clock("2026-11-16T00:00:00Z").await;
    assert_eq!(ann.asks(credit("c", "", "", 100)).await, yes());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_amount_for_the_kind_there_is_no_authority_whoever_asks() {
    let (world, mut ann, _) = two_desks().await;
    let cruise = || wish("cruise", "c", 10_000, "EUR");
    let nobody = || no(&["NO_AUTHORITY", "NOBODY_CAN_APPROVE"]);
    assert_eq!(ann.asks(cruise()).await, nobody());
    assert_eq!(world.agent("bob").await.asks(cruise()).await, nobody());
    let item = ann
        .item("cruise", "EUR", GetAuthorityRequest::default())
        .await;
    assert_eq!(
        (item.largest_now, item.problems),
        (None, vec!["NO_AUTHORITY".into()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_stands_in_the_way_is_told() {
    let (world, mut ann, _) = two_desks().await;
    let much = Gesture {
        budget: "gold".into(),
        waived_policies: vec!["signature".into(), "fee".into(), "deadline".into()],
        ..credit("c", "", "", 9001)
    };
    assert_eq!(
        ann.asks(much.clone()).await,
        no(&[
            "POLICY_NOT_WAIVABLE deadline",
            "POLICY_NOT_WAIVABLE signature",
            "BUDGET_NOT_ALLOWED gold",
            "LIMIT_EXCEEDED each",
            "LIMIT_EXCEEDED gold!",
        ])
    );
    let mut bob = world.agent("bob").await;
    let less = Gesture {
        amount: crate::support::money(9000, "EUR"),
        ..much
    };
    assert_eq!(
        bob.asks(less.clone()).await,
        no(&["POLICY_NOT_WAIVABLE signature", "NOBODY_CAN_APPROVE"])
    );
    let allowed = Gesture {
        waived_policies: vec!["fee".into(), "deadline".into()],
        ..less
    };
    assert_eq!(bob.asks(allowed.clone()).await, yes());
    assert_eq!(
        bob.asks(allowed).await,
        no(&["LIMIT_EXCEEDED gold!"]),
        "and never again"
    );
    let refused = bob.authority(GetAuthorityRequest {
        segment: "gold".into(),
        occasion: "whim".into(),
        budget: "silver".into(),
        ..Default::default()
    });
    let refused = refused.await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        [
            "segment SEGMENT_UNKNOWN",
            "occasion OCCASION_UNKNOWN",
            "budget BUDGET_UNKNOWN"
        ],
        "{refused:?}"
    );
}
