//! One lease at a time, whatever dies.

use std::time::Duration;

use largesse::pb::{GestureState, LeaseTasksRequest};

use super::lilies;
use crate::support::{World, assert_invariants, flowers, pickup, reason_of};

#[tokio::test(flavor = "multi_thread")]
async fn while_a_lease_lasts_nobody_else_gets_the_task() {
    let world = World::demo().await;
    lilies(&world).await;
    let mut one = world.fulfiller("florist-1", &["florist"]).await;
    let mut other = world.fulfiller("florist-2", &["florist"]).await;
    let task = one.lease_one("florist").await;
    assert!(other.lease("florist", 10).await.unwrap().is_empty());
    let stolen = other.dispatched(&task, "X-1").await.unwrap_err();
    assert_eq!(reason_of(&stolen), "LEASE_LOST", "the token is not theirs");
    one.extend(&task).await.unwrap();
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_report_under_an_old_token_is_refused() {
    let world = World::demo().await;
    lilies(&world).await;
    let mut dead = world.fulfiller("florist-1", &["florist"]).await;
    let lost = dead.lease_for("florist", 1, 1).await.unwrap().remove(0);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let mut alive = world.fulfiller("florist-2", &["florist"]).await;
    let task = alive.lease_one("florist").await;
    assert!(task.fencing_token > lost.fencing_token);

    for refused in [
        dead.dispatched(&lost, "OLD-1").await.unwrap_err(),
        dead.delivered(&lost, 4000).await.unwrap_err(),
        dead.failed(&lost, true).await.unwrap_err(),
        dead.extend(&lost).await.unwrap_err(),
    ] {
        assert_eq!(reason_of(&refused), "LEASE_LOST");
    }
    let done = alive.delivered(&task, 4000).await.unwrap();
    assert_eq!(done.state(), GestureState::Delivered);
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ran_out_is_still_the_last_one_until_somebody_else_asks() {
    let world = World::demo().await;
    lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_for("florist", 1, 1).await.unwrap().remove(0);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let sent = florist.dispatched(&task, "FLR-1").await.unwrap();
    assert_eq!(
        sent.state(),
        GestureState::Dispatched,
        "what was done is a fact"
    );
    assert!(florist.lease("florist", 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_dispatched_and_not_heard_of_is_asked_after() {
    let world = World::of_with_movable_clock(crate::support::DEMO).await;
    world.set_clock("2026-11-27T09:00:00Z").await;
    lilies(&world).await;
    let mut dead = world.fulfiller("florist-1", &["florist"]).await;
    let lost = dead.lease_one("florist").await;
    assert_eq!(lost.order_reference, "");
    dead.dispatched(&lost, "FLR-9").await.unwrap();

    let mut alive = world.fulfiller("florist-2", &["florist"]).await;
    world.set_clock("2026-11-28T08:59:59Z").await;
    assert!(
        alive.lease("florist", 1).await.unwrap().is_empty(),
        "it takes a day"
    );
    world.set_clock("2026-11-28T09:00:00Z").await;
    let task = alive.lease_one("florist").await;
    assert_eq!(task.order_reference, "FLR-9", "ordered already");
    let again = alive.dispatched(&task, "FLR-10").await.unwrap_err();
    assert_eq!(reason_of(&again), "STATE_FORBIDS", "and not again");
    let done = alive.delivered(&task, 4000).await.unwrap();
    assert_eq!(done.state(), GestureState::Delivered);
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_report_twice_is_answered_twice_the_same() {
    let world = World::demo().await;
    lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    let before = world.rows().await;
    let first = florist.dispatched(&task, "FLR-1").await.unwrap();
    let again = florist.dispatched(&task, "FLR-1").await.unwrap();
    assert!(!first.replayed && again.replayed);
    let other = florist.dispatched(&task, "FLR-2").await.unwrap_err();
    assert_eq!(reason_of(&other), "STATE_FORBIDS", "one order per task");
    let first = florist.delivered(&task, 4180).await.unwrap();
    let again = florist.delivered(&task, 4180).await.unwrap();
    assert!(!first.replayed && again.replayed);
    assert_eq!(
        (first.captured, first.released),
        (again.captured, again.released)
    );
    let after = world.rows().await;
    assert_eq!(after["events"], before["events"] + 2, "two things happened");
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_handed_work_as_it_comes() {
    let world = World::demo().await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let request = LeaseTasksRequest {
        channel: "florist".into(),
        max_tasks: 2,
        lease_duration: None,
        wait: Some(prost_types::Duration {
            seconds: 20,
            nanos: 0,
        }),
    };
    let mut answers = florist
        .fulfilment
        .lease_tasks(request)
        .await
        .unwrap()
        .into_inner();
    for _ in 0..2 {
        let given = lilies(&world).await;
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.tasks.len(), 1);
        assert_eq!(answer.tasks[0].task_id, given.id);
    }
    assert!(
        answers.message().await.unwrap().is_none(),
        "as many as were asked for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_let_go_when_the_service_stops() {
    let world = World::demo().await;
    let service = world.another_service().await;
    let token = crate::support::Token::fulfiller("florist-1", &["florist"]);
    let mut florist = world.client_at(&service, token).await;
    let request = LeaseTasksRequest {
        channel: "florist".into(),
        wait: Some(prost_types::Duration {
            seconds: 600,
            nanos: 0,
        }),
        ..Default::default()
    };
    let mut answers = florist
        .fulfilment
        .lease_tasks(request)
        .await
        .unwrap()
        .into_inner();
    let stopped = tokio::time::timeout(Duration::from_secs(10), service.stop());
    stopped.await.unwrap().unwrap();
    assert!(answers.message().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fulfiller_sees_what_its_channel_needs() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let mut wish = flowers("ida", 4500);
    wish.reason = "Her mother has died.".into();
    wish.message = "With our condolences".into();
    let recipient = wish.recipient.as_mut().unwrap();
    recipient.phone = "+4930123".into();
    agent.request(wish.clone()).await.unwrap();
    let mut credit = flowers("ida", 500);
    credit.kind = "goodwill-credit".into();
    credit.message = "Sorry!".into();
    agent.request(credit).await.unwrap();

    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    let shown = task.recipient.unwrap();
    assert_eq!(shown.full_name, "Ida Sommer");
    assert_eq!(shown.phone, "", "nobody demands it");
    assert_eq!(task.message, "With our condolences");
    let foreign = florist.lease("billing", 1).await.unwrap_err();
    assert_eq!(reason_of(&foreign), "CHANNEL_NOT_COVERED");

    let mut billing = world.fulfiller("billing-1", &["billing"]).await;
    let task = billing.lease_one("billing").await;
    assert_eq!((task.recipient, task.message.as_str()), (None, ""));
    assert_eq!(task.customer_id, "ida");
    let mut nothing = world.fulfiller("nobody", &[]).await;
    let refused = nothing.lease("billing", 1).await.unwrap_err();
    assert_eq!(reason_of(&refused), "CHANNEL_NOT_COVERED");
    let mut everything = world.fulfiller("all", &["*"]).await;
    agent.request(pickup("ida", 1200)).await.unwrap();
    everything.lease_one("courier").await;
}
