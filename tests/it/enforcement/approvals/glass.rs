//! Breaking more glass than one may, deciding behind it, and reviewing it oneself.

use super::{basket, document_where};
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Seen, Told};

fn glass(agent: &str, customer: &str, amount: i64) -> Asked {
    Asked {
        is_glass: true,
        ..basket(agent, customer, amount)
    }
}

impl Desk {
    /// Asks; the outcome, and the codes of what stands in the way.
    async fn asks(&mut self, asked: &Asked) -> (String, Vec<String>) {
        let batch = std::slice::from_ref(asked);
        let previewed = kernel::preview(&mut self.app, self.tenant, asked)
            .await
            .unwrap();
        let answer = kernel::admit(&mut self.app, self.tenant, batch)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(previewed, answer, "the preview had said so");
        let codes = answer.reasons.iter().map(|reason| {
            let limit = reason["limit"].as_str().unwrap_or_default();
            format!("{} {limit}", reason["code"].as_str().unwrap())
                .trim_end()
                .to_owned()
        });
        (answer.outcome.clone(), codes.collect())
    }

    async fn reviews(&mut self, actor: &str, seen: &Seen) -> Told {
        let told = kernel::review(&mut self.app, self.tenant, actor, seen, "JUSTIFIED").await;
        told.unwrap()
    }

    async fn does_not_review(&mut self, actor: &str, seen: &Seen, outcome: &str) {
        let before = self.written().await;
        let told = self.reviews(actor, seen).await;
        assert_eq!(
            (told.outcome.as_str(), self.written().await),
            (outcome, before),
            "{actor}"
        );
    }
}

fn told(outcome: &str, codes: &[&str]) -> (String, Vec<String>) {
    (
        outcome.to_owned(),
        codes.iter().map(|code| (*code).to_owned()).collect(),
    )
}

/// 80.00 a month and one piece are a maximum of its own, which the glass does not lift.
#[tokio::test(flavor = "multi_thread")]
async fn not_more_than_the_glass_of_ones_own() {
    let mut desk = Desk::open().await;
    let over = told("NEEDS_APPROVAL", &["LIMIT_EXCEEDED break_glass"]);
    assert_eq!(desk.asks(&glass("fl-1", "ida", 8001)).await, over);
    assert_eq!(
        desk.asks(&glass("fl-1", "ida", 8000)).await,
        told("APPROVED", &[])
    );
    assert_eq!(desk.asks(&glass("fl-1", "jo", 100)).await, over);
    // whoever has no maximum for it may not
    for agent in ["ld-1", "mg-1", "top-1"] {
        let codes = desk.asks(&glass(agent, "kim", 500)).await;
        assert_eq!(
            codes,
            told("NEEDS_APPROVAL", &["BREAK_GLASS_NOT_ALLOWED"]),
            "{agent}"
        );
    }
    desk.holds().await;
}

/// Behind the glass every limit goes up to its hard maximum and no further, and is charged; nobody is two people there.
#[tokio::test(flavor = "multi_thread")]
async fn not_more_than_anybody() {
    let document = document_where("fl-1", |agent| {
        agent["overrides"] =
            serde_json::json!([{"limit": "break_glass", "amount_minor": 30000, "count": 3}]);
    });
    let mut desk = Desk::of(&document).await;
    let dual = told("NEEDS_APPROVAL", &["DUAL_CONTROL"]);
    assert_eq!(desk.asks(&glass("fl-1", "ida", 20001)).await, dual);
    assert_eq!(
        desk.asks(&glass("fl-1", "ida", 20000)).await,
        told("APPROVED", &[])
    );
    let own = told("DECLINED", &["OWN_ACCOUNT"]);
    assert_eq!(desk.asks(&glass("fl-1", "c-fl-1", 7000)).await, own);
    // what others used counts behind the glass too: 400.00 by flowers, so that 200.00 of the customer's 800.00 are left
    for _ in 0..2 {
        let flowers = Asked::of("mg-1", "flowers", "ida", 18000);
        assert_eq!(desk.asks(&flowers).await, told("APPROVED", &[]));
    }
    let hard = told(
        "DECLINED",
        &["LIMIT_EXCEEDED break_glass", "LIMIT_EXCEEDED customer"],
    );
    let hard_customer = desk.asks(&glass("fl-1", "ida", 20000)).await;
    assert!(
        hard_customer.0 == "NEEDS_APPROVAL" || hard_customer == hard,
        "{hard_customer:?}"
    );
    let flowers = Asked {
        is_glass: true,
        ..Asked::of("fl-1", "flowers", "ida", 10000)
    };
    assert_eq!(desk.asks(&flowers).await.0, "NEEDS_APPROVAL");
    desk.holds().await;
}

