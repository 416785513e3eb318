//! Whoever has the service's credentials can stand in the way: hold the locks that decisions wait for. That delays, is
//! bounded, decides nothing, and ends with the session.

use std::time::Duration;

use sqlx::Executor;

use super::Attack;
use crate::support::kernel::{self, Asked, sqlstate};

#[tokio::test(flavor = "multi_thread")]
async fn a_held_configuration_lock_delays_and_decides_nothing() {
    let mut attack = Attack::begin().await;
    let tenant = attack.tenant;
    attack
        .run(&format!("select pg_advisory_lock(1, hashtext('{tenant}'))"))
        .await;
    let mut victim = attack.world.sql_as_app().await;
    victim.execute("set lock_timeout = '100ms'").await.unwrap();
    let wish = [Asked::of("fl-101", "flowers", "kim", 2000)];
    let refused = kernel::admit(&mut victim, tenant, &wish).await.unwrap_err();
    assert_eq!(sqlstate(&refused), "55P03");
    attack.has_changed_nothing().await;
    attack.run("select pg_advisory_unlock_all()").await;
    let answers = kernel::admit(&mut victim, tenant, &wish).await.unwrap();
    assert_eq!(answers[0].outcome, "APPROVED");
}

/// A lock that the kernel took cannot be let go from outside: it belongs to the transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_the_kernel_is_not_let_go_early() {
    let mut attack = Attack::begin().await;
    let tenant = attack.tenant;
    attack.run("begin").await;
    kernel::suspend(&mut attack.app, tenant, "fl-101", true)
        .await
        .unwrap();
    attack
        .run(&format!(
            "select pg_advisory_unlock(1, hashtext('{tenant}')), pg_advisory_unlock_all()"
        ))
        .await;
    let mut other = attack.world.sql_as_app().await;
    other.execute("set lock_timeout = '100ms'").await.unwrap();
    let wish = [Asked::of("fl-101", "flowers", "kim", 2000)];
    let refused = kernel::admit(&mut other, tenant, &wish).await.unwrap_err();
    assert_eq!(
        sqlstate(&refused),
        "55P03",
        "nobody decides beside an open suspension"
    );
    attack.run("commit").await;
    let answers = kernel::admit(&mut other, tenant, &wish).await.unwrap();
    assert_eq!(answers[0].reasons[0]["code"], "AGENT_SUSPENDED");
}

/// An open transaction that has charged a counter is waited for, and for no longer than the service waits for any lock.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_charge_is_waited_for_and_not_passed() {
    let mut attack = Attack::begin().await;
    let tenant = attack.tenant;
    attack.run("begin").await;
    let wish = [Asked::of("fl-102", "flowers", "kim", 5000)];
    kernel::admit(&mut attack.app, tenant, &wish).await.unwrap();
    let mut victim = attack.world.sql_as_app().await;
    victim.execute("set lock_timeout = '100ms'").await.unwrap();
    let wish = [Asked::of("fl-101", "flowers", "lou", 2000)];
    let refused = kernel::admit(&mut victim, tenant, &wish).await.unwrap_err();
    assert_eq!(sqlstate(&refused), "55P03");
    attack.has_changed_nothing().await;
}

/// The service itself ends a session that sits in an open transaction, and bounds every wait.
#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_sessions_are_bounded() {
    let attack = Attack::begin().await;
    let database = largesse::postgres::Database::open(
        attack.world.database.app_options(),
        largesse::postgres::PoolSize::default(),
    );
    let mut reading = database.read_global().await.unwrap();
    for setting in [
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
    ] {
        let bound: String = sqlx::query_scalar("select current_setting($1)")
            .bind(setting)
            .fetch_one(&mut *reading)
            .await
            .unwrap();
        assert_ne!(bound, "0", "{setting}");
    }
    drop(reading);
    tokio::time::timeout(Duration::from_secs(5), database.close())
        .await
        .unwrap();
}
