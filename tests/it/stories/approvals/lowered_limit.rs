//! A limit is lowered while a gesture waits.

use largesse::pb::{AnswerResult, GestureState};

use super::{CARE, basket};
use crate::support::{Reasoned, World, assert_invariants};

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_is_held_against_the_limit_of_its_instant() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 12000)).await.unwrap();
    let lowered = CARE.replace(r#"amount: "150.00""#, r#"amount: "100.00""#);
    world.admin().await.apply(&lowered, 1).await.unwrap();

    let refused = lead.approve(&asked).await.unwrap();
    assert_eq!(refused.result(), AnswerResult::Refused);
    assert_eq!(refused.decision.unwrap().limits(), ["each"]);
    assert_eq!(
        refused.gesture.unwrap().state(),
        GestureState::PendingApproval,
        "it stays open for somebody who can"
    );
    let less = lead.approve_amount(&asked, 10000).await.unwrap();
    assert_eq!(less.result(), AnswerResult::Approved);
    let given = less.gesture.unwrap();
    assert_eq!(given.amount.unwrap().minor_units, 10000);
    let asked_amount = given.approval.unwrap().asked_amount.unwrap();
    assert_eq!(asked_amount.minor_units, 12000, "both are told");
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_that_was_there_may_be_gone() {
    let world = World::of(CARE).await;
    let (mut anna, mut ben) = (world.agent("anna").await, world.agent("ben").await);
    let mut director = world.approver("director").await;
    let mut lead = world.approver("lead").await;
    // 1000.00 EUR are in the budget.
    let waits = anna.request(basket("ida", 15000)).await.unwrap();
    let mut manager = world.approver("manager").await;
    let more = manager.request(basket("x", 25000)).await.unwrap();
    assert_eq!(more.state(), GestureState::Approved);
    for customer in ["y", "z"] {
        let more = director.request(basket(customer, 25000)).await.unwrap();
        assert_eq!(more.state(), GestureState::Approved);
    }
    for customer in ["q", "r"] {
        ben.request(basket(customer, 6000)).await.unwrap();
    }
    let refused = lead.approve(&waits).await.unwrap();
    assert_eq!(refused.result(), AnswerResult::Refused);
    assert_eq!(refused.decision.unwrap().limits(), ["care"]);
    let yes = lead.approve_amount(&waits, 13000).await.unwrap();
    assert_eq!(yes.result(), AnswerResult::Approved, "the last of it");
    assert_invariants(&mut world.sql().await).await;
}
