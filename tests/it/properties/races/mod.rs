//! Callers who meet. They are lined up at a barrier, never hoped for with sleeps; who was refused rightly is read from the
//! trail afterwards (invariant 26: in the order of the trail, each refusal names what was used by then, and does not fit).

mod answers;
mod last_room;
mod meetings;
mod revocation;

use std::sync::Arc;

use largesse::pb;

use sqlx::PgConnection;

use tokio::sync::Barrier;

use tokio::task::JoinSet;

use uuid::Uuid;

use crate::support::kernel::{self, Asked, Cancelled};

use crate::support::{Client, Random, SeedOnPanic, Token, World, assert_at_rest, reason_of, seeds};

/// 500.00 EUR for ever, from which everybody gives; nobody's own limits matter.
const POT: &str = r#"tenant: pot
time_zone: Europe/Berlin
catalog:
- {kind: credit, currency: EUR, min: "0.01", max: "500.00", recipient: [], channel: billing, lead_time: 1h}
budgets:
- {name: pot, currency: EUR, window: EVER, amount: "500.00"}
limits:
- {name: agent-gesture, subject: AGENT, window: GESTURE, currency: EUR, hard_max: {amount: "500.00"}}
- {name: agent-day, subject: AGENT, window: DAY, currency: EUR, hard_max: {amount: "5000.00"}}
levels:
- name: agent
  maxima:
  - {limit: agent-gesture, amount: "500.00"}
  - {limit: agent-day, amount: "5000.00"}
agents:
- {id: a-1, type: HUMAN, level: agent, manager: a-4, budget: pot}
- {id: a-2, type: HUMAN, level: agent, manager: a-4, budget: pot}
- {id: a-3, type: HUMAN, level: agent, manager: a-4, budget: pot}
- {id: a-4, type: HUMAN, level: agent, budget: pot}
"#;

fn credit(minor_units: i64) -> pb::Gesture {
    pb::Gesture {
        kind: "credit".into(),
        recipient: None,
        ..crate::support::flowers("ida", minor_units)
    }
}

fn is_approved(gesture: &pb::Gesture) -> bool {
    gesture.state() == pb::GestureState::Approved
}

/// Everybody asks at once; how many were granted.
async fn asked_at_once(callers: Vec<(Client, pb::Gesture)>) -> usize {
    let barrier = Arc::new(Barrier::new(callers.len()));
    let mut running = JoinSet::new();
    for (mut client, wish) in callers {
        let barrier = barrier.clone();
        running.spawn(async move {
            barrier.wait().await;
            asked_until_answered(&mut client, wish).await
        });
    }
    running
        .join_all()
        .await
        .iter()
        .filter(|gesture| is_approved(gesture))
        .count()
}

/// Asks under one id until the answer comes: on a busy machine a full service says "come back", which is no answer.
async fn asked_until_answered(client: &mut Client, wish: pb::Gesture) -> pb::Gesture {
    let id = Uuid::now_v7();
    loop {
        match client.request_as(id, wish.clone()).await {
            Ok(answer) => return answer.gesture.unwrap(),
            Err(status) => {
                let reason = reason_of(&status);
                assert!(
                    ["OVERLOADED", "OUTCOME_UNKNOWN"].contains(&reason.as_str()),
                    "{status:?}"
                );
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_callers_the_last_fifty_gestures_go_to_fifty() {
    let world = World::of(POT).await;
    let mut callers = Vec::new();
    for n in 0..64 {
        callers.push((
            world.agent(&format!("a-{}", n % 4 + 1)).await,
            credit(1_000),
        ));
    }
    assert_eq!(asked_at_once(callers).await, 50);
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_do_on_two_servers() {
    let world = World::of(POT).await;
    let other = world.another_service().await;
    let mut callers = Vec::new();
    for n in 0..64 {
        let token = Token::agent(&format!("a-{}", n % 4 + 1));
        let client = if n % 2 == 0 {
            world.client(token).await
        } else {
            world.client_at(&other, token).await
        };
        callers.push((client, credit(1_000)));
    }
    assert_eq!(asked_at_once(callers).await, 50);
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_unequal_amounts_nobody_is_refused_who_would_have_fitted() {
    let world = World::of(POT).await;
    let mut random = Random::of(7);
    let mut callers = Vec::new();
    for n in 0..64 {
        callers.push((
            world.agent(&format!("a-{}", n % 4 + 1)).await,
            credit(random.between(1, 4_000)),
        ));
    }
    let granted = asked_at_once(callers).await;
    assert!((13..64).contains(&granted), "{granted}");
    assert_at_rest(&mut world.sql().await).await;
}

/// The same with batches of unequal sizes and amounts, cancellations in between, and a second session that looks on.
#[tokio::test(flavor = "multi_thread")]
async fn batches_and_cancellations_that_meet_have_one_order_that_explains_them() {
    for seed in seeds(2) {
        let _told = SeedOnPanic(seed);
        let world = World::of(POT).await;
        let mut sql = world.sql().await;
        let tenant = kernel::tenant_of(&mut sql, &world.tenant).await;
        let barrier = Arc::new(Barrier::new(6));
        let mut running = JoinSet::new();
        for n in 0..6_u64 {
            let (mut app, barrier) = (world.sql_as_app().await, barrier.clone());
            running.spawn(async move {
                let mut random = Random::of(seed * 100 + n);
                barrier.wait().await;
                for _ in 0..12 {
                    give_and_take(&mut app, tenant, &mut random).await;
                }
            });
        }
        while !running.is_empty() {
            crate::support::assert_invariants(&mut sql).await;
            while running.try_join_next().map(Result::unwrap).is_some() {}
        }
        assert_at_rest(&mut sql).await;
    }
}

async fn give_and_take(app: &mut PgConnection, tenant: Uuid, random: &mut Random) {
    let batch: Vec<Asked> = (0..random.between(1, 12))
        .map(|_| {
            let agent = format!("a-{}", random.between(1, 4));
            Asked {
                id: random.uuid(),
                ..Asked::of(&agent, "credit", "ida", random.between(1, 9_000))
            }
        })
        .collect();
    let answers = kernel::admit(app, tenant, &batch).await.unwrap();
    let cancelled: Vec<Cancelled> = batch
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.outcome == "APPROVED")
        .filter(|_| random.once_in(2))
        .map(|(asked, _)| Cancelled {
            id: asked.id,
            actor: asked.agent.clone(),
            etag: 1,
        })
        .collect();
    if !cancelled.is_empty() {
        assert!(
            kernel::cancel(app, tenant, &cancelled)
                .await
                .unwrap()
                .iter()
                .all(Option::is_none)
        );
    }
}
