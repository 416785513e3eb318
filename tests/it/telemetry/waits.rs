//! How long gestures wait for people and for channels, as it is measured.

use largesse::pb::GestureState;
use largesse::telemetry::metrics::text;
use sqlx::{Executor, Row};

use crate::support::{World, flowers, until};

/// So long that nobody else's wait comes near it: other tests share the process and what it counts.
const YEARS: &str = "interval '20 years'";
const YEARS_S: f64 = 6e8;

/// All that was waited, in seconds, in series with this label.
fn waited_s(histogram: &str, label: &str) -> f64 {
    let name = format!("{histogram}_seconds_sum{{");
    let text = text();
    let lines = text.lines().filter(|line| line.starts_with(&name));
    let of_label = lines.filter(|line| line.contains(label));
    of_label
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gesture_is_handed_on_once() {
    let dispatched = || {
        waited_s(
            "largesse_fulfilment_handoff",
            "largesse_fulfilment_outcome=\"dispatched\"",
        )
    };
    let delivered = || {
        waited_s(
            "largesse_fulfilment_handoff",
            "largesse_fulfilment_outcome=\"delivered\"",
        )
    };
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    for customer in ["c-1", "c-2"] {
        agent.request(flowers(customer, 1500)).await.unwrap();
    }
    let long_ago = format!("update largesse.gestures set decided_at = decided_at - {YEARS}");
    let mut sql = world.sql().await;
    sql.execute(sqlx::AssertSqlSafe(long_ago)).await.unwrap();
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let tasks = florist.lease("florist", 2).await.unwrap();
    let (first, second) = (dispatched(), delivered());

    florist.dispatched(&tasks[0], "FLR-1").await.unwrap();
    florist.dispatched(&tasks[0], "FLR-1").await.unwrap();
    let once = dispatched() - first;
    assert!((YEARS_S..2.0 * YEARS_S).contains(&once), "{once}");
    florist.delivered(&tasks[0], 1500).await.unwrap();
    assert!(delivered() - second < YEARS_S, "it was handed on before");

    florist.delivered(&tasks[1], 1500).await.unwrap();
    florist.delivered(&tasks[1], 1400).await.unwrap();
    let once = delivered() - second;
    assert!((YEARS_S..2.0 * YEARS_S).contains(&once), "{once}");
}

/// How long questions were open that ended like this, when people had been asked once.
fn open_s(decision: &str) -> f64 {
    let label = format!("largesse_approval_level=\"1\",largesse_decision=\"{decision}\"");
    waited_s("largesse_approval_wait", &label)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_answered_was_open_for_so_long() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let yes = agent.request(flowers("c-1", 9000)).await.unwrap();
    let no = agent.request(flowers("c-2", 9000)).await.unwrap();
    let long_ago = format!("update largesse.approvals set opened_at = opened_at - {YEARS}");
    let mut sql = world.sql().await;
    sql.execute(sqlx::AssertSqlSafe(long_ago)).await.unwrap();
    let before = (open_s("approved"), open_s("declined"));
    let mut lead = world.approver("ld-201").await;
    for _ in 0..2 {
        lead.approve(&yes).await.unwrap();
    }
    lead.decline(&no, "Not again.").await.unwrap();
    for once in [open_s("approved") - before.0, open_s("declined") - before.1] {
        assert!((YEARS_S..2.0 * YEARS_S).contains(&once), "{once}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_was_one_that_nobody_answered() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let asked = agent.request(flowers("c-1", 9000)).await.unwrap();
    let before = open_s("expired");
    let is_over = format!(
        "update largesse.approvals set opened_at = opened_at - {YEARS}, expires_at = now();
         update largesse.timers set due_at = now()"
    );
    let mut sql = world.sql().await;
    sql.execute(sqlx::AssertSqlSafe(is_over)).await.unwrap();
    let told = || async { open_s("expired") - before };
    until(told, |once| *once >= YEARS_S).await;
    let now = agent.get(&asked.id).await.unwrap();
    assert_eq!(now.state(), GestureState::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_gestures_are_counted_by_what_they_wait_for() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let mut lead = world.approver("ld-201").await;
    for customer in ["c-1", "c-2", "c-3"] {
        agent.request(flowers(customer, 1500)).await.unwrap();
    }
    for customer in ["c-4", "c-5"] {
        agent.request(flowers(customer, 9000)).await.unwrap();
    }
    let back = agent.request(flowers("c-6", 9000)).await.unwrap();
    lead.send_back(&back, "Which flowers?").await.unwrap();
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let tasks = florist.lease("florist", 2).await.unwrap();
    florist.dispatched(&tasks[0], "FLR-1").await.unwrap();
    florist.delivered(&tasks[1], 1500).await.unwrap();
    let broken = agent.break_glass(flowers("c-7", 7000)).await.unwrap();
    assert_eq!(broken.state(), GestureState::Approved);
    agent.cancel(&broken).await.unwrap();

    let mut counted = Vec::new();
    // Empty: the service looks just now.
    while counted.is_empty() {
        counted = sqlx::query(
            "select label, count from largesse.signals() where kind = 'gestures' order by label",
        )
        .fetch_all(&mut world.sql().await)
        .await
        .unwrap();
    }
    let counted: Vec<(String, i64)> = counted.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected = [
        ("approved", 1),
        ("dispatched", 1),
        ("pending_approval", 2),
        ("returned", 1),
    ];
    assert_eq!(
        counted,
        expected.map(|(state, count)| (state.into(), count))
    );
}
