//! Putting other terms under an answer, and answers under other terms.

use uuid::Uuid;

use super::basket;
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Cancelled, Seen, Told};

impl Desk {
    async fn revises(&mut self, seen: &Seen, terms: &Asked) -> Told {
        let told = kernel::revise(&mut self.app, self.tenant, seen, terms).await;
        told.unwrap()
    }

    /// The revision is refused, and not a row is other than before.
    async fn does_not_revise(&mut self, seen: &Seen, terms: &Asked, outcome: &str) -> Told {
        let before = self.written().await;
        let told = self.revises(seen, terms).await;
        assert_eq!(told.outcome, outcome, "{terms:?}");
        assert_eq!(self.written().await, before);
        told
    }
}

/// Approve the first terms, execute the second: there is no order in which that works.
#[tokio::test(flavor = "multi_thread")]
async fn not_with_terms_that_nobody_said_yes_to() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let dearer = basket("fl-1", "ida", 15000);
    let told = desk.revises(&seen, &dearer).await;
    assert_eq!(
        (told.outcome.as_str(), told.state.as_deref()),
        ("REVISED", Some("PENDING_APPROVAL"))
    );
    let now = desk.seen(seen.id).await;
    // nobody is asked about the new terms yet, and the old ones are over
    let stale = Answering::yes("ld-1", &seen);
    desk.refuses(&stale, "STALE").await;
    let mixed = Answering {
        etag: now.etag,
        ..stale.clone()
    };
    desk.refuses(&mixed, "STALE").await;
    desk.refuses(&Answering::yes("ld-1", &now), "NOT_ASKED")
        .await;
    desk.ask(seen.id, 0, &["ld-1"]).await;
    desk.refuses(&stale, "STALE").await;
    desk.refuses(&mixed, "STALE").await;
    desk.approves(&Answering::yes("ld-1", &now)).await;
    let given = desk.seen(seen.id).await;
    desk.does_not_revise(&given, &basket("fl-1", "ida", 15001), "NOT_ALLOWED")
        .await;
    desk.does_not_revise(&now, &basket("fl-1", "ida", 15001), "STALE")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_anybody_but_the_requester_and_not_for_another_customer() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    for agent in ["fl-2", "ld-1", "fl-1-second", "mg-1", "nobody"] {
        let told = desk
            .does_not_revise(&seen, &basket(agent, "ida", 5000), "FORBIDDEN")
            .await;
        assert_eq!((told.state, told.etag, told.by), (None, None, None));
    }
    desk.does_not_revise(&seen, &basket("fl-1", "jo", 5000), "OTHER_CUSTOMER")
        .await;
    let elsewhere = Seen {
        id: Uuid::now_v7(),
        ..seen.clone()
    };
    desk.does_not_revise(&elsewhere, &basket("fl-1", "ida", 5000), "UNKNOWN")
        .await;
    for terms in [
        Asked {
            kind: "yacht".into(),
            ..basket("fl-1", "ida", 5000)
        },
        Asked {
            budget: Some("none".into()),
            ..basket("fl-1", "ida", 5000)
        },
        Asked {
            waived: vec!["none".into()],
            ..basket("fl-1", "ida", 5000)
        },
        Asked {
            promise_by: Some(desk.within(-1)),
            ..basket("fl-1", "ida", 5000)
        },
    ] {
        let told = desk.does_not_revise(&seen, &terms, "INVALID").await;
        assert!(!told.reasons.is_empty());
    }
    let moved = Seen {
        seq: seen.seq + 1,
        ..seen.clone()
    };
    desk.does_not_revise(&moved, &basket("fl-1", "ida", 5000), "MOVED")
        .await;
    desk.holds().await;
}

/// A first yes is to the terms that were seen; other terms begin again.
#[tokio::test(flavor = "multi_thread")]
async fn not_with_a_first_yes_to_other_terms() {
    let mut desk = Desk::open().await;
    let seen = desk
        .waiting(&basket("fl-1", "ida", 25000), &["mg-1", "mg-2"])
        .await;
    desk.answers(&Answering::yes("mg-1", &seen)).await;
    let seen = desk.seen(seen.id).await;
    let other = Asked {
        promise_by: Some(desk.within(600)),
        ..basket("fl-1", "ida", 25000)
    };
    desk.revises(&seen, &other).await;
    desk.ask(seen.id, 0, &["mg-1", "mg-2"]).await;
    let seen = desk.seen(seen.id).await;
    let told = desk.answers(&Answering::yes("mg-2", &seen)).await;
    assert_eq!(told.outcome, "FIRST_YES");
    desk.holds().await;
}

/// Within the requester's own authority a revision is given at once, once, and charged to them.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_admitted_from_the_start() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.suspends("fl-1").await;
    let told = desk.revises(&seen, &basket("fl-1", "ida", 5000)).await;
    assert_eq!(
        (told.outcome.as_str(), told.state.as_deref()),
        ("REVISED", Some("DECLINED"))
    );
    desk.holds().await;

    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let terms = basket("fl-1", "ida", 5000);
    let told = desk.revises(&seen, &terms).await;
    assert_eq!(
        (told.outcome.as_str(), told.state.as_deref()),
        ("REVISED", Some("APPROVED"))
    );
    let before = desk.written().await;
    let told = desk.revises(&seen, &terms).await;
    assert_eq!((told.outcome.as_str(), told.replayed), ("REVISED", true));
    assert_eq!(desk.written().await, before);
    desk.refuses_both("ld-1", None, &seen, "STALE").await;
    desk.holds().await;
}

/// The id is still that of the first request: asked again it has its first answer, and the terms of a revision are others.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_request_is_answered_as_before() {
    let mut desk = Desk::open().await;
    let asked = basket("fl-1", "ida", 7000);
    let seen = desk.waiting(&asked, &["ld-1"]).await;
    let terms = Asked {
        id: asked.id,
        ..basket("fl-1", "ida", 5000)
    };
    desk.revises(&seen, &terms).await;
    let before = desk.written().await;
    let again = kernel::admit(&mut desk.app, desk.tenant, std::slice::from_ref(&asked)).await;
    let again = again.unwrap().remove(0);
    assert_eq!(
        (again.outcome.as_str(), again.replayed),
        ("NEEDS_APPROVAL", true)
    );
    let other = kernel::admit(&mut desk.app, desk.tenant, &[terms])
        .await
        .unwrap();
    assert_eq!(other[0].outcome, "REUSED");
    assert_eq!(desk.written().await, before);
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_what_was_withdrawn_or_answered() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.answers(&Answering::no("ld-1", &seen)).await;
    let now = desk.seen(seen.id).await;
    desk.does_not_revise(&now, &basket("fl-1", "ida", 5000), "NOT_ALLOWED")
        .await;

    let seen = desk.seventy(&["ld-1"]).await;
    let cancelled = [Cancelled {
        id: seen.id,
        actor: "fl-1".into(),
        etag: 1,
    }];
    let told = kernel::cancel(&mut desk.app, desk.tenant, &cancelled).await;
    assert_eq!(told.unwrap(), [None]);
    let now = desk.seen(seen.id).await;
    desk.does_not_revise(&now, &basket("fl-1", "ida", 5000), "NOT_ALLOWED")
        .await;
    desk.holds().await;
}
