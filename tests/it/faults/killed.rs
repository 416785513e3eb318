//! Sessions that die under load, and Postgres that dies as a whole. Whoever got an answer keeps it; whoever got none asks
//! again under the same id, and in the end there is exactly one gesture. What is refused for certain left nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{Executor, PgConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{asked_until_answered, credit};
use crate::support::{DEMO, World, assert_at_rest, reason_of};

/// Asks for one gesture after the other until told to stop. The ids that were answered.
async fn ask_on(world: Arc<World>, agent: &'static str, stop: Arc<AtomicBool>) -> Vec<Uuid> {
    let mut client = world.agent(agent).await;
    let mut answered = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let id = Uuid::now_v7();
        asked_until_answered(&mut client, id).await;
        answered.push(id);
    }
    answered
}

/// Ends a session of the service that is just doing something.
async fn terminate_one(sql: &mut PgConnection) {
    loop {
        let terminated = sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and application_name = 'largesse' and state = 'active' limit 1",
        )
        .fetch_optional(&mut *sql)
        .await
        .unwrap();
        if terminated.is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Every answered id is there once, with one first event.
async fn assert_exactly_one_each(sql: &mut PgConnection, answered: &[Uuid]) {
    let there: i64 = sqlx::query_scalar(
        "select count(*) from largesse.gestures g
         join largesse.events e on e.gesture_id = g.gesture_id and e.seq = 1
         where g.gesture_id = any ($1) and g.state <> 'TOMBSTONE'",
    )
    .bind(answered)
    .fetch_one(sql)
    .await
    .unwrap();
    assert_eq!(usize::try_from(there).unwrap(), answered.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn backends_that_are_terminated_under_load_lose_nothing() {
    let world = Arc::new(World::of(DEMO).await);
    let mut sql = world.sql().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for caller in 0..8 {
        let agent = if caller % 2 == 0 { "fl-101" } else { "ld-201" };
        running.spawn(ask_on(world.clone(), agent, stop.clone()));
    }
    for _ in 0..25 {
        terminate_one(&mut sql).await;
    }
    stop.store(true, Ordering::SeqCst);
    // What a lane lost it puts again, so that most callers hear of nothing; some may be told to ask again.
    let mut answered = Vec::new();
    while let Some(told) = running.join_next().await {
        answered.extend(told.unwrap());
    }
    assert!(!answered.is_empty());
    assert_exactly_one_each(&mut sql, &answered).await;
    assert_at_rest(&mut sql).await;
}

/// DATABASE_UNAVAILABLE and OVERLOADED promise that nothing was written; only OUTCOME_UNKNOWN leaves it open.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_certain_left_nothing() {
    let world = Arc::new(World::of(DEMO).await);
    let mut sql = world.sql().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for _ in 0..6 {
        let (world, stop) = (world.clone(), stop.clone());
        running.spawn(async move {
            let (mut client, mut sql) = (world.agent("fl-101").await, world.sql().await);
            while !stop.load(Ordering::SeqCst) {
                let id = Uuid::now_v7();
                let Err(refused) = client.request_as(id, credit()).await else {
                    continue;
                };
                let reason = reason_of(&refused);
                if reason == "OUTCOME_UNKNOWN" {
                    continue;
                }
                let is_there: bool = sqlx::query_scalar(
                    "select exists (select from largesse.gestures where gesture_id = $1)",
                )
                .bind(id)
                .fetch_one(&mut sql)
                .await
                .unwrap();
                assert!(!is_there, "{reason}, and yet it was written");
            }
        });
    }
    for _ in 0..30 {
        terminate_one(&mut sql).await;
    }
    stop.store(true, Ordering::SeqCst);
    running.join_all().await;
    assert_at_rest(&mut sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_that_dies_and_comes_back_has_everything_that_was_answered() {
    let world = Arc::new(World::alone(DEMO).await);
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for _ in 0..6 {
        running.spawn(ask_on(world.clone(), "fl-101", stop.clone()));
    }
    let mut idle = world.agent("fl-102").await;
    for _ in 0..2 {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.database.crash().await;
        let refused = idle.request_as(Uuid::now_v7(), credit()).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unavailable);
        world.database.run().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    stop.store(true, Ordering::SeqCst);
    let mut answered = Vec::new();
    while let Some(told) = running.join_next().await {
        answered.extend(told.unwrap());
    }
    let mut sql = world.sql().await;
    sql.execute("select 1").await.unwrap();
    assert_exactly_one_each(&mut sql, &answered).await;
    assert_at_rest(&mut sql).await;
}
