//! Many approvals at once for what is left of one budget, and timers that two replicas claim.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::Executor;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::kernel::{self, Answering, Asked, Seen, sqlstate};
use crate::support::{Desk, wait_for_waiters};

/// A basket out of the pot, in which 1,000.00 are for ever.
fn out_of_the_pot(agent: &str, customer: String, amount: i64) -> Asked {
    Asked {
        budget: Some("pot".into()),
        ..Asked::of(agent, "basket", &customer, amount)
    }
}

/// Everybody answers at once; what was said to each.
async fn answered_at_once(desk: &Desk, answers: Vec<Answering>) -> Vec<kernel::Told> {
    let barrier = Arc::new(Barrier::new(answers.len()));
    let mut running = JoinSet::new();
    for answering in answers {
        let (mut app, tenant, barrier) = (desk.database.app().await, desk.tenant, barrier.clone());
        running.spawn(async move {
            barrier.wait().await;
            kernel::decide(&mut app, tenant, &answering).await.unwrap()
        });
    }
    running.join_all().await
}

async fn waiting(desk: &mut Desk, amounts: &[i64]) -> Vec<Seen> {
    let mut waiting = Vec::new();
    for (n, amount) in amounts.iter().enumerate() {
        let asked = out_of_the_pot("fl-1", format!("c-{n}"), *amount);
        waiting.push(desk.waiting(&asked, &["mg-1", "mg-2"]).await);
    }
    waiting
}

/// 14 times 70.00 fit into 1,000.00, whoever of two says yes to which.
#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_two_approvals_exactly_as_many_as_fit() {
    for _ in 0..4 {
        let mut desk = Desk::open().await;
        let waiting = waiting(&mut desk, &[7000; 32]).await;
        let answers = waiting.iter().enumerate();
        let answers = answers
            .map(|(n, seen)| Answering::yes(["mg-1", "mg-2"][n % 2], seen))
            .collect();
        let told = answered_at_once(&desk, answers).await;
        let (yes, no): (Vec<_>, Vec<_>) = told.iter().partition(|told| told.outcome == "APPROVED");
        assert_eq!((yes.len(), no.len()), (14, 18));
        for told in no {
            assert_eq!(told.outcome, "REFUSED");
            // whoever gave all of it themselves has used up their month as well
            let pot = told.reasons.iter().find(|reason| reason["limit"] == "pot");
            let pot = pot.unwrap_or_else(|| panic!("{told:?}"));
            assert_eq!((&pot["used"], &pot["left"]), (&98000.into(), &2000.into()));
        }
        desk.holds().await;
    }
}

/// With requests, revisions and unequal amounts between them there is one order that explains all of it.
#[tokio::test(flavor = "multi_thread")]
async fn approvals_requests_and_revisions_meet_in_one_budget() {
    let mut desk = Desk::open().await;
    let amounts: Vec<i64> = (0..16).map(|n| 6100 + 617 * n).collect();
    let mut waiting = waiting(&mut desk, &amounts).await;
    let revised = waiting.split_off(8);
    let barrier = Arc::new(Barrier::new(24));
    let mut running = JoinSet::new();
    for (n, seen) in waiting.into_iter().enumerate() {
        let (mut app, tenant, barrier) = (desk.database.app().await, desk.tenant, barrier.clone());
        let answering = Answering::yes(["mg-1", "mg-2"][n % 2], &seen);
        running.spawn(async move {
            barrier.wait().await;
            kernel::decide(&mut app, tenant, &answering).await.unwrap();
        });
    }
    for (n, seen) in revised.into_iter().enumerate() {
        let (mut app, tenant, barrier) = (desk.database.app().await, desk.tenant, barrier.clone());
        let terms = out_of_the_pot("fl-1", format!("c-{}", n + 8), 2500);
        running.spawn(async move {
            barrier.wait().await;
            kernel::revise(&mut app, tenant, &seen, &terms)
                .await
                .unwrap();
        });
    }
    for n in 0..8 {
        let (mut app, tenant, barrier) = (desk.database.app().await, desk.tenant, barrier.clone());
        let agent = ["fl-1", "fl-2", "mg-1", "fl-1"][n % 4];
        let batch: Vec<Asked> = (0..4)
            .map(|m| out_of_the_pot(agent, format!("d-{n}-{m}"), 1300))
            .collect();
        running.spawn(async move {
            barrier.wait().await;
            kernel::admit(&mut app, tenant, &batch).await.unwrap();
        });
    }
    running.join_all().await;
    desk.holds().await;
}

/// The answer is told to come again, and is then charged to the day in which it is given.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_waits_over_midnight_is_given_again() {
    for held in [
        "select * from largesse.heads for update",
        "select * from largesse.counters for update",
    ] {
        let mut desk = Desk::open().await;
        // Monday the 30th, 23:59 in Berlin
        desk.later(60 * 24 * 3 + 779).await;
        let waiting = waiting(&mut desk, &[7000, 7000]).await;
        let first = desk.answers(&Answering::yes("mg-1", &waiting[0])).await;
        assert_eq!(first.outcome, "APPROVED");
        let before = desk.written().await;
        let mut holder = desk.database.superuser().await;
        holder.execute("begin").await.unwrap();
        holder.execute(held).await.unwrap();
        let (mut app, tenant) = (desk.database.app().await, desk.tenant);
        let answering = Answering::yes("mg-1", &waiting[1]);
        let again = answering.clone();
        let deciding =
            tokio::spawn(async move { kernel::decide(&mut app, tenant, &answering).await });
        wait_for_waiters(&mut desk.sql, 1).await;
        desk.later(2).await;
        holder.execute("commit").await.unwrap();
        let told = deciding.await.unwrap().unwrap_err();
        assert_eq!(sqlstate(&told), "40001", "{held}");
        assert_eq!(desk.written().await, before, "{held}");
        assert_eq!(desk.answers(&again).await.outcome, "APPROVED");
        desk.holds().await;
    }
}

/// Each due timer is one replica's for a while, and then anybody's again.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_each_timer_is_claimed_by_one() {
    let mut desk = Desk::open().await;
    let waiting = waiting(&mut desk, &[7000; 40]).await;
    let all: BTreeSet<Uuid> = waiting.iter().map(|seen| seen.id).collect();
    assert!(
        kernel::claim_timers(&mut desk.app, desk.tenant, 100)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(kernel::due_tenants(&mut desk.app).await.unwrap().is_empty());
    desk.later(60).await;
    for _ in 0..20 {
        assert_eq!(
            kernel::due_tenants(&mut desk.app).await.unwrap(),
            [desk.tenant]
        );
        let barrier = Arc::new(Barrier::new(2));
        let mut running = JoinSet::new();
        for _ in 0..2 {
            let (mut app, tenant, barrier) =
                (desk.database.app().await, desk.tenant, barrier.clone());
            running.spawn(async move {
                barrier.wait().await;
                let mut mine = Vec::new();
                loop {
                    let claimed = kernel::claim_timers(&mut app, tenant, 3).await.unwrap();
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed);
                }
            });
        }
        let claimed = running.join_all().await.concat();
        assert_eq!(claimed.len(), all.len(), "nobody claims what another has");
        assert_eq!(BTreeSet::from_iter(claimed), all);
        assert!(kernel::due_tenants(&mut desk.app).await.unwrap().is_empty());
        // whoever claimed them has died
        desk.later(1).await;
    }
    desk.holds().await;
}
