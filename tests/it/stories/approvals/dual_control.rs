//! Above an item's amount nobody decides alone.

use largesse::pb::{AnswerResult, GestureState};
use tonic::Code;

use super::{CARE, basket};
use crate::support::{Reasoned, World, asked_of, assert_invariants, reason_of, until, used};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_say_yes_to_the_same_amount() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 30000)).await.unwrap();
    assert!(
        asked
            .decision
            .as_ref()
            .unwrap()
            .codes()
            .contains(&"DUAL_CONTROL")
    );
    assert_eq!(asked_of(&asked), ["manager", "director"], "both at once");
    let (mut manager, mut director) = (
        world.approver("manager").await,
        world.approver("director").await,
    );
    let first = manager.approve(&asked).await.unwrap();
    assert_eq!(first.result(), AnswerResult::FirstYes);
    let seen = first.gesture.unwrap();
    assert_eq!(seen.state(), GestureState::PendingApproval);
    let standing = manager.item("basket", "EUR", Default::default()).await;
    assert_eq!(used(&standing, "month"), 0, "the first yes holds nothing");
    let twice = manager.approve(&seen).await.unwrap_err();
    assert_eq!(
        (twice.code(), reason_of(&twice)),
        (Code::FailedPrecondition, "SECOND_PERSON_NEEDED".into())
    );
    let stale = director.approve(&asked).await.unwrap_err();
    assert_eq!(reason_of(&stale), "STALE_VIEW", "a first yes is to be seen");

    let other = director.approve_amount(&seen, 29000).await.unwrap();
    assert_eq!(
        other.result(),
        AnswerResult::FirstYes,
        "another amount begins again"
    );
    let seen = other.gesture.unwrap();
    let last = manager.approve(&seen).await.unwrap();
    assert_eq!(last.result(), AnswerResult::Approved);
    assert_eq!(last.gesture.unwrap().amount.unwrap().minor_units, 29000);
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_the_one_at_the_top_decides_alone() {
    let world = World::of(CARE).await;
    let mut director = world.approver("director").await;
    let declined = director.request(basket("ida", 30000)).await.unwrap();
    assert_eq!(declined.state(), GestureState::Declined);
    let codes = declined.decision.unwrap();
    assert_eq!(codes.codes(), ["DUAL_CONTROL", "NOBODY_CAN_APPROVE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_so_much_more_that_two_must_say_it_has_somebody_else_asked_at_once() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 20000)).await.unwrap();
    assert_eq!(asked_of(&asked), ["manager"]);
    let mut manager = world.approver("manager").await;
    let first = manager.approve_amount(&asked, 30000).await.unwrap();
    assert_eq!(first.result(), AnswerResult::FirstYes);
    let reading = anna.clone();
    let seen = until(
        || {
            let (mut reading, id) = (reading.clone(), asked.id.clone());
            async move { reading.get(&id).await.unwrap() }
        },
        |seen| asked_of(seen).len() == 2,
    )
    .await;
    let mut director = world.approver("director").await;
    let last = director.approve(&seen).await.unwrap();
    assert_eq!(last.result(), AnswerResult::Approved);
    assert_eq!(last.gesture.unwrap().amount.unwrap().minor_units, 30000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_yes_does_not_outlive_its_giver() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 30000)).await.unwrap();
    let (mut manager, mut director) = (
        world.approver("manager").await,
        world.approver("director").await,
    );
    let first = manager.approve(&asked).await.unwrap();
    let mut admin = world.admin().await;
    admin.suspend("manager", true).await.unwrap();
    let second = director.approve(&first.gesture.unwrap()).await.unwrap();
    assert_eq!(second.result(), AnswerResult::FirstYes);
}
