//! The glass that is broken at night, and the manager who looks at it in the morning.

use largesse::pb::{ApprovalPurpose, GestureState, ReviewVerdict};

use super::{CARE, basket};
use crate::support::{Reasoned, World, assert_invariants, reason_of, until};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_at_once_and_reviewed() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.approver("anna").await, world.approver("lead").await);
    let given = anna.break_glass(basket("ida", 9000)).await.unwrap();
    assert_eq!(given.state(), GestureState::Approved);
    assert!(given.break_glass);
    let items = until(
        || {
            let mut lead = lead.clone();
            async move { lead.inbox().await }
        },
        |items| items.len() == 1,
    )
    .await;
    assert_eq!(items[0].purpose(), ApprovalPurpose::Review);
    let seen = items[0].gesture.clone().unwrap();
    let own = anna
        .review(&seen, ReviewVerdict::Justified, "")
        .await
        .unwrap_err();
    assert_eq!(reason_of(&own), "OWN_REQUEST");
    let reviewed = lead
        .review(&seen, ReviewVerdict::NotJustified, "She could have waited.")
        .await
        .unwrap();
    assert_eq!(
        reviewed.state(),
        GestureState::Approved,
        "what was given stays given"
    );
    let answer = reviewed.approval.unwrap().answer.unwrap();
    assert_eq!(
        (answer.verdict(), answer.note.as_str()),
        (ReviewVerdict::NotJustified, "She could have waited.")
    );
    assert!(lead.waiting().await.is_empty(), "listed until done");

    let full = anna.break_glass(basket("tom", 9000)).await.unwrap();
    assert_eq!(
        full.state(),
        GestureState::PendingApproval,
        "one glass a month"
    );
    assert_eq!(full.decision.unwrap().limits(), ["break_glass"]);
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_gesture_is_turned_into_one() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 9000)).await.unwrap();
    let given = anna
        .revise_with(&asked, basket("ida", 9000), true)
        .await
        .unwrap();
    assert_eq!(given.state(), GestureState::Approved);
    let stale = lead.approve(&asked).await.unwrap_err();
    assert_eq!(reason_of(&stale), "STALE_VIEW");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_glass_is_told_so() {
    let world = World::of(CARE).await;
    let mut lead = world.approver("lead").await;
    let asked = lead.break_glass(basket("ida", 20000)).await.unwrap();
    assert_eq!(asked.state(), GestureState::PendingApproval);
    assert!(
        asked
            .decision
            .unwrap()
            .codes()
            .contains(&"BREAK_GLASS_NOT_ALLOWED")
    );
}
