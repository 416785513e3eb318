//! Where nobody could ever say yes, the agent is told at once.

use largesse::pb::{DecisionOutcome, Gesture, GestureState};

use super::{CARE, basket};
use crate::support::{Reasoned, World, asked_of};

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_no_and_says_why() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    // The managers' maximum is 400.00 EUR, and nobody is above them.
    let wish = Gesture {
        kind: "flowers".into(),
        ..basket("ida", 45000)
    };
    let preview = anna.preview(wish.clone()).await.unwrap();
    assert!(preview.approvers.is_empty());
    let declined = anna.request(wish).await.unwrap();
    assert_eq!(declined.state(), GestureState::Declined);
    let decision = declined.decision.unwrap();
    assert_eq!(decision.outcome(), DecisionOutcome::Declined);
    assert_eq!(decision.codes().last(), Some(&"NOBODY_CAN_APPROVE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_waive_a_policy_is_passed_over() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let waived = Gesture {
        waived_policies: vec!["return-window".into()],
        ..basket("ida", 2000)
    };
    let asked = anna.request(waived).await.unwrap();
    assert_eq!(asked_of(&asked), ["lead"]);
    let own = anna.request(basket("lead-at-home", 7000)).await.unwrap();
    assert_eq!(asked_of(&own), ["manager"], "it is the lead's own account");
}
