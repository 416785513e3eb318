//! A trading house in yen, euros and dinars: what is asked in one currency is counted in another, rounded up, at the
//! newest rate that is not too old. No rate, no gesture.

use largesse::pb::{DecisionOutcome, Gesture, GetAuthorityRequest};
use tonic::Code;
use tonic_types::StatusExt;
use uuid::Uuid;

use crate::support::{Client, World, ask_above, fact_of, no, reason_of, use_of, used, wish, yes};

const THREE: &str = include_str!("../../../deploy/examples/three-currencies.yaml");

async fn house(at: &str) -> World {
    let world = World::of_with_movable_clock(THREE).await;
    world.set_clock(at).await;
    world
}

fn of(customer: &str) -> GetAuthorityRequest {
    GetAuthorityRequest {
        customer_id: customer.into(),
        ..Default::default()
    }
}

async fn uses(client: &mut Client, customer: &str) -> [i64; 3] {
    let flowers = client.item("flowers", "JPY", of(customer)).await;
    ["month", "customer-year", "house"].map(|limit| used(&flowers, limit))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_converted_is_rounded_up_in_every_limit() {
    let world = house("2026-03-10T09:00:00Z").await;
    let mut tokyo = world.agent("tokyo-1").await;
    // 2001 yen and 10 % are 2202 yen: 11.8908 euros, 4.2939 dinars
    assert_eq!(
        tokyo.asks(wish("flowers", "hana", 2001, "JPY")).await,
        yes()
    );
    assert_eq!(uses(&mut tokyo, "hana").await, [1190, 4294, 1190]);
    // 5.001 dinars and 12.5 % are 5.627 dinars (rounded up): 15.58679 euros
    assert_eq!(
        tokyo.asks(wish("flowers", "hana", 5001, "KWD")).await,
        yes()
    );
    assert_eq!(
        uses(&mut tokyo, "hana").await,
        [1190 + 1559, 4294 + 5627, 1190 + 1559]
    );
    // 15.01 euros and 10 % are 16.52 euros (rounded up): 5.96372 dinars
    assert_eq!(
        tokyo.asks(wish("flowers", "hana", 1501, "EUR")).await,
        yes()
    );
    let all = [1190 + 1559 + 1652, 4294 + 5627 + 5964, 1190 + 1559 + 1652];
    assert_eq!(uses(&mut tokyo, "hana").await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_amount_is_told_in_the_currency_that_one_types() {
    let world = house("2026-03-10T09:00:00Z").await;
    let mut tokyo = world.agent("tokyo-1").await;
    let flowers = tokyo.item("flowers", "JPY", of("hana")).await;
    let largest = flowers.largest_now.as_ref().unwrap();
    assert_eq!(
        (largest.minor_units, largest.currency.as_str()),
        (18_518, "JPY")
    );
    let month = use_of(&flowers, "month").ceiling.as_ref().unwrap();
    assert_eq!(
        (month.minor_units, month.currency.as_str()),
        (100_000, "EUR")
    );

    let above = tokyo
        .request(wish("flowers", "hana", 18_519, "JPY"))
        .await
        .unwrap();
    let reason = &above.decision.unwrap().reasons[0];
    assert_eq!(reason.asked.as_ref().unwrap().minor_units, 10_001);
    assert!(
        reason
            .text
            .contains("100.01 EUR asked, at most 100.00 EUR each; up to 18518 JPY would pass now"),
        "{}",
        reason.text
    );
    assert_eq!(
        tokyo.asks(wish("flowers", "hana", 18_518, "JPY")).await,
        yes()
    );
    // 39.722 of the customer's 60.250 dinars are used
    assert_eq!(
        tokyo
            .asks(wish("goodwill-credit", "hana", 20_529, "KWD"))
            .await,
        ask_above(&["LIMIT_EXCEEDED customer-year"])
    );
    assert_eq!(
        tokyo
            .asks(wish("goodwill-credit", "hana", 20_528, "KWD"))
            .await,
        yes()
    );
    assert_eq!(
        tokyo.asks(wish("flowers", "kenji", 20_001, "JPY")).await,
        no(&["AMOUNT_OUT_OF_RANGE", "LIMIT_EXCEEDED gesture"])
    );
    assert_eq!(
        tokyo
            .asks(wish("goodwill-credit", "kenji", 500, "JPY"))
            .await
            .0,
        DecisionOutcome::Declined,
        "credit is not priced in yen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_is_too_old_converts_nothing_until_there_is_a_new_one() {
    let world = house("2027-01-03T20:59:59Z").await;
    let mut tokyo = world.agent("tokyo-1").await;
    let given = |customer: &str| wish("flowers", customer, 2001, "JPY");
    assert_eq!(tokyo.asks(given("hana")).await, yes(), "366 days old");
    world.set_clock("2027-01-03T21:00:00Z").await; // midnight in Kuwait
    let (id, before) = (Uuid::now_v7(), world.rows().await);
    for refused in [
        tokyo.request_as(id, given("hana")).await.unwrap_err(),
        tokyo.preview(given("hana")).await.unwrap_err(),
    ] {
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::FailedPrecondition, "RATE_MISSING")
        );
        assert_eq!(
            (
                fact_of(&refused, "from").as_str(),
                fact_of(&refused, "to").as_str()
            ),
            ("JPY", "EUR")
        );
        let violation = &refused
            .get_details_precondition_failure()
            .unwrap()
            .violations[0];
        assert_eq!(violation.subject, "JPY/EUR");
        assert!(
            refused.message().contains("under `rates`"),
            "{}",
            refused.message()
        );
    }
    let both = Gesture {
        occasion: "whim".into(),
        ..given("hana")
    };
    let refused = tokyo.request(both).await.unwrap_err();
    assert_eq!(
        reason_of(&refused),
        "INVALID_FIELDS",
        "fields are named first"
    );
    assert_eq!(world.rows().await, before, "nothing was written");
    let flowers = tokyo.item("flowers", "JPY", of("hana")).await;
    assert_eq!(flowers.problems, ["RATE_MISSING"]);

    let renewed = THREE
        .replace(
            r#"on: 2026-01-02, rate: "0.0054""#,
            r#"on: 2027-01-04, rate: "0.0060""#,
        )
        .replace(
            r#"on: 2026-01-02, rate: "0.00195""#,
            r#"on: 2027-01-04, rate: "0.0020""#,
        );
    world.admin().await.apply(&renewed, 1).await.unwrap();
    let answer = tokyo.request_as(id, given("hana")).await.unwrap();
    assert!(!answer.replayed, "the id had stayed free");
    assert_eq!(
        uses(&mut tokyo, "hana").await[0],
        1190 + 1322,
        "2202 yen at the new rate"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_holds_from_its_day_on_and_what_was_held_keeps_its_own() {
    let world = house("2026-03-10T09:00:00Z").await;
    let mut tokyo = world.agent("tokyo-1").await;
    let dearer = THREE.replace(
        "  table:\n",
        "  table:\n  - {from: JPY, to: EUR, on: 2026-03-11, rate: \"0.0108\"}\n",
    );
    world.admin().await.apply(&dearer, 1).await.unwrap();
    let first = tokyo
        .request(wish("flowers", "hana", 2000, "JPY"))
        .await
        .unwrap();
    assert_eq!(
        uses(&mut tokyo, "hana").await[0],
        1188,
        "not before its day"
    );
    world.set_clock("2026-03-10T21:00:00Z").await; // the 11th in Kuwait
    tokyo
        .request(wish("flowers", "hana", 2000, "JPY"))
        .await
        .unwrap();
    assert_eq!(uses(&mut tokyo, "hana").await[0], 1188 + 2376);
    tokyo.cancel(&first).await.unwrap();
    assert_eq!(
        uses(&mut tokyo, "hana").await[0],
        2376,
        "gives back what it took"
    );
}
