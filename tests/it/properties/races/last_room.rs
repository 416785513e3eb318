//! Many approvals at once for what is left of one budget, and timers that two replicas claim.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Seen};

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
            assert_eq!(
                (told.outcome.as_str(), told.codes()),
                ("REFUSED", vec!["LIMIT_EXCEEDED"])
            );
            assert_eq!(told.reasons[0]["limit"], "pot");
            assert_eq!(
                (&told.reasons[0]["used"], &told.reasons[0]["left"]),
                (&98000.into(), &2000.into())
            );
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
