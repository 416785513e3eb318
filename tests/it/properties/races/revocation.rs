//! Authority that is taken away while everybody asks, and a limit that falls below what is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use largesse::pb;
use sqlx::{Executor, PgConnection};
use tokio::task::JoinSet;

use super::{POT, credit, is_approved};
use crate::support::kernel::{self, Asked};
use crate::support::{World, assert_at_rest, wait_for_waiters};

/// Callers who keep asking while authority is taken away. Whoever starts after that was acknowledged gets no yes.
async fn nobody_who_starts_after<F: Future<Output = ()>>(world: &World, taken_away: F) {
    let acknowledged = Arc::new(AtomicBool::new(false));
    let granted = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for _ in 0..8 {
        let mut client = world.agent("a-1").await;
        let (acknowledged, granted) = (acknowledged.clone(), granted.clone());
        running.spawn(async move {
            let mut late = 0;
            while late < 3 {
                let is_late = acknowledged.load(Ordering::SeqCst);
                // whoever was suspended is refused at the gate, or by the kernel: either is no yes
                let is_yes = client
                    .request(credit(1))
                    .await
                    .is_ok_and(|gesture| is_approved(&gesture));
                assert!(
                    !(is_late && is_yes),
                    "a yes to a call that started afterwards"
                );
                granted.fetch_add(usize::from(is_yes), Ordering::SeqCst);
                late += usize::from(is_late);
            }
        });
    }
    while granted.load(Ordering::SeqCst) < 30 {
        tokio::task::yield_now().await;
    }
    taken_away.await;
    acknowledged.store(true, Ordering::SeqCst);
    running.join_all().await;
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_suspension_nothing_more_is_given() {
    let world = World::of(POT).await;
    let mut admin = world.admin().await;
    nobody_who_starts_after(&world, async {
        let request = pb::SuspendAgentRequest {
            agent_id: "a-1".into(),
            suspended: Some(true),
        };
        admin.authority.suspend_agent(request).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_limit_was_lowered_nothing_passes_it() {
    let world = World::of(POT).await;
    let mut admin = world.admin().await;
    let lowered = POT.replace(
        "{limit: agent-day, amount: \"5000.00\"}",
        "{limit: agent-day, amount: \"0.01\"}",
    );
    nobody_who_starts_after(&world, async {
        admin.apply(&lowered, 1).await.unwrap();
    })
    .await;
}

/// Below what is used: what was given stays, releases still work, and the next increase is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_lowered_below_what_is_used_blocks_increases_and_no_release() {
    let world = World::of(POT).await;
    let (mut agent, mut admin) = (world.agent("a-1").await, world.admin().await);
    let mut given = Vec::new();
    for _ in 0..4 {
        given.push(agent.request(credit(10_000)).await.unwrap());
    }
    admin
        .apply(
            &POT.replace(
                "window: EVER, amount: \"500.00\"",
                "window: EVER, amount: \"150.00\"",
            ),
            1,
        )
        .await
        .unwrap();
    let refused = agent.request(credit(1)).await.unwrap();
    assert_eq!(refused.state(), pb::GestureState::Declined);
    let reason = &refused.decision.unwrap().reasons[0];
    assert_eq!(reason.limit, "pot");
    let money = |money: &Option<pb::Money>| money.as_ref().unwrap().minor_units;
    assert_eq!(
        (
            money(&reason.used),
            money(&reason.ceiling),
            money(&reason.remaining)
        ),
        (40_000, 15_000, 0)
    );

    for gesture in &given[..2] {
        agent.cancel(gesture).await.unwrap();
    }
    assert!(
        !is_approved(&agent.request(credit(1)).await.unwrap()),
        "200.00 of 150.00 are still out"
    );
    agent.cancel(&given[2]).await.unwrap();
    assert!(is_approved(&agent.request(credit(5_000)).await.unwrap()));
    assert!(!is_approved(&agent.request(credit(1)).await.unwrap()));
    assert_at_rest(&mut world.sql().await).await;
}

/// A decision that has read the rules, and waits for a counter, comes before whatever changes them: nobody is told that a
/// suspension, a pause or a document is in force while something is still being decided without it.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_has_begun_comes_before_what_changes_its_rules() {
    let lowered = POT.replace(
        "{limit: agent-day, amount: \"5000.00\"}",
        "{limit: agent-day, amount: \"0.01\"}",
    );
    for change in ["suspend", "pause", "apply"] {
        let world = World::of(POT).await;
        let (mut sql, mut holder) = (world.sql().await, world.sql().await);
        let mut app = world.sql_as_app().await;
        let tenant = kernel::tenant_of(&mut sql, &world.tenant).await;
        let wish = || [Asked::of("a-1", "credit", "ida", 100)];
        kernel::admit(&mut app, tenant, &wish()).await.unwrap();
        holder
            .execute("begin; select * from largesse.counters for update")
            .await
            .unwrap();
        let wish = wish();
        let deciding =
            tokio::spawn(async move { kernel::admit(&mut app, tenant, &wish).await.unwrap() });
        wait_for_waiters(&mut sql, 1).await;

        let (mut other, mut admin) = (world.sql_as_app().await, world.admin().await);
        let lowered = lowered.clone();
        let changing = tokio::spawn(async move {
            match change {
                "suspend" => drop(
                    kernel::suspend(&mut other, tenant, "a-1", true)
                        .await
                        .unwrap(),
                ),
                "pause" => drop(kernel::pause(&mut other, tenant, "KIND", "credit", true).await),
                _ => drop(admin.apply(&lowered, 1).await.unwrap()),
            }
        });
        // it waits as well; or it is done, which the trail will show
        while !changing.is_finished() && waiters(&mut sql).await < 2 {
            tokio::task::yield_now().await;
        }
        holder.execute("rollback").await.unwrap();
        assert_eq!(deciding.await.unwrap()[0].outcome, "APPROVED");
        changing.await.unwrap();
        assert_at_rest(&mut sql).await;
    }
}

async fn waiters(sql: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    .fetch_one(sql)
    .await
    .unwrap()
}
