//! sqlx 0.9.0 loses acknowledged writes: a future that is dropped while its `BEGIN` is on the wire leaves the pooled
//! session in an open transaction; the next borrower's autocommitted insert is answered with success, and is gone. tonic
//! drops the future of a call that its client cancels, so any client could cause it. Here is the loss, without the
//! service's repairs, and then each repair. When the first test fails, sqlx has mended it.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::BoxFuture;
use largesse::ids::TenantId;
use largesse::postgres::{Database, PoolSize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::support::{Clock, TestDatabase, invariants, wait_until};

/// At how many points of a future's life it is dropped.
const POLLS_MAX: usize = 6;

/// A pool in which the next borrower gets the same connection.
const ONE: PoolSize = PoolSize {
    connections_max: 1,
    wait_max: Duration::from_secs(5),
    answer_max: Duration::from_secs(35),
};

/// Runs a future for a few polls and drops it after the last. Between them the other side has time to answer, so that each
/// poll gets one step further: a check of the connection, `BEGIN`, what follows. True: it came to its end before.
async fn dropped_after<T>(polls: usize, mut future: BoxFuture<'_, T>) -> bool {
    for poll in 0..polls {
        if poll > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let is_ready =
            poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if is_ready {
            return true;
        }
    }
    false
}

/// Runs a future until the server has begun a transaction for it and it has not heard so yet, and drops it there. False: it
/// came to its end before.
async fn dropped_when_begun<T>(sql: &mut PgConnection, mut future: BoxFuture<'_, T>) -> bool {
    loop {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return false;
        }
        // whatever was sent has this long to arrive: where it is too short, the next poll reads the answer
        for _ in 0..200 {
            let has_begun: bool = sqlx::query_scalar(
                "select exists (select from pg_stat_activity
                 where datname = current_database() and state = 'idle in transaction')",
            )
            .fetch_one(&mut *sql)
            .await
            .unwrap();
            if has_begun {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn probe() -> (TestDatabase, PgConnection) {
    let database = TestDatabase::new(Clock::Real).await;
    let mut sql = database.superuser().await;
    sql.execute("create table public.probe (n bigint)")
        .await
        .unwrap();
    (database, sql)
}

async fn is_there(sql: &mut PgConnection, n: i64) -> bool {
    sqlx::query_scalar("select exists (select from public.probe where n = $1)")
        .bind(n)
        .fetch_one(sql)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_pool_loses_an_acknowledged_write() {
    let mut lost = 0;
    for _ in 0..10 {
        let (database, mut sql) = probe().await;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(database.superuser_options())
            .await
            .unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the loss that the ban is about"
        )]
        let begin = Box::pin(async { pool.begin().await.map(drop) });
        if !dropped_when_begun(&mut sql, begin).await {
            continue;
        }
        let insert = sqlx::query("insert into public.probe values (1)")
            .execute(&pool)
            .await;
        assert_eq!(insert.unwrap().rows_affected(), 1, "acknowledged");
        pool.close().await;
        lost += usize::from(!is_there(&mut sql, 1).await);
        if lost == 2 {
            break;
        }
    }
    assert!(lost > 0, "sqlx no longer loses them; the repairs may go");
}

/// The second repair alone: a read is dropped where its transaction has begun; its session comes back clean, and no write
/// ever meets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_left_in_a_transaction_meets_nobody() {
    let mut dropped = 0;
    for _ in 0..10 {
        let (database, mut sql) = probe().await;
        let service = Database::open(database.superuser_options(), ONE);
        drop(service.read_global().await.unwrap());
        let read = Box::pin(async { service.read(TenantId(Uuid::nil())).await.map(drop) });
        dropped += usize::from(dropped_when_begun(&mut sql, read).await);
        insert(&service, 1).await;
        let left_open = "application_name = 'largesse' and state like 'idle in transaction%'";
        let closed =
            tokio::time::timeout(Duration::from_secs(10), wait_until(&mut sql, left_open, 0));
        assert!(closed.await.is_ok(), "a session stays in its transaction");
        service.close().await;
        assert!(is_there(&mut sql, 1).await);
        if dropped == 2 {
            return;
        }
    }
    panic!("no read was caught where it had begun");
}

/// The first repair alone: what writes is not in the caller's future, so there is nothing to drop.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_is_gone_runs_to_its_end() {
    for polls in 1..=POLLS_MAX {
        let (database, mut sql) = probe().await;
        let service = Database::open(database.superuser_options(), ONE);
        insert(&service, 0).await;
        dropped_after(polls, Box::pin(insert(&service, 1))).await;
        insert(&service, 2).await;
        assert!(is_there(&mut sql, 2).await, "dropped after {polls} polls");
        // the dropped one may stand behind the second in the pool's line
        let arrives = async { while !is_there(&mut sql, 1).await {} };
        let arrived = tokio::time::timeout(Duration::from_secs(10), arrives).await;
        assert!(arrived.is_ok(), "dropped after {polls} polls");
        service.close().await;
        assert!(invariants::violations_at_rest(&mut sql).await.is_empty());
    }
}

async fn insert(service: &Database, n: i64) {
    let done = service
        .write("probe", move |connection| {
            Box::pin(async move {
                sqlx::query("insert into public.probe values ($1)")
                    .bind(n)
                    .execute(connection)
                    .await
            })
        })
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
}
