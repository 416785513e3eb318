//! What the customer was told is watched, and somebody is asked when it did not happen.

use largesse::pb::{
    CloseFollowUpRequest, FollowUpPurpose, Gesture, GestureState, ListGesturesRequest, PromiseState,
};
use prost_types::Timestamp;

use crate::support::{World, assert_invariants, flowers, reason_of, until};

const FRIDAY: &str = "2026-11-27T09:00:00Z";

fn at(text: &str) -> Timestamp {
    let at: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
    Timestamp {
        seconds: at.timestamp(),
        nanos: 0,
    }
}

/// Flowers that were promised for Tuesday noon; they take a day.
fn promised() -> Gesture {
    Gesture {
        promise_by: Some(at("2026-12-01T12:00:00Z")),
        ..flowers("ida", 4500)
    }
}

async fn becomes(world: &World, id: &str, when: &str, expected: PromiseState) -> Gesture {
    world.set_clock(when).await;
    let agent = world.agent("fl-101").await;
    until(
        || async { agent.clone().get(id).await.unwrap() },
        |gesture| gesture.promise() == expected,
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_dispatched_in_time_is_at_risk_then_late_then_broken() {
    let world = World::of_with_movable_clock(crate::support::DEMO).await;
    world.set_clock(FRIDAY).await;
    let mut agent = world.agent("fl-101").await;
    let given = agent.request(promised()).await.unwrap();
    for (when, expected) in [
        ("2026-11-30T12:00:00Z", PromiseState::AtRisk),
        ("2026-12-01T12:00:00Z", PromiseState::Late),
        ("2026-12-02T12:00:00Z", PromiseState::Broken),
    ] {
        let now = becomes(&world, &given.id, when, expected).await;
        assert_eq!(
            now.etag, given.etag,
            "nothing that is decided on has changed"
        );
        let list = ListGesturesRequest {
            promise: expected.into(),
            ..Default::default()
        };
        let listed = agent.list(list).await.unwrap().gestures;
        assert_eq!(listed.len(), 1, "{when}");
    }

    let mut lead = world.approver("ld-201").await;
    let waiting = lead.follow_ups().await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].purpose(), FollowUpPurpose::Promise);
    let instead = Gesture {
        replaces: given.id.clone(),
        ..flowers("ida", 2000)
    };
    lead.request(instead).await.unwrap();
    assert!(
        lead.follow_ups().await.is_empty(),
        "a new gesture answers it"
    );

    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let tasks = florist.lease("florist", 2).await.unwrap();
    let task = tasks.iter().find(|task| task.task_id == given.id).unwrap();
    let done = florist.delivered(task, 4500).await.unwrap();
    assert_eq!(done.promise(), PromiseState::Broken, "too late is too late");
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_comes_late_does_not_make_it_late() {
    let world = World::of_with_movable_clock(crate::support::DEMO).await;
    world.set_clock(FRIDAY).await;
    let mut agent = world.agent("fl-101").await;
    let given = agent.request(promised()).await.unwrap();
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    florist.dispatched(&task, "FLR-1").await.unwrap();
    becomes(
        &world,
        &given.id,
        "2026-12-01T13:00:00Z",
        PromiseState::Late,
    )
    .await;
    let done = florist
        .delivered_with(largesse::pb::ReportDeliveredRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            actual_cost: given.amount.clone(),
            deliver_time: Some(at("2026-12-01T11:59:00Z")),
            proof_reference: "photo-1".into(),
        })
        .await
        .unwrap();
    assert_eq!(done.promise(), PromiseState::Kept);
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_good_breaks_its_promise_at_once_and_the_lead_may_close_the_question() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let soon = chrono::Utc::now() + chrono::TimeDelta::days(3);
    let wish = Gesture {
        promise_by: Some(Timestamp {
            seconds: soon.timestamp(),
            nanos: 0,
        }),
        ..flowers("ida", 4500)
    };
    let given = agent.request(wish).await.unwrap();
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    let failed = florist.failed(&task, true).await.unwrap();
    assert_eq!(
        (failed.state(), failed.promise()),
        (GestureState::Failed, PromiseState::Broken)
    );

    let close = CloseFollowUpRequest {
        gesture_id: given.id.clone(),
        purpose: FollowUpPurpose::Promise.into(),
        agent_id: String::new(),
    };
    let refused = agent
        .gestures
        .close_follow_up(close.clone())
        .await
        .unwrap_err();
    assert_eq!(reason_of(&refused), "NOT_YOUR_GESTURE");
    let mut lead = world.approver("ld-201").await;
    for replayed in [false, true] {
        let closed = lead.gestures.close_follow_up(close.clone()).await.unwrap();
        assert_eq!(closed.into_inner().replayed, replayed);
    }
    assert!(lead.follow_ups().await.is_empty());
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_promises_nothing_any_more() {
    let world = World::of_with_movable_clock(crate::support::DEMO).await;
    world.set_clock(FRIDAY).await;
    let mut agent = world.agent("fl-101").await;
    let given = agent.request(promised()).await.unwrap();
    let cancelled = agent.cancel(&given).await.unwrap().gesture.unwrap();
    assert_eq!(cancelled.promise(), PromiseState::Unspecified);
    assert_eq!(world.rows().await["timers"], 0);
}
