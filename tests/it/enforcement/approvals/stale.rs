//! Answers to what is not there any more, and of people who were not asked.

use uuid::Uuid;

use super::basket;
use crate::support::kernel::{self, Answering, Cancelled, sqlstate};
use crate::support::{Desk, Rows};

/// Whoever was not asked learns nothing, whatever their rank, and whatever they name.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_whoever_was_not_asked() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for actor in [
        "mg-1", "top-1", "fl-2", "sw-1", "duty", "pm-1", "admin-1", "nobody", "largesse",
    ] {
        desk.refuses_both(actor, None, &seen, "NOT_ASKED").await;
        desk.refuses_both(actor, Some(actor), &seen, "NOT_ASKED")
            .await;
        desk.refuses_both(actor, Some("ld-1"), &seen, "NOT_LENT")
            .await;
        desk.refuses(&Answering::back(actor, &seen), "NOT_ASKED")
            .await;
        let before = desk.written().await;
        let told = desk.hands_on(actor, &seen, "mg-2").await;
        assert_eq!((told.outcome.as_str(), told.state), ("NOT_ASKED", None));
        assert_eq!(desk.written().await, before);
    }
    // nor by guessing: the refusal is the same with another etag, other terms, another state
    for etag in [1, 2, 9] {
        let guessed = Answering {
            etag,
            terms: Some(vec![0; 32]),
            ..Answering::yes("mg-1", &seen)
        };
        desk.refuses(&guessed, "NOT_ASKED").await;
    }
    desk.approves(&Answering::yes("ld-1", &seen)).await;
    desk.refuses_both("mg-1", None, &seen, "NOT_ASKED").await;
}

/// Nobody is asked yet: nobody answers.
#[tokio::test(flavor = "multi_thread")]
async fn not_before_anybody_was_asked() {
    let mut desk = Desk::open().await;
    let (_, seen) = desk.request(&basket("fl-1", "ida", 7000)).await;
    for actor in ["ld-1", "mg-1", "duty"] {
        desk.refuses_both(actor, None, &seen, "NOT_ASKED").await;
    }
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_to_an_etag_or_terms_that_are_not_in_force() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for etag in [2, 3, 7, i32::MAX] {
        let stale = Answering {
            etag,
            ..Answering::yes("ld-1", &seen)
        };
        let told = desk.refuses(&stale, "STALE").await;
        assert_eq!((told.etag, told.by.as_deref()), (Some(1), Some("fl-1")));
        let stale = Answering {
            etag,
            ..Answering::no("ld-1", &seen)
        };
        desk.refuses(&stale, "STALE").await;
    }
    let other = desk.waiting(&basket("fl-1", "ida", 7100), &["ld-1"]).await;
    for terms in [other.terms, vec![0; 32]] {
        let stale = Answering {
            terms: Some(terms),
            ..Answering::yes("ld-1", &seen)
        };
        desk.refuses(&stale, "STALE").await;
    }
    desk.approves(&Answering::yes("ld-1", &seen)).await;
}

/// The same answer again changes nothing and is told as before; any other is too late, and learns who was faster.
#[tokio::test(flavor = "multi_thread")]
async fn not_after_somebody_answered() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1", "mg-1"]).await;
    let yes = Answering::yes("ld-1", &seen);
    desk.approves(&yes).await;
    let before = desk.written().await;
    let again = desk.answers(&yes).await;
    assert_eq!((again.outcome.as_str(), again.replayed), ("APPROVED", true));
    assert_eq!(desk.written().await, before);

    let late = [
        Answering::yes("mg-1", &seen),
        Answering::no("mg-1", &seen),
        Answering::no("ld-1", &seen),
    ];
    for answering in late {
        let told = desk.refuses(&answering, "STALE").await;
        assert_eq!(
            (told.state.as_deref(), told.by.as_deref()),
            (Some("APPROVED"), Some("ld-1"))
        );
    }
    desk.refuses(&yes.of_amount(6999), "STALE").await;
    let now = desk.seen(seen.id).await;
    for actor in ["ld-1", "mg-1"] {
        desk.refuses_both(actor, None, &now, "NOT_ALLOWED").await;
    }
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_after_it_was_withdrawn() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let cancelled = [Cancelled {
        id: seen.id,
        actor: "fl-1".into(),
        etag: seen.etag,
    }];
    let told = kernel::cancel(&mut desk.app, desk.tenant, &cancelled).await;
    assert_eq!(told.unwrap(), [None]);
    desk.refuses_both("ld-1", None, &seen, "STALE").await;
    let now = desk.seen(seen.id).await;
    desk.refuses_both("ld-1", None, &now, "NOT_ALLOWED").await;
    // asking for the same again is another question
    let again = desk.seventy(&["ld-1"]).await;
    let mixed = Answering {
        id: seen.id,
        ..Answering::yes("ld-1", &again)
    };
    desk.refuses(&mixed, "STALE").await;
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_after_it_was_handed_on() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    assert_eq!(
        desk.hands_on("ld-1", &seen, "mg-1").await.outcome,
        "REASSIGNED"
    );
    desk.refuses_both("ld-1", None, &seen, "NOT_ASKED").await;
    for (to, outcome) in [
        ("fl-2", "UNABLE"),
        ("fl-1", "UNABLE"),
        ("fl-1-second", "UNABLE"),
        ("nobody", "TO_UNKNOWN"),
        ("mg-1", "ALREADY_ASKED"),
    ] {
        let before = desk.written().await;
        let told = desk.hands_on("mg-1", &seen, to).await;
        assert_eq!(
            (told.outcome.as_str(), desk.written().await),
            (outcome, before),
            "{to}"
        );
    }
    desk.approves(&Answering::yes("mg-1", &seen)).await;
}

