//! The hold ends once, and what is not spent goes back to where it came from.

use std::time::Duration;

use largesse::pb::{
    CloseFollowUpRequest, FollowUpPurpose, Gesture, GestureState, ReportFailedRequest,
};

use super::{lilies, used};
use crate::support::{World, assert_invariants, flowers, money, reason_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_credit_gives_back() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    florist.delivered(&task, 5200).await.unwrap();
    let corrected = florist.delivered(&task, 4000).await.unwrap();
    assert_eq!(corrected.captured.unwrap().minor_units, 4000);
    assert_eq!(corrected.released.unwrap().minor_units, 950);
    assert_eq!(corrected.cost_in_question, None);
    assert_eq!(used(&mut agent, "agent-month").await, 4000);
    let mut lead = world.approver("ld-201").await;
    assert!(
        lead.follow_ups().await.is_empty(),
        "nothing is in question any more"
    );
    let late = florist.delivered(&task, 5200).await.unwrap();
    assert!(
        late.replayed,
        "the first report, late, changes nothing back"
    );
    assert_eq!(used(&mut agent, "agent-month").await, 4000);
    assert_invariants(&mut world.sql().await).await;
}

/// Somebody had looked at the cost in question and closed it; then the vendor's credit came.
#[tokio::test(flavor = "multi_thread")]
async fn a_credit_after_the_question_was_closed_leaves_nothing_in_question() {
    let world = World::demo().await;
    let given = lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    florist.delivered(&task, 5200).await.unwrap();
    let mut lead = world.approver("ld-201").await;
    let close = CloseFollowUpRequest {
        gesture_id: given.id,
        purpose: FollowUpPurpose::Cost.into(),
        agent_id: String::new(),
    };
    lead.gestures.close_follow_up(close).await.unwrap();
    florist.delivered(&task, 4000).await.unwrap();
    assert!(lead.follow_ups().await.is_empty());
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_for_good_gives_back_all_but_what_the_vendor_charges() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    florist.dispatched(&task, "FLR-1").await.unwrap();
    let request = ReportFailedRequest {
        task_id: task.task_id.clone(),
        fencing_token: task.fencing_token,
        failure: "RECIPIENT_REFUSED".into(),
        permanent: true,
        retry_time: None,
        actual_cost: money(900, "EUR"),
    };
    let answer = florist.fulfilment.report_failed(request).await.unwrap();
    let failed = answer.into_inner().result.unwrap();
    assert_eq!(failed.state(), GestureState::Failed);
    assert_eq!(failed.captured.unwrap().minor_units, 900);
    assert_eq!(failed.released.unwrap().minor_units, 4050);
    assert_eq!(used(&mut agent, "agent-month").await, 900);
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_later_and_later_and_then_never() {
    let world = World::of_with_movable_clock(crate::support::DEMO).await;
    let start: chrono::DateTime<chrono::Utc> = "2026-11-27T09:00:00Z".parse().unwrap();
    let mut sql = world.sql().await;
    crate::support::clock::set(&mut sql, start).await;
    lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let mut now = start;
    for again_after_min in [1, 2, 4, 8, 16, 32, 64] {
        let task = florist.lease_one("florist").await;
        let tried = florist.failed(&task, false).await.unwrap();
        assert_eq!(tried.state(), GestureState::Approved);
        let again = tried.next_try_time.unwrap().seconds - now.timestamp();
        assert_eq!(again, again_after_min * 60);
        assert!(florist.failed(&task, false).await.unwrap().replayed);
        let given_back = florist.dispatched(&task, "FLR-1").await.unwrap_err();
        assert_eq!(reason_of(&given_back), "LEASE_LOST");
        now += chrono::TimeDelta::minutes(again_after_min) - chrono::TimeDelta::seconds(1);
        crate::support::clock::set(&mut sql, now).await;
        assert!(
            florist.lease("florist", 1).await.unwrap().is_empty(),
            "not yet"
        );
        now += chrono::TimeDelta::seconds(1);
        crate::support::clock::set(&mut sql, now).await;
    }
    let task = florist.lease_one("florist").await;
    assert_eq!(task.failed_tries, 7);
    let failed = florist.failed(&task, false).await.unwrap();
    assert_eq!(failed.state(), GestureState::Failed);
    let mut agent = world.agent("fl-101").await;
    let shown = agent.get(&task.task_id).await.unwrap().fulfilment.unwrap();
    assert_eq!(
        (shown.failed_tries, shown.last_failure.as_str()),
        (8, "OUT_OF_STOCK")
    );
    assert_invariants(&mut sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_before_dispatch_costs_nothing_and_the_fulfiller_learns_of_it() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let given = lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    agent.cancel(&given).await.unwrap();
    assert_eq!(used(&mut agent, "agent-month").await, 0);
    for refused in [
        florist.extend(&task).await.unwrap_err(),
        florist.dispatched(&task, "FLR-1").await.unwrap_err(),
        florist.delivered(&task, 4180).await.unwrap_err(),
    ] {
        assert_eq!(reason_of(&refused), "STATE_FORBIDS");
        assert!(refused.message().contains("CANCELLED"), "{refused:?}");
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(florist.lease("florist", 1).await.unwrap().is_empty());
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_after_dispatch_costs_what_the_catalog_says_or_is_refused() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let basket = Gesture {
        kind: "gift-basket".into(),
        ..flowers("ida", 5001)
    };
    let basket = agent.request(basket).await.unwrap();
    let lilies = lilies(&world).await;
    let mut all = world.fulfiller("all", &["*"]).await;
    for channel in ["delicatessen", "florist"] {
        let task = all.lease_one(channel).await;
        all.dispatched(&task, "ORDER-1").await.unwrap();
    }
    let seen = agent.get(&basket.id).await.unwrap();
    let cancelled = agent.cancel(&seen).await.unwrap().gesture.unwrap();
    assert_eq!(cancelled.state(), GestureState::Cancelled);
    let captured = cancelled.fulfilment.unwrap().captured.unwrap();
    assert_eq!(captured.minor_units, 2501, "half of it, rounded up");
    let seen = agent.get(&lilies.id).await.unwrap();
    let refused = agent.cancel(&seen).await.unwrap_err();
    assert_eq!(reason_of(&refused), "STATE_FORBIDS");
    assert_eq!(used(&mut agent, "agent-month").await, 2501 + 4950);
    assert_invariants(&mut world.sql().await).await;
}
