//! Something between the service and Postgres forgets every connection, as a firewall does that was restarted: neither side is
//! told, and without a limit of their own they would wait for each other until the kernel gives up, a quarter of an hour later.

use std::time::Duration;

use largesse::postgres::PoolSize;
use sqlx::Executor;
use tokio::time::timeout;
use tonic::Code;
use uuid::Uuid;

use super::lanes::STOP;
use super::{asked_until_answered, credit};
use crate::support::relay::Firewall;
use crate::support::{DEMO, Token, World, assert_at_rest, reason_of, wait_for_waiters};

/// Impatient, so that the test is short.
const SIZE: PoolSize = PoolSize {
    connections_max: 8,
    wait_max: Duration::from_millis(500),
    answer_max: Duration::from_secs(1),
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_swallowed_is_unknown_and_holds_no_place() {
    let world = World::of(DEMO).await;
    let firewall = Firewall::before(world.database.socket()).await;
    let service = world.another_service_behind(&firewall, SIZE).await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut anna = world.client_at(&service, Token::agent("fl-101")).await;
    let id = Uuid::now_v7();
    let mut asks = anna.clone();
    let asked = tokio::spawn(async move { asks.request_as(id, credit()).await });
    wait_for_waiters(&mut sql, 1).await;
    firewall.swallows(true);
    stop.execute("rollback").await.unwrap();
    let told = timeout(Duration::from_secs(20), asked).await;
    let told = told.expect("waits for ever").unwrap().unwrap_err();
    assert_eq!(
        (told.code(), reason_of(&told).as_str()),
        (Code::Unavailable, "OUTCOME_UNKNOWN")
    );
    firewall.swallows(false);
    let all_answered = async {
        for _ in 0..2 * SIZE.connections_max {
            asked_until_answered(&mut anna, Uuid::now_v7()).await;
        }
    };
    let all_answered = timeout(Duration::from_secs(20), all_answered).await;
    all_answered.expect("places are still held");
    assert!(anna.request_as(id, credit()).await.unwrap().replayed);
    assert_at_rest(&mut sql).await;
}
