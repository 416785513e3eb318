//! Authority that is taken away while everybody asks, and a limit that falls below what is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use largesse::pb;
use tokio::task::JoinSet;

use super::{POT, credit, is_approved};
use crate::support::{World, assert_at_rest};

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
