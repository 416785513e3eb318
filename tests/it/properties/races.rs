//! Callers who meet. They are lined up at a barrier, never hoped for with sleeps; who was refused rightly is read from the
//! trail afterwards (invariant 26: in the order of the trail, each refusal names what was used by then, and does not fit).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use largesse::pb;
use sqlx::{Executor, PgConnection};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::kernel::{self, Asked, Cancelled};
use crate::support::{Client, Random, SeedOnPanic, Token, World, assert_at_rest, seeds};

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
            client.request(wish).await.unwrap()
        });
    }
    running
        .join_all()
        .await
        .iter()
        .filter(|gesture| is_approved(gesture))
        .count()
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
    for seed in seeds(3) {
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

/// Two batches with the same ids in another order, mixed with others: no deadlock, and each id is decided once.
#[tokio::test(flavor = "multi_thread")]
async fn two_batches_with_the_same_ids_decide_each_once() {
    let world = World::of(POT).await;
    let mut sql = world.sql().await;
    let tenant = kernel::tenant_of(&mut sql, &world.tenant).await;
    for round in 0..10 {
        let batch: Vec<Asked> = (0..20)
            .map(|n| Asked::of("a-1", "credit", "ida", 50 + 900 * (n % 2)))
            .collect();
        let backwards: Vec<Asked> = batch.iter().rev().cloned().collect();
        let barrier = Arc::new(Barrier::new(2));
        let mut running = JoinSet::new();
        for batch in [batch, backwards] {
            let (mut app, barrier) = (world.sql_as_app().await, barrier.clone());
            running.spawn(async move {
                barrier.wait().await;
                kernel::admit(&mut app, tenant, &batch).await.unwrap()
            });
        }
        let answers = running.join_all().await;
        let replays = answers
            .iter()
            .flatten()
            .filter(|answer| answer.replayed)
            .count();
        assert_eq!(replays, 20, "round {round}");
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
