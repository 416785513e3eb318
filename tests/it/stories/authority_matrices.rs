//! The rules that companies write down for their people, as they are lived: a contact centre and a hotel (`shop.rs` and
//! `currencies.rs` have others). The documents are those of `deploy/examples`.

use largesse::pb::{Gesture, GetAuthorityRequest};

use crate::support::{World, ask_above, no, reason_of, used, violations, wish, wrongs, yes};

const CONTACT_CENTRE: &str = include_str!("../../../deploy/examples/contact-centre.yaml");
const HOTEL: &str = include_str!("../../../deploy/examples/hotel.yaml");

fn credit(account: &str, pence: i64) -> Gesture {
    wish("goodwill-credit", account, pence, "GBP")
}

#[tokio::test(flavor = "multi_thread")]
async fn goodwill_up_to_25_at_the_first_offer_and_the_lead_for_every_repetition() {
    let world = World::of_with_movable_clock(CONTACT_CENTRE).await;
    world.set_clock("2026-11-10T09:00:00Z").await;
    let (mut one, mut two) = (world.agent("agent-1").await, world.agent("agent-2").await);
    let (mut leader, mut manager) = (
        world.agent("leader-1").await,
        world.agent("manager-1").await,
    );

    assert_eq!(one.asks(credit("a-1", 2500)).await, yes());
    assert_eq!(
        one.asks(credit("a-2", 2501)).await,
        ask_above(&["LIMIT_EXCEEDED offer"])
    );
    let repeated = two
        .request(credit("a-1", 500))
        .await
        .unwrap()
        .decision
        .unwrap();
    let reason = &repeated.reasons[0];
    assert_eq!(reason.limit, "account");
    assert_eq!(
        (reason.used_count, reason.ceiling_count),
        (Some(1), Some(1))
    );
    assert_eq!(reason.largest_now.as_ref().unwrap().minor_units, 0);
    assert!(reason.text.contains("1 of 1 given"), "{}", reason.text);
    assert!(
        reason.text.contains("resets 1 January 2027"),
        "{}",
        reason.text
    );

    assert_eq!(
        leader.asks(credit("a-1", 10_000)).await,
        yes(),
        "the second"
    );
    assert_eq!(
        leader.asks(credit("a-1", 10_001)).await,
        ask_above(&["LIMIT_EXCEEDED offer"])
    );
    assert_eq!(leader.asks(credit("a-1", 100)).await, yes(), "the third");
    assert_eq!(
        leader.asks(credit("a-1", 100)).await,
        ask_above(&["LIMIT_EXCEEDED account"])
    );
    for _ in 4..=6 {
        assert_eq!(manager.asks(credit("a-1", 40_000)).await, yes());
    }
    assert_eq!(
        manager.asks(credit("a-1", 100)).await,
        no(&["LIMIT_EXCEEDED account!"]),
        "six in a quarter, whoever gives"
    );
    assert_eq!(
        one.asks(credit("a-1", 3000)).await,
        no(&["LIMIT_EXCEEDED offer", "LIMIT_EXCEEDED account!"]),
        "every reason, and the hard one decides"
    );
    world.set_clock("2027-01-01T00:00:00Z").await;
    assert_eq!(one.asks(credit("a-1", 2500)).await, yes(), "a new quarter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_waived_by_those_whose_level_may() {
    let world = World::of(CONTACT_CENTRE).await;
    let waiving = |account: &str| Gesture {
        waived_policies: vec!["early-termination-fee".into()],
        ..credit(account, 2000)
    };
    let mut agent = world.agent("agent-1").await;
    assert_eq!(
        agent.asks(waiving("a-1")).await,
        ask_above(&["POLICY_NOT_WAIVABLE early-termination-fee"])
    );
    assert_eq!(
        world.agent("leader-1").await.asks(waiving("a-1")).await,
        yes()
    );
    let voucher = Gesture {
        recipient: None,
        ..wish("voucher", "a-2", 2000, "GBP")
    };
    let refused = agent.request(voucher).await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        ["gesture.recipient.email RECIPIENT_MISSING"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_spends_2000_on_a_guest_for_one_incident_and_colleagues_share_it() {
    let world = World::of_with_movable_clock(HOTEL).await;
    world.set_clock("2026-11-10T23:00:00Z").await;
    let (mut desk, mut keeper) = (
        world.agent("reception-1").await,
        world.agent("housekeeping-1").await,
    );
    let mut boss = world.agent("gm").await;
    let of = |incident: &str, kind: &str, cents: i64| Gesture {
        case_id: incident.into(),
        ..wish(kind, "guest-7", cents, "USD")
    };
    let refused = desk.request(of("", "refund", 100)).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["gesture.case_id CASE_MISSING"]);
    assert!(
        violations(&refused)[0]
            .description
            .contains("name the case")
    );

    // a dinner may cost 15 % more than was asked, and that is held as well
    assert_eq!(desk.asks(of("noise-1", "dinner", 50_000)).await, yes());
    let question = || GetAuthorityRequest {
        case_id: "noise-1".into(),
        ..Default::default()
    };
    let refund = keeper.item("refund", "USD", question()).await;
    assert_eq!(used(&refund, "incident"), 57_500);
    assert_eq!(refund.largest_now.unwrap().minor_units, 142_500);
    assert_eq!(
        keeper.asks(of("noise-1", "refund", 142_501)).await,
        ask_above(&["LIMIT_EXCEEDED incident"])
    );
    assert_eq!(keeper.asks(of("noise-1", "refund", 142_500)).await, yes());
    assert_eq!(
        desk.asks(of("noise-1", "refund", 100)).await,
        ask_above(&["LIMIT_EXCEEDED incident"])
    );
    assert_eq!(
        desk.asks(of("noise-2", "refund", 200_000)).await,
        yes(),
        "another incident"
    );
    assert_eq!(
        desk.asks(of("noise-3", "refund", 200_001)).await,
        ask_above(&["LIMIT_EXCEEDED gesture", "LIMIT_EXCEEDED incident"])
    );
    assert_eq!(boss.asks(of("noise-1", "refund", 800_000)).await, yes());
    assert_eq!(
        boss.asks(of("noise-1", "refund", 100)).await,
        no(&["LIMIT_EXCEEDED incident!"]),
        "10,000 is the end for everybody"
    );
    world.set_clock("2028-11-10T23:00:00Z").await;
    assert_eq!(
        desk.asks(of("noise-1", "refund", 100)).await,
        no(&["LIMIT_EXCEEDED incident!"]),
        "an incident never starts again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn to_ones_own_account_nobody_gives_but_a_colleague_may() {
    let world = World::demo().await;
    let own = || wish("goodwill-credit", "c-fl-101", 500, "EUR");
    let mut agent = world.agent("fl-101").await;
    assert_eq!(agent.asks(own()).await, no(&["OWN_ACCOUNT"]));
    assert_eq!(world.agent("fl-102").await.asks(own()).await, yes());
    let refused = agent
        .request(wish("goodwill-credit", "c-fl-101", 0, "EUR"))
        .await;
    assert_eq!(reason_of(&refused.unwrap_err()), "INVALID_FIELDS");
}