/// Handing it to and fro: said again it is a replay only while it is so.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_handed_back_can_be_handed_on_again() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for _ in 0..2 {
        for (from, to) in [("ld-1", "mg-1"), ("mg-1", "ld-1")] {
            let told = desk.hands_on(from, &seen, to).await;
            assert_eq!(
                (told.outcome.as_str(), told.replayed),
                ("REASSIGNED", false)
            );
            let before = desk.written().await;
            let told = desk.hands_on(from, &seen, to).await;
            assert_eq!((told.outcome.as_str(), told.replayed), ("REASSIGNED", true));
            assert_eq!(desk.written().await, before);
            desk.refuses_both(from, None, &seen, "NOT_ASKED").await;
        }
    }
    desk.approves(&Answering::yes("ld-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_an_approver_who_was_suspended() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1", "mg-1"]).await;
    desk.suspends("ld-1").await;
    desk.refuses_both("ld-1", None, &seen, "INACTIVE").await;
    desk.refuses_both("ld-1", Some("ld-1"), &seen, "INACTIVE")
        .await;
    let before = desk.written().await;
    assert_eq!(
        desk.hands_on("ld-1", &seen, "mg-2").await.outcome,
        "INACTIVE"
    );
    assert_eq!(desk.written().await, before);
    desk.approves(&Answering::yes("mg-1", &seen)).await;
}

/// What is sealed is sealed for one place in the trail.
#[tokio::test(flavor = "multi_thread")]
async fn not_with_a_note_that_was_sealed_for_another_event() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for seq in [None, Some(1), Some(seen.seq), Some(seen.seq + 2)] {
        let moved = Answering {
            seq,
            ..Answering::no("ld-1", &seen)
        };
        let told = desk.refuses(&moved, "MOVED").await;
        assert_eq!(told.etag, Some(seen.seq + 1), "the number to seal it for");
    }
    let told = desk.answers(&Answering::no("ld-1", &seen)).await;
    assert_eq!(told.outcome, "DECLINED");
    desk.holds().await;
}

/// Another tenant's gesture is none, and so is an id that was given up.
#[tokio::test(flavor = "multi_thread")]
async fn not_to_another_tenants_question() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let (other, _) = kernel::apply(&mut desk.app, "other", 0, &Desk::document())
        .await
        .unwrap();
    let tombstone = Uuid::now_v7();
    kernel::resolve(&mut desk.app, desk.tenant, tombstone, "fl-1")
        .await
        .unwrap();
    let before = desk.written().await;
    for (tenant, id) in [
        (other, seen.id),
        (desk.tenant, Uuid::now_v7()),
        (desk.tenant, tombstone),
    ] {
        for answering in [Answering::yes("ld-1", &seen), Answering::no("ld-1", &seen)] {
            let answering = Answering { id, ..answering };
            let told = kernel::decide(&mut desk.app, tenant, &answering)
                .await
                .unwrap();
            assert_eq!((told.outcome.as_str(), told.state), ("UNKNOWN", None));
        }
    }
    let stranger = Uuid::now_v7();
    let refused = kernel::decide(&mut desk.app, stranger, &Answering::yes("ld-1", &seen)).await;
    assert_eq!(sqlstate(&refused.unwrap_err()), "LG404");
    let after: (Rows, String) = desk.written().await;
    assert_eq!(after, before);
    desk.holds().await;
}
