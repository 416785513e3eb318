//! The checker of invariants is believed because every kind of difference, planted by a superuser, is named by it.

use std::collections::BTreeSet;

use sqlx::{Connection, Executor, PgConnection};

use super::planted::{PLANTED, Planted};
use super::questions_lived::live_with_questions;
use super::{planted_fulfilled, planted_questions};
use crate::support::invariants::{violations, violations_at_rest};

use crate::support::kernel::{self, Asked, Cancelled};

use crate::support::{DEMO, Desk, Random, World, assert_at_rest};

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_difference_is_named() {
    let world = World::of(DEMO).await;
    let mut sql = world.sql().await;
    live_a_little(&world, &mut sql).await;
    assert_at_rest(&mut sql).await;
    plant(&mut sql, PLANTED).await;
    assert_at_rest(&mut sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_every_difference_in_what_was_asked_and_answered() {
    let mut desk = Desk::open().await;
    live_with_questions(&mut desk).await;
    desk.holds().await;
    plant(&mut desk.sql, planted_questions::PLANTED).await;
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_every_difference_in_what_was_made_real() {
    let world = World::demo().await;
    planted_fulfilled::live_with_fulfillers(&world).await;
    let mut sql = world.sql().await;
    assert_at_rest(&mut sql).await;
    plant(&mut sql, planted_fulfilled::PLANTED).await;
    assert_at_rest(&mut sql).await;
}

#[test]
fn each_invariant_has_a_difference_planted_for_it() {
    let all = [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 21, 22, 26, 27, 31, 32, 33,
    ];
    let planted = [
        PLANTED,
        planted_questions::PLANTED,
        planted_fulfilled::PLANTED,
    ]
    .concat();
    let proven = planted.iter().flat_map(|(_, numbers)| numbers.iter());
    assert_eq!(proven.copied().collect::<BTreeSet<u8>>(), all.into());
}

/// Plants one after the other, and takes each out again.
async fn plant(sql: &mut PgConnection, planted: &[Planted]) {
    for (planted, expected) in planted {
        let mut transaction = sql.begin().await.unwrap();
        transaction
            .execute(*planted)
            .await
            .unwrap_or_else(|error| panic!("{planted}: {error}"));
        let found = violations(&mut transaction).await;
        let numbers: BTreeSet<u8> = found.iter().map(|violation| violation.number).collect();
        let told: Vec<&str> = found
            .iter()
            .map(|violation| violation.what.as_str())
            .collect();
        assert!(
            expected.iter().all(|number| numbers.contains(number)),
            "{planted}\nexpected {expected:?}, and was told:\n{}",
            told.join("\n")
        );
        transaction.rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_transaction_and_a_wait_are_named() {
    let world = World::of(DEMO).await;
    let (mut sql, mut forgetful, mut waiting) =
        (world.sql().await, world.sql().await, world.sql().await);
    forgetful
        .execute("begin; lock table largesse.counters")
        .await
        .unwrap();
    let wait = tokio::spawn(async move {
        waiting
            .execute("begin; lock table largesse.counters; rollback")
            .await
            .map(drop)
    });
    let mut seen = BTreeSet::new();
    while seen.len() < 2 {
        for violation in violations_at_rest(&mut sql).await {
            assert_eq!(violation.number, 23);
            seen.insert(violation.what.contains("waits for a lock"));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    forgetful.execute("rollback").await.unwrap();
    wait.await.unwrap().unwrap();
    assert_at_rest(&mut sql).await;
}

/// Every state, a refusal of every kind, several versions.
async fn live_a_little(world: &World, sql: &mut PgConnection) {
    let mut random = Random::of(1);
    let mut app = world.sql_as_app().await;
    let tenant = kernel::tenant_of(sql, &world.tenant).await;
    let batch = [
        Asked::of("fl-101", "flowers", "ida", 4500),
        Asked::of("fl-101", "courier-pickup", "ida", 1200),
        Asked::of("fl-102", "flowers", "ida", 5000),
        Asked::of("fl-102", "goodwill-credit", "ida", 4900),
        Asked::of("ld-201", "flowers", "ida", 12000),
        // above the year's maximum for one customer, and not above it alone
        Asked::of("fl-102", "flowers", "ida", 5500),
        Asked::of("fl-101", "flowers", "c-fl-101", 4500),
        Asked::of("fl-101", "gift-basket", "jo", 7000),
        Asked::of("fl-102", "flowers", "jo", 3000),
    ];
    let answers = kernel::admit(&mut app, tenant, &batch).await.unwrap();
    let outcomes: BTreeSet<&str> = answers
        .iter()
        .map(|answer| answer.outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        BTreeSet::from(["APPROVED", "DECLINED", "NEEDS_APPROVAL"])
    );
    assert!(format!("{answers:?}").contains("customer-year"));
    let cancelled = [Cancelled {
        id: batch[8].id,
        actor: "fl-102".into(),
        etag: 1,
    }];
    assert_eq!(
        kernel::cancel(&mut app, tenant, &cancelled).await.unwrap(),
        [None]
    );
    kernel::resolve(&mut app, tenant, random.uuid(), "fl-101")
        .await
        .unwrap();
    kernel::suspend(&mut app, tenant, "fl-102", true)
        .await
        .unwrap();
    world.admin().await.apply(DEMO, 1).await.unwrap();
    let last = [Asked::of("fl-101", "flowers", "kim", 2000)];
    kernel::admit(&mut app, tenant, &last).await.unwrap();
}
