//! A grant on a silence that is none, or of more than the pool may give.

use super::{basket, document_where};
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Seen, Until};

/// A basket whose silence is granted after twenty minutes.
fn funeral(agent: &str, customer: &str, amount: i64) -> Asked {
    Asked {
        occasion: Some("bereavement".into()),
        ..basket(agent, customer, amount)
    }
}

impl Desk {
    /// Asked about, for twenty minutes.
    async fn asked_in_vain(&mut self, asked: &Asked) -> Seen {
        let (outcome, seen) = self.request(asked).await;
        assert_eq!(outcome, "NEEDS_APPROVAL");
        let until = Until {
            answer_by: self.within(10),
            due_at: Some(self.within(10)),
            expires_at: Some(self.within(20)),
        };
        let who = if asked.agent == "fl-4" {
            "mg-1"
        } else {
            "ld-1"
        };
        let who = [(who, "LINE")];
        let told = kernel::ask(&mut self.app, self.tenant, seen.id, 0, &who, until).await;
        assert_eq!(told.unwrap(), "ASKED");
        seen
    }

    /// Time passes over it; what `lapse` says.
    async fn lapses(&mut self, seen: &Seen, step: i32) -> String {
        let told = kernel::lapse(&mut self.app, self.tenant, seen.id, step).await;
        told.unwrap()
    }

