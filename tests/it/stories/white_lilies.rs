//! A customer writes that her mother has died and that the shoes will come back late. The agent waives the return
//! window, sends a courier, and white lilies with a card. Nobody is asked, because the agent has the authority.

use largesse::pb::{DecisionOutcome, Gesture, GestureState, RequestResolution};
use uuid::Uuid;

use crate::support::{Reasoned, World, flowers, pickup, reason_of};

fn lilies() -> Gesture {
    Gesture {
        case_id: "case-77".into(),
        occasion: "bereavement".into(),
        reason: "Her mother has died.".into(),
        message: "With our sincere condolences.".into(),
        ..flowers("ida", 4500)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_acts_at_once_and_nobody_is_asked() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let courier = Gesture {
        case_id: "case-77".into(),
        waived_policies: vec![
            "return-window-15-days".into(),
            "customer-drops-parcel-off".into(),
        ],
        ..pickup("ida", 1200)
    };
    for wish in [courier, lilies()] {
        let given = agent.request(wish.clone()).await.unwrap();
        assert_eq!(given.state(), GestureState::Approved);
        let decision = given.decision.unwrap();
        assert_eq!(decision.outcome(), DecisionOutcome::Approved);
        assert_eq!(
            (decision.decided_by.as_str(), decision.authority.as_str()),
            ("fl-101", "fl-101")
        );
        assert_eq!(
            given.message, wish.message,
            "who asked sees what they wrote"
        );
        assert_eq!(given.recipient, wish.recipient);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_authority_the_answer_says_what_would_pass() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let basket = Gesture {
        kind: "gift-basket".into(),
        case_id: "case-77".into(),
        ..flowers("ida", 7000)
    };
    let preview = agent.preview(basket.clone()).await.unwrap();
    let asked = agent.request(basket).await.unwrap();
    assert_eq!(asked.state(), GestureState::PendingApproval);
    let decision = asked.decision.unwrap();
    assert_eq!(decision.outcome(), DecisionOutcome::NeedsApproval);
    assert_eq!(
        decision.reasons, preview.reasons,
        "the preview had said the same"
    );
    assert_eq!(decision.limits(), ["agent-gesture"]);
    let reason = &decision.reasons[0];
    assert_eq!(reason.largest_now.as_ref().unwrap().minor_units, 6000);
    assert!(
        reason
            .text
            .contains("70.00 EUR asked, at most 60.00 EUR each"),
        "{}",
        reason.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_is_declined() {
    let world = World::demo().await;
    let yacht = Gesture {
        kind: "yacht".into(),
        case_id: "k".into(),
        ..flowers("ida", 100)
    };
    let declined = world.agent("fl-101").await.request(yacht).await.unwrap();
    assert_eq!(declined.state(), GestureState::Declined);
    assert_eq!(declined.decision.unwrap().codes(), ["KIND_NOT_OFFERED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_is_the_same_gesture() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let id = Uuid::now_v7();
    let first = agent.request_as(id, lilies()).await.unwrap();
    let again = agent.request_as(id, lilies()).await.unwrap();
    assert!(!first.replayed && again.replayed);
    assert_eq!(first.gesture, again.gesture);

    for other in [
        Gesture {
            message: "Get well soon".into(),
            ..lilies()
        },
        flowers("ida", 4400),
    ] {
        let refused = agent.request_as(id, other).await.unwrap_err();
        assert_eq!(reason_of(&refused), "REQUEST_ID_REUSED");
    }
    let colleague = world
        .agent("fl-102")
        .await
        .request_as(id, lilies())
        .await
        .unwrap_err();
    assert_eq!(
        reason_of(&colleague),
        "REQUEST_ID_REUSED",
        "another agent's id, and no leak of the answer"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_gives_the_authority_back() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let given = agent.request(lilies()).await.unwrap();
    let cancelled = agent.cancel(&given).await.unwrap();
    assert_eq!(
        cancelled.gesture.as_ref().unwrap().state(),
        GestureState::Cancelled
    );
    assert!(
        agent.cancel(&given).await.unwrap().replayed,
        "the same call again"
    );
    let stale = Gesture {
        etag: "7".into(),
        ..given
    };
    assert_eq!(
        reason_of(&agent.cancel(&stale).await.unwrap_err()),
        "STALE_VIEW"
    );
    assert_eq!(
        reason_of(&agent.cancel(&cancelled.gesture.unwrap()).await.unwrap_err()),
        "STATE_FORBIDS",
        "what has ended does not end again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_again_and_what_never_arrived_never_will() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let (arrived, lost) = (Uuid::now_v7(), Uuid::now_v7());
    agent.request_as(arrived, lilies()).await.unwrap();
    let found = agent.resolve(arrived).await.unwrap();
    assert_eq!(found.resolution(), RequestResolution::Done);
    assert_eq!(found.gesture.unwrap().state(), GestureState::Approved);

    for _ in 0..2 {
        assert_eq!(
            agent.resolve(lost).await.unwrap().resolution(),
            RequestResolution::NeverHappened
        );
    }
    let late = agent.request_as(lost, lilies()).await.unwrap_err();
    assert_eq!(reason_of(&late), "REQUEST_TOMBSTONED");
    assert_eq!(
        reason_of(&agent.get(&lost.to_string()).await.unwrap_err()),
        "GESTURE_NOT_FOUND"
    );
}
