//! The basket that was sent back, made smaller, and given.

use largesse::pb::{AnswerEvent, DecisionOutcome, GestureState};
use tonic::Code;

use super::{CARE, FRIDAY, basket};
use crate::support::{World, asked_of, assert_invariants, fact_of, reason_of};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revised_is_decided_anew() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 9000)).await.unwrap();
    let returned = lead
        .send_back(&asked, "Is half of it enough?")
        .await
        .unwrap();
    assert_eq!(returned.state(), GestureState::Returned);
    let seen = anna.get(&asked.id).await.unwrap();
    let answer = seen.approval.as_ref().unwrap().answer.clone().unwrap();
    assert_eq!(
        (answer.event(), answer.note.as_str()),
        (AnswerEvent::Returned, "Is half of it enough?")
    );
    assert!(lead.waiting().await.is_empty());

    let bigger = anna.revise(&seen, basket("ida", 8000)).await.unwrap();
    assert_eq!(bigger.state(), GestureState::PendingApproval);
    assert_eq!(asked_of(&bigger), ["lead"], "asked again");
    assert_eq!(bigger.amount.as_ref().unwrap().minor_units, 8000);

    let small = anna.revise(&bigger, basket("ida", 4500)).await.unwrap();
    assert_eq!(
        small.state(),
        GestureState::Approved,
        "now it is anna's own"
    );
    let decision = small.decision.as_ref().unwrap();
    assert_eq!(
        (decision.outcome(), decision.decided_by.as_str()),
        (DecisionOutcome::Approved, "anna")
    );
    assert!(lead.waiting().await.is_empty());
    let late = anna.revise(&small, basket("ida", 4000)).await.unwrap_err();
    assert_eq!(
        (late.code(), reason_of(&late)),
        (Code::FailedPrecondition, "STATE_FORBIDS".into()),
        "an approved one is replaced, not revised"
    );
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_the_old_terms_is_stale() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let seen = anna.request(basket("ida", 7000)).await.unwrap();
    anna.revise(&seen, basket("ida", 14000)).await.unwrap();
    let stale = lead.approve(&seen).await.unwrap_err();
    assert_eq!(
        (stale.code(), reason_of(&stale)),
        (Code::Aborted, "STALE_VIEW".into())
    );
    assert_eq!(fact_of(&stale, "by"), "anna");
    let declined = lead.decline(&seen, "Too much.").await.unwrap_err();
    assert_eq!(reason_of(&declined), "STALE_VIEW", "a no as well");

    // Even with the new etag, the terms that were seen must be those in force.
    let mut forged = lead.approval(&seen.id).await.unwrap().gesture.unwrap();
    forged.terms_digest = seen.terms_digest.clone();
    let stale = lead.approve(&forged).await.unwrap_err();
    assert_eq!(reason_of(&stale), "STALE_VIEW");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_asked_revises_and_the_customer_stays() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let seen = anna.request(basket("ida", 7000)).await.unwrap();
    let other = world
        .agent("ben")
        .await
        .revise(&seen, basket("ida", 6000))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&other), "NOT_YOUR_GESTURE");
    let customer = anna.revise(&seen, basket("tom", 6000)).await.unwrap_err();
    assert_eq!(
        crate::support::violated_fields(&customer),
        ["gesture.customer.id"]
    );
    let mut found = anna.get(&seen.id).await.unwrap();
    // Who could say yes is told with an answer, and not kept.
    found.decision.as_mut().unwrap().approvers = seen.decision.clone().unwrap().approvers;
    assert_eq!(found, seen, "nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_is_sent_twice_is_made_once() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let seen = anna.request(basket("ida", 7000)).await.unwrap();
    let first = anna.revise(&seen, basket("ida", 8000)).await.unwrap();
    let again = anna.revise(&seen, basket("ida", 8000)).await.unwrap();
    assert_eq!((first.etag, first.amount), (again.etag, again.amount));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_ever_for_a_revision() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 9000)).await.unwrap();
    lead.send_back(&asked, "Why two?").await.unwrap();
    world
        .later("2026-11-28T09:00:00Z", &mut anna, &asked.id, |g| {
            g.state() == GestureState::Expired
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_one_is_withdrawn() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 9000)).await.unwrap();
    anna.cancel(&asked).await.unwrap();
    assert!(lead.waiting().await.is_empty());
    let late = lead.approve(&asked).await.unwrap_err();
    assert_eq!(
        (reason_of(&late).as_str(), fact_of(&late, "by").as_str()),
        ("STALE_VIEW", "anna")
    );
}
