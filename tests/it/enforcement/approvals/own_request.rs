//! Answering one's own request, and giving to oneself. Nobody does, through whatever door.

use super::basket;
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Lending};

#[tokio::test(flavor = "multi_thread")]
async fn not_directly_and_not_in_the_authority_of_who_was_asked() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for authority in [None, Some("fl-1"), Some("ld-1"), Some("mg-1"), Some("duty")] {
        desk.refuses_both("fl-1", authority, &seen, "OWN_REQUEST")
            .await;
    }
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_a_second_account_or_a_software_account_of_ones_own() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for actor in ["fl-1-second", "fl-1-software"] {
        for authority in [None, Some(actor), Some("ld-1")] {
            desk.refuses_both(actor, authority, &seen, "OWN_REQUEST")
                .await;
        }
    }
    desk.holds().await;
}

/// Lent to the requester, lent to another account of theirs, lent by the requester, lent by another account of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn not_through_a_delegation_in_either_direction() {
    for to in ["fl-1", "fl-1-second"] {
        let mut desk = Desk::open().await;
        let until = desk.within(600);
        desk.lends(&Lending::of("ld-1", to, until)).await;
        let seen = desk.seventy(&["ld-1"]).await;
        for authority in [None, Some("ld-1")] {
            desk.refuses_both(to, authority, &seen, "OWN_REQUEST").await;
        }
        desk.holds().await;
    }
    for (from, outcome) in [("fl-1", "OWN_REQUEST"), ("fl-1-second", "NOT_ASKED")] {
        let mut desk = Desk::open().await;
        let until = desk.within(600);
        desk.lends(&Lending::of(from, "pm-1", until)).await;
        let seen = desk.seventy(&["ld-1"]).await;
        desk.refuses_both("pm-1", Some(from), &seen, outcome).await;
        desk.refuses_both("pm-1", None, &seen, "NOT_ASKED").await;
        desk.holds().await;
    }
}

/// fl-5's manager is another account of the same person: not asked, not handed the question, not answered by.
#[tokio::test(flavor = "multi_thread")]
async fn not_as_ones_own_manager() {
    let mut desk = Desk::open().await;
    let asked = basket("fl-5", "ida", 7000);
    let (_, unasked) = desk.request(&asked).await;
    let before = desk.written().await;
    let refused = desk.try_to_ask(unasked.id, 0, &["mg-5"]).await;
    assert_eq!(refused.unwrap(), "UNFIT");
    assert_eq!(desk.written().await, before);

    desk.ask(asked.id, 0, &["top-1"]).await;
    let seen = desk.seen(asked.id).await;
    let before = desk.written().await;
    let told = desk.hands_on("top-1", &seen, "mg-5").await;
    assert_eq!(
        (told.outcome.as_str(), desk.written().await),
        ("UNABLE", before)
    );
    desk.refuses_both("mg-5", None, &seen, "OWN_REQUEST").await;
    desk.approves(&Answering::yes("top-1", &seen)).await;
}

/// Nor by whoever turned out to be the same person while it waited: not themselves, and nobody in their authority.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_who_became_the_same_person() {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    desk.lends(&Lending::of("ld-1", "pm-1", until)).await;
    let seen = desk.seventy(&["ld-1"]).await;
    let document = super::document_where("ld-1", |agent| agent["person"] = "fl-1".into());
    desk.applies(&document).await;
    desk.refuses_both("ld-1", None, &seen, "OWN_REQUEST").await;
    desk.refuses_both("pm-1", None, &seen, "OWN_REQUEST").await;
    desk.refuses_both("pm-1", Some("ld-1"), &seen, "OWN_REQUEST")
        .await;
    desk.holds().await;
}

/// A member of the duty pool does not answer for it about their own request; the others do.
#[tokio::test(flavor = "multi_thread")]
async fn not_as_a_member_of_the_pool() {
    let mut desk = Desk::open().await;
    let seen = desk.waiting(&basket("fl-3", "ida", 7000), &["duty"]).await;
    for authority in [None, Some("duty")] {
        desk.refuses_both("fl-3", authority, &seen, "OWN_REQUEST")
            .await;
    }
    desk.approves(&Answering::yes("pm-1", &seen)).await;
}

