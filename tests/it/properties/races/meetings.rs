//! Two who mean the same id, the same gesture, or the same midnight.

use std::sync::Arc;

use sqlx::Executor;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{POT, credit};
use crate::support::kernel::{self, Asked};
use crate::support::{Token, World, assert_at_rest};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_on_two_servers_at_once_is_one_gesture() {
    let world = World::of(POT).await;
    let other = world.another_service().await;
    for _ in 0..20 {
        let id = Uuid::now_v7();
        let barrier = Arc::new(Barrier::new(2));
        let mut running = JoinSet::new();
        for service in [&world.service, &other] {
            let mut client = world.client_at(service, Token::agent("a-1")).await;
            let barrier = barrier.clone();
            running.spawn(async move {
                barrier.wait().await;
                client.request_as(id, credit(100)).await.unwrap()
            });
        }
        let answers = running.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.replayed).count(), 1);
        assert_eq!(answers[0].gesture, answers[1].gesture);
    }
    assert_at_rest(&mut world.sql().await).await;
}

/// Two batches with the same ids in another order wait for a third session that holds an id in their middle: when it lets
/// go, neither stands in the other's way, and each id is decided once.
#[tokio::test(flavor = "multi_thread")]
async fn two_batches_with_the_same_ids_decide_each_once() {
    let world = World::of(POT).await;
    let (mut sql, mut holder) = (world.sql().await, world.sql_as_app().await);
    let tenant = kernel::tenant_of(&mut sql, &world.tenant).await;
    for round in 0..5 {
        let batch: Vec<Asked> = (0..20)
            .map(|n| Asked::of("a-1", "credit", "ida", 50 + 900 * (n % 2)))
            .collect();
        let backwards: Vec<Asked> = batch.iter().rev().cloned().collect();
        holder.execute("begin").await.unwrap();
        kernel::resolve(&mut holder, tenant, batch[10].id, "a-1")
            .await
            .unwrap();
        let mut running = JoinSet::new();
        for batch in [batch, backwards] {
            let mut app = world.sql_as_app().await;
            running.spawn(async move { kernel::admit(&mut app, tenant, &batch).await.unwrap() });
        }
        crate::support::wait_for_waiters(&mut sql, 2).await;
        holder.execute("rollback").await.unwrap();
        let answers = running.join_all().await;
        let replays = answers.iter().flatten().filter(|answer| answer.replayed);
        assert_eq!(replays.count(), 20, "round {round}");
    }
    assert_at_rest(&mut sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_cancel_at_once_one_does() {
    let world = World::of(POT).await;
    let mut agent = world.agent("a-1").await;
    for _ in 0..20 {
        let given = agent.request(credit(100)).await.unwrap();
        let barrier = Arc::new(Barrier::new(2));
        let mut running = JoinSet::new();
        for actor in ["a-1", "a-4"] {
            let (mut client, given, barrier) =
                (world.agent(actor).await, given.clone(), barrier.clone());
            running.spawn(async move {
                barrier.wait().await;
                client.cancel(&given).await
            });
        }
        let answers = running.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        let refused = answers
            .iter()
            .find_map(|answer| answer.as_ref().err())
            .unwrap();
        assert_eq!(crate::support::reason_of(refused), "STALE_VIEW");
    }
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_waits_over_midnight_is_charged_to_the_day_in_which_it_is_decided() {
    for held in [
        "select * from largesse.heads for update",
        "select * from largesse.counters for update",
        "select pg_advisory_xact_lock(1, hashtext((select tenant_id::text from largesse.tenants)))",
    ] {
        let world = World::of_with_movable_clock(POT).await;
        let (mut sql, mut holder, mut app) = (
            world.sql().await,
            world.sql().await,
            world.sql_as_app().await,
        );
        let tenant = kernel::tenant_of(&mut sql, &world.tenant).await;
        // 23:59:59 in Berlin on the last day of the year
        let evening = "2026-12-31T22:59:59Z".parse().unwrap();
        crate::support::clock::set(&mut sql, evening).await;
        let first = [Asked::of("a-1", "credit", "ida", 100)];
        kernel::admit(&mut app, tenant, &first).await.unwrap();

        holder.execute("begin").await.unwrap();
        holder.execute(held).await.unwrap();
        let wish = [Asked::of("a-1", "credit", "ida", 200)];
        let id = wish[0].id;
        let waiting =
            tokio::spawn(async move { kernel::admit(&mut app, tenant, &wish).await.unwrap() });
        crate::support::wait_for_waiters(&mut sql, 1).await;
        crate::support::clock::set(&mut sql, "2026-12-31T23:00:01Z".parse().unwrap()).await;
        holder.execute("commit").await.unwrap();
        assert_eq!(waiting.await.unwrap()[0].outcome, "APPROVED");

        let days: Vec<chrono::NaiveDate> = sqlx::query_scalar(
            "select w.day from largesse.gestures g cross join lateral unnest(g.charged_windows) w (day)
             where g.gesture_id = any ($1) and isfinite(w.day) order by 1",
        )
        .bind([first[0].id, id])
        .fetch_all(&mut sql)
        .await
        .unwrap();
        assert_eq!(
            days.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["2026-12-31", "2027-01-01"],
            "{held}"
        );
        assert_at_rest(&mut sql).await;
    }
}