    /// It has expired for these reasons.
    async fn expires_for(&mut self, seen: &Seen, codes: &[&str]) {
        assert_eq!(self.lapses(seen, 1).await, "EXPIRED");
        let told: Vec<String> = sqlx::query_scalar(
            "select r ->> 'code' from largesse.events e cross join lateral json_array_elements(e.facts -> 'reasons') r
             where e.gesture_id = $1 and e.type = 'EXPIRED'",
        )
        .bind(seen.id)
        .fetch_all(&mut self.sql)
        .await
        .unwrap();
        assert_eq!(told, codes);
        self.holds().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_before_its_time_not_at_another_step_and_not_twice() {
    let mut desk = Desk::open().await;
    let seen = desk.asked_in_vain(&funeral("fl-1", "ida", 8000)).await;
    for minutes in [0, 10, 9] {
        desk.later(minutes).await;
        let before = desk.written().await;
        for step in [0, 1, 2] {
            assert_eq!(desk.lapses(&seen, step).await, "STALE");
        }
        assert_eq!(desk.written().await, before);
    }
    desk.later(1).await;
    assert_eq!(desk.lapses(&seen, 0).await, "STALE");
    assert_eq!(desk.lapses(&seen, 2).await, "STALE");
    assert_eq!(desk.lapses(&seen, 1).await, "APPROVED");
    let before = desk.written().await;
    assert_eq!(desk.lapses(&seen, 1).await, "STALE");
    assert_eq!(desk.written().await, before);
    let given = desk.seen(seen.id).await;
    desk.refuses_both("ld-1", None, &seen, "STALE").await;
    desk.refuses_both("ld-1", None, &given, "NOT_ALLOWED").await;
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_before_anybody_was_asked() {
    let mut desk = Desk::open().await;
    let (_, seen) = desk.request(&funeral("fl-1", "ida", 8000)).await;
    desk.later(60 * 24 * 30).await;
    let before = desk.written().await;
    assert_eq!(desk.lapses(&seen, 0).await, "STALE");
    assert_eq!(desk.written().await, before);
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_where_the_rule_does_not_say_so() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    desk.later(120).await;
    assert_eq!(desk.lapses(&seen, 1).await, "EXPIRED");
    assert_eq!(desk.lapses(&seen, 1).await, "STALE");
    let now = desk.seen(seen.id).await;
    desk.refuses_both("ld-1", None, &seen, "STALE").await;
    desk.refuses_both("ld-1", None, &now, "NOT_ALLOWED").await;
    desk.holds().await;
}

/// The rule that counts is the one in force when the time is over.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_a_rule_that_is_gone() {
    let mut desk = Desk::open().await;
    let seen = desk.asked_in_vain(&funeral("fl-1", "ida", 8000)).await;
    let mut document = Desk::document();
    document["routing"]["rules"] = serde_json::json!([]);
    desk.applies(&document).await;
    desk.later(20).await;
    assert_eq!(desk.lapses(&seen, 1).await, "EXPIRED");
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_above_the_pools_authority() {
    let mut desk = Desk::open().await;
    let seen = desk.asked_in_vain(&funeral("fl-1", "ida", 10001)).await;
    desk.later(20).await;
    desk.expires_for(&seen, &["LIMIT_EXCEEDED"]).await;

    // nor what it would have to waive, nor of a budget that is not its own
    let mut document = Desk::document();
    document["levels"][3]["budgets"] = serde_json::json!([]);
    let mut desk = Desk::of(&document).await;
    let waived = Asked {
        waived: vec!["late-return".into()],
        ..funeral("fl-1", "ida", 8000)
    };
    let pot = Asked {
        budget: Some("pot".into()),
        ..funeral("fl-1", "jo", 8000)
    };
    let (waived, pot) = (
        desk.asked_in_vain(&waived).await,
        desk.asked_in_vain(&pot).await,
    );
    desk.later(20).await;
    desk.expires_for(&waived, &["POLICY_NOT_WAIVABLE"]).await;
    desk.expires_for(&pot, &["BUDGET_NOT_ALLOWED"]).await;
}

/// Five times 100.00 a month are the pool's; the sixth finds no room.
#[tokio::test(flavor = "multi_thread")]
async fn not_more_than_there_is_room() {
    let mut desk = Desk::open().await;
    let mut waiting = Vec::new();
    for n in 0..6 {
        waiting.push(
            desk.asked_in_vain(&funeral("fl-1", &format!("c-{n}"), 10000))
                .await,
        );
    }
    desk.later(20).await;
    for seen in &waiting[..5] {
        assert_eq!(desk.lapses(seen, 1).await, "APPROVED");
    }
    desk.expires_for(&waiting[5], &["LIMIT_EXCEEDED"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_above_the_amount_for_two() {
    let document = document_where("duty", |agent| agent["level"] = "manager".into());
    let mut desk = Desk::of(&document).await;
    let seen = desk.asked_in_vain(&funeral("fl-1", "ida", 20001)).await;
    // a first yes of somebody is none of the pool's
    let half = desk.asked_in_vain(&funeral("fl-4", "jo", 20001)).await;
    desk.answers(&Answering::yes("mg-1", &half)).await;
    let within = desk.asked_in_vain(&funeral("fl-1", "kim", 20000)).await;
    desk.later(20).await;
    desk.expires_for(&seen, &["DUAL_CONTROL"]).await;
    desk.expires_for(&half, &["DUAL_CONTROL"]).await;
    assert_eq!(desk.lapses(&within, 1).await, "APPROVED");
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_for_whoever_may_not_and_not_what_is_paused() {
    for (what, codes) in [
        ("fl-1", ["REQUESTER_SUSPENDED"]),
        ("duty", ["AGENT_SUSPENDED"]),
        ("", ["PAUSED"]),
    ] {
        let mut desk = Desk::open().await;
        let seen = desk.asked_in_vain(&funeral("fl-1", "ida", 8000)).await;
        if what.is_empty() {
            let paused = kernel::pause(&mut desk.app, desk.tenant, "KIND", "basket", true).await;
            assert!(paused.unwrap());
        } else {
            desk.suspends(what).await;
        }
        desk.later(20).await;
        desk.expires_for(&seen, &codes).await;
    }
}

/// A returned gesture expires when its requester does not answer, and is never granted.
#[tokio::test(flavor = "multi_thread")]
async fn not_while_the_requester_is_the_one_who_is_silent() {
    let mut desk = Desk::open().await;
    let seen = desk.asked_in_vain(&funeral("fl-1", "ida", 8000)).await;
    let seen = desk.seen(seen.id).await;
    desk.answers(&Answering::back("ld-1", &seen)).await;
    desk.later(19).await;
    assert_eq!(desk.lapses(&seen, 1).await, "STALE");
    desk.later(1).await;
    assert_eq!(desk.lapses(&seen, 1).await, "EXPIRED");
    assert_eq!(desk.lapses(&seen, 1).await, "STALE");
    desk.holds().await;
}
