//! Answering with lent authority: never with more than was lent, never longer, and never with more than the lender has now.

use chrono::TimeDelta;

use super::{basket, document_where};
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Lending};

/// A desk where ld-1 lends to pm-1 for ten hours.
async fn lent(how: impl Fn(Lending) -> Lending) -> (Desk, Lending) {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    let lending = how(Lending::of("ld-1", "pm-1", until));
    desk.lends(&lending).await;
    (desk, lending)
}

#[tokio::test(flavor = "multi_thread")]
async fn not_in_an_authority_that_nobody_lent() {
    let (mut desk, _) = lent(|all| all).await;
    let seen = desk.seventy(&["ld-1"]).await;
    for actor in ["mg-2", "fl-2", "mg-5"] {
        desk.refuses_both(actor, Some("ld-1"), &seen, "NOT_LENT")
            .await;
        desk.refuses_both(actor, None, &seen, "NOT_ASKED").await;
    }
    // lent, and not asked: the delegate's own, and the lender's where the lender was not asked
    desk.refuses_both("pm-1", Some("pm-1"), &seen, "NOT_ASKED")
        .await;
    let above = desk.waiting(&basket("fl-1", "jo", 7000), &["mg-1"]).await;
    desk.refuses_both("pm-1", Some("ld-1"), &above, "NOT_ASKED")
        .await;
    desk.refuses_both("pm-1", None, &above, "NOT_ASKED").await;
    desk.approves(&Answering::yes("pm-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_before_it_begins_and_not_after_it_has_ended() {
    let mut desk = Desk::open().await;
    let (from, until) = (desk.within(30), desk.within(60));
    let lending = Lending {
        from: Some(from),
        ..Lending::of("ld-1", "pm-1", until)
    };
    desk.lends(&lending).await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.refuses_both("pm-1", Some("ld-1"), &seen, "NOT_LENT")
        .await;
    desk.later(60).await;
    desk.refuses_both("pm-1", Some("ld-1"), &seen, "NOT_LENT")
        .await;
    desk.refuses_both("pm-1", None, &seen, "NOT_ASKED").await;
    desk.now -= TimeDelta::seconds(1);
    desk.later(0).await;
    desk.approves(&Answering::yes("pm-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_after_it_was_taken_back() {
    let (mut desk, lending) = lent(|all| all).await;
    let seen = desk.seventy(&["ld-1"]).await;
    let revoked = kernel::revoke_delegation(&mut desk.app, desk.tenant, lending.id).await;
    assert_eq!(revoked.unwrap(), "REVOKED");
    desk.refuses_both("pm-1", Some("ld-1"), &seen, "NOT_LENT")
        .await;
    desk.refuses_both("pm-1", None, &seen, "NOT_ASKED").await;
    desk.approves(&Answering::yes("ld-1", &seen)).await;
}

/// A delegation does not outlive the lender: suspended, or out of the roster.
#[tokio::test(flavor = "multi_thread")]
async fn not_when_the_lender_has_nothing_to_lend_any_more() {
    for leaves in [false, true] {
        let (mut desk, _) = lent(|all| all).await;
        let seen = desk.seventy(&["ld-1", "mg-1"]).await;
        if leaves {
            let mut document = Desk::document();
            let agents = document["agents"].as_array_mut().unwrap();
            agents.retain(|agent| agent["id"] != "ld-1");
            for agent in agents {
                if agent["manager"] == "ld-1" {
                    agent["manager"] = "mg-1".into();
                }
            }
            desk.applies(&document).await;
        } else {
            desk.suspends("ld-1").await;
        }
        desk.refuses_both("pm-1", Some("ld-1"), &seen, "NOT_LENT")
            .await;
        desk.refuses_both("pm-1", None, &seen, "NOT_ASKED").await;
        desk.approves(&Answering::yes("mg-1", &seen)).await;
    }
}

/// Suspended themselves, they answer for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn not_when_the_delegate_is_suspended() {
    let (mut desk, _) = lent(|all| all).await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.suspends("pm-1").await;
    desk.refuses_both("pm-1", Some("ld-1"), &seen, "INACTIVE")
        .await;
    desk.refuses_both("pm-1", None, &seen, "INACTIVE").await;
    desk.approves(&Answering::yes("ld-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_more_than_was_lent_and_not_more_than_the_lender_has() {
    let (mut desk, _) = lent(|all| all.up_to(6500, "EUR")).await;
    let seen = desk.seventy(&["ld-1"]).await;
    let yes = Answering::yes("pm-1", &seen);
    let told = desk.refuses_for(&yes, &["MORE_THAN_LENT"]).await;
    assert_eq!(
        (&told.reasons[0]["asked"], &told.reasons[0]["ceiling"]),
        (&7000.into(), &6500.into())
    );
    let more = yes.clone().of_amount(6501);
    desk.refuses_for(&more, &["MORE_THAN_LENT"]).await;
    desk.approves(&yes.of_amount(6500)).await;

    // what is lent without an amount is what the lender has, now
    let (mut desk, _) = lent(|all| all).await;
    let seen = desk.seventy(&["ld-1"]).await;
    let yes = Answering::yes("pm-1", &seen);
    desk.refuses_for(&yes.clone().of_amount(15001), &["LIMIT_EXCEEDED"])
        .await;
    let lowered = document_where("ld-1", |agent| {
        agent["overrides"] = serde_json::json!([{"limit": "gesture", "amount_minor": 6000}]);
    });
    desk.applies(&lowered).await;
    desk.refuses_for(&yes, &["LIMIT_EXCEEDED"]).await;
    desk.approves(&yes.of_amount(6000)).await;
}

/// Of several delegations the one that lends most decides; together they lend no more.
#[tokio::test(flavor = "multi_thread")]
async fn not_the_sum_of_what_was_lent() {
    let (mut desk, _) = lent(|all| all.up_to(4000, "EUR")).await;
    let until = desk.within(600);
    let second = Lending::of("ld-1", "pm-1", until)
        .up_to(6500, "EUR")
        .for_kinds(&["basket"]);
    desk.lends(&second).await;
    let third = Lending::of("ld-1", "pm-1", until).for_kinds(&["flowers"]);
    desk.lends(&third).await;
    let seen = desk.seventy(&["ld-1"]).await;
    let yes = Answering::yes("pm-1", &seen);
    desk.refuses_for(&yes, &["MORE_THAN_LENT"]).await;
    desk.approves(&yes.of_amount(6500)).await;
}

/// For other kinds nobody lent anything: no yes, no no, no way back, and nothing handed on.
#[tokio::test(flavor = "multi_thread")]
async fn not_for_kinds_that_were_not_lent() {
    let (mut desk, _) = lent(|all| all.for_kinds(&["flowers"])).await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.refuses_both("pm-1", Some("ld-1"), &seen, "NOT_LENT")
        .await;
    desk.refuses_both("pm-1", None, &seen, "NOT_LENT").await;
    desk.refuses(&Answering::back("pm-1", &seen), "NOT_LENT")
        .await;
    let before = desk.written().await;
    let told = desk.hands_on("pm-1", &seen, "mg-1").await;
    assert_eq!(
        (told.outcome.as_str(), desk.written().await),
        ("NOT_LENT", before)
    );
    let flowers = Asked::of("fl-1", "flowers", "ida", 7000);
    let flowers = desk.waiting(&flowers, &["ld-1"]).await;
    desk.approves(&Answering::yes("pm-1", &flowers)).await;
}

/// Lent in one currency, asked in another: converted at the rate in force, and refused without one.
#[tokio::test(flavor = "multi_thread")]
async fn not_more_in_another_currency() {
    let (mut desk, _) = lent(|all| all.up_to(6299, "EUR")).await;
    let dollars = Asked {
        currency: "USD".into(),
        ..basket("fl-1", "ida", 7000)
    };
    let seen = desk.waiting(&dollars, &["ld-1"]).await;
    let yes = Answering::yes("pm-1", &seen);
    let told = desk.refuses_for(&yes, &["MORE_THAN_LENT"]).await;
    assert_eq!(
        (&told.reasons[0]["asked"], &told.reasons[0]["ceiling"]),
        (&6300.into(), &6299.into())
    );
    desk.approves(&yes.of_amount(6998)).await;

    let (mut desk, _) = lent(|all| all.up_to(900_000, "USD")).await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.refuses_for(&Answering::yes("pm-1", &seen), &["RATE_MISSING"])
        .await;
    desk.holds().await;
}

/// What a delegate spends is the lender's, and the delegate's own limits play no part.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_lenders_counters_that_are_used() {
    let (mut desk, _) = lent(|all| all).await;
    for customer in ["a", "b", "c", "d"] {
        let seen = desk
            .waiting(&basket("fl-1", customer, 12000), &["ld-1"])
            .await;
        desk.approves(&Answering::yes("pm-1", &seen)).await;
    }
    let seen = desk.seventy(&["ld-1"]).await;
    for actor in ["pm-1", "ld-1"] {
        let told = desk
            .refuses_for(&Answering::yes(actor, &seen), &["LIMIT_EXCEEDED"])
            .await;
        assert_eq!(told.reasons[0]["used"], 48000);
    }
    let subjects: Vec<String> = sqlx::query_scalar(
        "select k.subject from largesse.counters k where k.limit_id < 2000000 and k.held_minor > 0",
    )
    .fetch_all(&mut desk.sql)
    .await
    .unwrap();
    assert_eq!(subjects, ["ld-1"]);
}
