//! No connection is free, or a lock is held for long: a quick answer that says so, and nothing written.

use std::time::Duration;

use largesse::postgres::PoolSize;
use sqlx::Executor;
use tonic::Code;
use tonic_types::StatusExt;
use uuid::Uuid;

use super::credit;
use crate::support::{DEMO, Token, World, assert_at_rest, flowers, reason_of, wait_for_waiters};

#[tokio::test(flavor = "multi_thread")]
async fn with_one_connection_and_a_long_lock_the_second_caller_is_told_to_come_back() {
    let world = World::of(DEMO).await;
    let narrow = world
        .another_service_with(PoolSize {
            connections_max: 1,
            wait_max: Duration::from_millis(200),
            ..PoolSize::default()
        })
        .await;
    let mut holder = world.sql().await;
    let mut sql = world.sql().await;
    holder
        .execute("begin; select pg_advisory_xact_lock(1, hashtext(tenant_id::text)) from largesse.tenants")
        .await
        .unwrap();
    let (mut first, mut second) = (
        world.client_at(&narrow, Token::agent("fl-101")).await,
        world.client_at(&narrow, Token::agent("fl-102")).await,
    );
    let (early, late) = (Uuid::now_v7(), Uuid::now_v7());
    let waiting = tokio::spawn(async move { (first.request_as(early, credit()).await, first) });
    wait_for_waiters(&mut sql, 1).await;

    let refused = second.request_as(late, credit()).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused).as_str()),
        (Code::ResourceExhausted, "OVERLOADED")
    );
    assert!(
        refused.get_details_retry_info().is_some(),
        "it says when to come back"
    );

    holder.execute("rollback").await.unwrap();
    let (answer, _) = waiting.await.unwrap();
    assert!(
        !answer.unwrap().replayed,
        "who had the connection was only late"
    );
    assert!(
        !second.request_as(late, credit()).await.unwrap().replayed,
        "who was refused left nothing"
    );
    assert_at_rest(&mut sql).await;
}

/// The answer of a request that was decided cannot be read back, because somebody else took the only connection. That it
/// was not written would be a lie.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_is_never_called_refused() {
    let world = World::of(DEMO).await;
    let narrow = world
        .another_service_with(PoolSize {
            connections_max: 1,
            wait_max: Duration::from_secs(1),
            ..PoolSize::default()
        })
        .await;
    let (mut head, mut roster, mut sql) = (world.sql().await, world.sql().await, world.sql().await);
    let (mut first, mut second) = (
        world.client_at(&narrow, Token::agent("fl-101")).await,
        world.client_at(&narrow, Token::agent("fl-102")).await,
    );
    head.execute("begin; select * from largesse.heads for update")
        .await
        .unwrap();
    let id = Uuid::now_v7();
    // beyond her own authority: whom to ask, and what to tell her, is read after the decision
    let deciding = tokio::spawn(async move { first.request_as(id, flowers("ida", 8000)).await });
    wait_for_waiters(&mut sql, 1).await;
    // stands behind the decision, and in front of whoever wants to know who the second caller is
    let locking = tokio::spawn(async move {
        roster
            .execute("begin; lock table largesse.agents in access exclusive mode")
            .await
            .unwrap();
        roster
    });
    wait_for_waiters(&mut sql, 2).await;
    let next = tokio::spawn(async move { second.get(&id.to_string()).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    head.execute("rollback").await.unwrap();

    let refused = deciding.await.unwrap().unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused).as_str()),
        (Code::Unavailable, "OUTCOME_UNKNOWN")
    );
    locking.await.unwrap().execute("rollback").await.unwrap();
    drop(next.await.unwrap());
    let mut again = world.agent("fl-101").await;
    assert!(
        again
            .request_as(id, flowers("ida", 8000))
            .await
            .unwrap()
            .replayed
    );
    assert_at_rest(&mut sql).await;
}