/// An approver says yes within their own authority, whatever was asked with the glass, and the gesture then broke none.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_an_approver() {
    let mut desk = Desk::open().await;
    let seen = desk
        .waiting(&glass("fl-1", "ida", 16000), &["ld-1", "mg-1"])
        .await;
    desk.refuses_for(&Answering::yes("ld-1", &seen), &["LIMIT_EXCEEDED"])
        .await;
    desk.approves(&Answering::yes("mg-1", &seen)).await;
    let is_glass: bool =
        sqlx::query_scalar("select is_glass from largesse.gestures where gesture_id = $1")
            .bind(seen.id)
            .fetch_one(&mut desk.sql)
            .await
            .unwrap();
    assert!(!is_glass);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_reviewed_by_whoever_broke_it_or_was_not_asked() {
    let mut desk = Desk::open().await;
    let asked = glass("fl-1", "ida", 7000);
    let (_, seen) = desk.request(&asked).await;
    desk.does_not_review("ld-1", &seen, "NOT_ASKED").await;
    desk.ask(asked.id, 0, &["ld-1"]).await;
    let seen = desk.seen(asked.id).await;
    for actor in ["fl-1", "fl-1-second", "fl-1-software"] {
        desk.does_not_review(actor, &seen, "OWN_REQUEST").await;
    }
    for actor in ["mg-1", "fl-2", "duty", "nobody"] {
        desk.does_not_review(actor, &seen, "NOT_ASKED").await;
    }
    // it is no question of whether it may be given
    desk.refuses_both("ld-1", None, &seen, "NOT_ALLOWED").await;
    let before = desk.written().await;
    assert_eq!(
        desk.hands_on("ld-1", &seen, "mg-1").await.outcome,
        "NOT_ALLOWED"
    );
    assert_eq!(desk.written().await, before);

    let stale = Seen {
        etag: 2,
        ..seen.clone()
    };
    desk.does_not_review("ld-1", &stale, "STALE").await;
    let moved = Seen {
        seq: 7,
        ..seen.clone()
    };
    desk.does_not_review("ld-1", &moved, "MOVED").await;
    assert_eq!(desk.reviews("ld-1", &seen).await.outcome, "REVIEWED");
    let before = desk.written().await;
    let again = desk.reviews("ld-1", &seen).await;
    assert_eq!((again.outcome.as_str(), again.replayed), ("REVIEWED", true));
    assert_eq!(desk.written().await, before);
    let now = desk.seen(seen.id).await;
    assert_eq!(now.state, "APPROVED", "a review gives and takes nothing");
    desk.does_not_review("ld-1", &now, "NOT_ALLOWED").await;
    desk.holds().await;
}

/// What waits is not reviewed, and nothing is reviewed that broke no glass.
#[tokio::test(flavor = "multi_thread")]
async fn not_what_broke_none() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.does_not_review("ld-1", &seen, "NOT_ALLOWED").await;
    desk.approves(&Answering::yes("ld-1", &seen)).await;
    let now = desk.seen(seen.id).await;
    desk.does_not_review("ld-1", &now, "NOT_ALLOWED").await;
}

/// What waits can be made a broken glass, by its requester alone and within the glass; the answers of others are over then.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_revising_beyond_it() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let told = kernel::revise(
        &mut desk.app,
        desk.tenant,
        &seen,
        &glass("fl-1", "ida", 8001),
    )
    .await;
    assert_eq!(told.unwrap().state.as_deref(), Some("PENDING_APPROVAL"));
    let now = desk.seen(seen.id).await;
    let told = kernel::revise(
        &mut desk.app,
        desk.tenant,
        &now,
        &glass("fl-1", "ida", 8000),
    )
    .await;
    assert_eq!(told.unwrap().state.as_deref(), Some("APPROVED"));
    desk.refuses_both("ld-1", None, &seen, "STALE").await;
    let question = kernel::question(&mut desk.app, desk.tenant, seen.id)
        .await
        .unwrap();
    assert_eq!(question.unwrap().purpose, "REVIEW");
    desk.holds().await;
}