/// Two people who say yes to each other are allowed: both names are in the trail, where whoever looks for rings finds them.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_approve_each_other_are_found_in_the_trail() {
    let mut desk = Desk::open().await;
    let first = desk
        .waiting(&basket("mg-1", "ida", 25000), &["mg-2", "top-1"])
        .await;
    desk.answers(&Answering::yes("mg-2", &first)).await;
    let first = desk.seen(first.id).await;
    desk.approves(&Answering::yes("top-1", &first)).await;
    let second = desk.waiting(&basket("mg-2", "jo", 25000), &["top-1"]).await;
    desk.answers(&Answering::yes("top-1", &second)).await;
    let second = desk.seen(second.id).await;
    assert_eq!(
        desk.hands_on("top-1", &second, "mg-1").await.outcome,
        "REASSIGNED"
    );
    desk.approves(&Answering::yes("mg-1", &second)).await;

    let rings: Vec<(String, String)> = sqlx::query_as(
        "with answers as (
             select distinct g.requested_by, e.actor
             from largesse.events e
             join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
             where e.type in ('APPROVED', 'FIRST_YES') and e.actor <> g.requested_by)
         select a.requested_by, a.actor
         from answers a
         join answers b on b.requested_by = a.actor and b.actor = a.requested_by
         where a.requested_by < a.actor",
    )
    .fetch_all(&mut desk.sql)
    .await
    .unwrap();
    assert_eq!(rings, [("mg-1".to_owned(), "mg-2".to_owned())]);
}

/// Whoever asks, whoever answers, and whoever's authority it is: none of them owns the customer's account, nor does another
/// account of the same person.
#[tokio::test(flavor = "multi_thread")]
async fn not_for_an_account_of_ones_own() {
    let mut desk = Desk::open().await;
    // the authority's own, the actor's own
    let seen = desk
        .waiting(&basket("fl-1", "c-ld-1", 7000), &["ld-1", "mg-1"])
        .await;
    let until = desk.within(600);
    desk.lends(&Lending::of("mg-1", "ld-1", until)).await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["OWN_ACCOUNT"])
        .await;
    let as_delegate = Answering::yes("ld-1", &seen).in_the_authority_of("mg-1");
    desk.refuses_for(&as_delegate, &["OWN_ACCOUNT"]).await;
    let told = desk.hands_on("mg-1", &seen, "ld-1-second").await;
    assert_eq!(told.outcome, "UNABLE");
    desk.approves(&Answering::yes("mg-1", &seen)).await;

    // the authority's own, for a delegate who has nothing to do with it
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    desk.lends(&Lending::of("ld-1", "pm-1", until)).await;
    let seen = desk
        .waiting(&basket("fl-1", "c-ld-1", 7000), &["ld-1"])
        .await;
    desk.refuses_for(&Answering::yes("pm-1", &seen), &["OWN_ACCOUNT"])
        .await;
    desk.holds().await;
}

/// The requester's own, which no approver mends.
#[tokio::test(flavor = "multi_thread")]
async fn not_for_an_account_of_the_requesters() {
    let mut desk = Desk::open().await;
    for agent in ["fl-1", "fl-1-second", "fl-1-software"] {
        for amount in [5000, 7000] {
            let asked = basket(agent, "c-fl-1", amount);
            let batch = std::slice::from_ref(&asked);
            let told = kernel::preview(&mut desk.app, desk.tenant, &asked)
                .await
                .unwrap();
            assert_eq!(told.outcome, "DECLINED", "{agent} {told:?}");
            let told = kernel::admit(&mut desk.app, desk.tenant, batch)
                .await
                .unwrap();
            assert_eq!(told[0].outcome, "DECLINED", "{agent} {told:?}");
            let codes = told[0].reasons.iter().map(|reason| &reason["code"]);
            assert!(
                codes.into_iter().any(|code| code == "OWN_ACCOUNT"),
                "{told:?}"
            );
        }
    }
    desk.holds().await;

    // it became theirs while the question waited
    let seen = desk.waiting(&basket("fl-1", "late", 7000), &["ld-1"]).await;
    let document = super::document_where("fl-1-second", |agent| {
        agent["own_customers"] = serde_json::json!(["late"]);
    });
    desk.applies(&document).await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["OWN_ACCOUNT"])
        .await;
}
