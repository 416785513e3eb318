//! Splitting, and limits, people and windows that changed while a question waited. Every yes is an admission now.

use super::{basket, document_where};
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Cancelled};

/// Two agents for one customer: the second needs whoever may give the sum.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_splitting_between_two_agents() {
    let mut desk = Desk::open().await;
    assert_eq!(
        desk.request(&basket("fl-1", "ida", 6000)).await.0,
        "APPROVED"
    );
    let second = basket("fl-2", "ida", 6000);
    let seen = desk.waiting(&second, &["ld-1"]).await;
    desk.approves(&Answering::yes("ld-1", &seen)).await;

    // 300.00 for one customer is as much as a lead may give, whoever gave the rest
    let third = desk.waiting(&basket("fl-2", "ida", 15000), &["ld-1"]).await;
    desk.approves(&Answering::yes("ld-1", &third)).await;
    let fourth = basket("fl-1", "ida", 6000);
    let seen = desk.waiting(&fourth, &["ld-1", "mg-1"]).await;
    let told = desk
        .refuses_for(&Answering::yes("ld-1", &seen), &["LIMIT_EXCEEDED"])
        .await;
    assert_eq!(
        (&told.reasons[0]["limit"], &told.reasons[0]["used"]),
        (&"customer".into(), &27000.into())
    );
    desk.approves(&Answering::yes("mg-1", &seen)).await;
}

/// Each alone would fit; together they do not, whoever answers.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_asking_for_all_of_it_at_once() {
    let mut desk = Desk::open().await;
    let mut waiting = Vec::new();
    for n in 0..6 {
        let asked = Asked {
            budget: Some("pot".into()),
            ..basket("fl-1", &format!("c-{n}"), 20000)
        };
        waiting.push(desk.waiting(&asked, &["mg-1", "mg-2"]).await);
    }
    for seen in &waiting[..4] {
        desk.approves(&Answering::yes("mg-1", seen)).await;
    }
    desk.approves(&Answering::yes("mg-2", &waiting[4])).await;
    let told = desk
        .refuses_for(&Answering::yes("mg-2", &waiting[5]), &["LIMIT_EXCEEDED"])
        .await;
    assert_eq!(
        (&told.reasons[0]["limit"], &told.reasons[0]["left"]),
        (&"pot".into(), &0.into())
    );
    // what is given back makes room
    let first = desk.seen(waiting[0].id).await;
    let cancelled = [Cancelled {
        id: first.id,
        actor: "fl-1".into(),
        etag: first.etag,
    }];
    let told = kernel::cancel(&mut desk.app, desk.tenant, &cancelled).await;
    assert_eq!(told.unwrap(), [None]);
    desk.approves(&Answering::yes("mg-2", &waiting[5])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_in_an_authority_that_was_lowered_while_it_waited() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1", "mg-1"]).await;
    let lowered = document_where("ld-1", |agent| agent["level"] = "frontline".into());
    desk.applies(&lowered).await;
    let told = desk
        .refuses_for(&Answering::yes("ld-1", &seen), &["LIMIT_EXCEEDED"])
        .await;
    assert_eq!(
        (&told.reasons[0]["limit"], &told.reasons[0]["ceiling"]),
        (&"gesture".into(), &6000.into())
    );
    // a no needs no authority but to be asked; and somebody higher can say yes
    desk.approves(&Answering::yes("mg-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_what_the_rules_do_not_offer_any_more() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    kernel::pause(&mut desk.app, desk.tenant, "CHANNEL", "delicatessen", true)
        .await
        .unwrap();
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["PAUSED"])
        .await;
    kernel::pause(&mut desk.app, desk.tenant, "CHANNEL", "delicatessen", false)
        .await
        .unwrap();
    let mut document = Desk::document();
    document["catalog"][0]["max_minor"] = 6999.into();
    desk.applies(&document).await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["AMOUNT_OUT_OF_RANGE"])
        .await;
    document["catalog"][0]["max_minor"] = 50000.into();
    document["catalog"][0]["offered"] = false.into();
    document["catalog"][1]["offered"] = false.into();
    desk.applies(&document).await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["KIND_NOT_OFFERED"])
        .await;
    desk.applies(&Desk::document()).await;
    desk.approves(&Answering::yes("ld-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_for_a_requester_who_was_suspended_or_has_left() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.suspends("fl-1").await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["REQUESTER_SUSPENDED"])
        .await;
    kernel::suspend(&mut desk.app, desk.tenant, "fl-1", false)
        .await
        .unwrap();
    let mut document = Desk::document();
    let agents = document["agents"].as_array_mut().unwrap();
    agents.retain(|agent| agent["id"] != "fl-1");
    desk.applies(&document).await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["REQUESTER_SUSPENDED"])
        .await;
    let told = desk.answers(&Answering::no("ld-1", &seen)).await;
    assert_eq!(told.outcome, "DECLINED");
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_with_more_than_an_approver_has_whatever_was_asked() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let yes = Answering::yes("ld-1", &seen);
    desk.refuses_for(&yes.clone().of_amount(15001), &["LIMIT_EXCEEDED"])
        .await;
    let told = desk
        .refuses(&yes.clone().of_amount(1_000_000_000_000), "REFUSED")
        .await;
    assert!(told.codes().contains(&"AMOUNT_OUT_OF_RANGE"));
    desk.refuses_for(&yes.clone().of_amount(99), &["AMOUNT_OUT_OF_RANGE"])
        .await;
    desk.approves(&yes.of_amount(15000)).await;
}

/// The window is that of the answer: what was asked on the last evening of a month and answered after midnight is charged to
/// the next one.
#[tokio::test(flavor = "multi_thread")]
async fn not_to_a_window_that_has_ended() {
    let mut desk = Desk::open().await;
    // Monday the 30th, 23:30 in Berlin
    desk.later(60 * 24 * 3 + 750).await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.later(31).await;
    desk.approves(&Answering::yes("ld-1", &seen)).await;
    let windows: Vec<chrono::NaiveDate> = sqlx::query_scalar(
        "select distinct k.window_on from largesse.counters k join largesse.limits l using (tenant_id, limit_id)
         where l.span = 'MONTH' and k.held_minor > 0",
    )
    .fetch_all(&mut desk.sql)
    .await
    .unwrap();
    assert_eq!(windows, ["2026-12-01".parse().unwrap()]);
}

/// A promise that has passed is renewed by whoever says yes, or is not made.
#[tokio::test(flavor = "multi_thread")]
async fn not_with_a_promise_that_has_passed() {
    let mut desk = Desk::open().await;
    let asked = Asked {
        promise_by: Some(desk.within(30)),
        ..basket("fl-1", "ida", 7000)
    };
    let seen = desk.waiting(&asked, &["ld-1"]).await;
    desk.later(31).await;
    let yes = Answering::yes("ld-1", &seen);
    desk.refuses_for(&yes, &["PROMISE_PAST"]).await;
    let renewed = Answering {
        promise_by: Some(desk.within(30)),
        ..yes
    };
    desk.approves(&renewed).await;
}
