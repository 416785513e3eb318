//! Answers get lost. Who asked finds them again, at another server too; and a "no" tells what was lately given.

use std::sync::Arc;

use largesse::pb::{
    DecisionOutcome, Gesture, GestureState, RequestResolution, ResolveRequestRequest,
};
use tokio::sync::Barrier;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Token, World, fact_of, flowers, money, pickup, reason_of};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_again_by_who_asked_and_nobody_else() {
    let world = World::demo().await;
    let second = world.another_service().await;
    let (mut agent, mut other) = (world.agent("fl-101").await, world.agent("fl-102").await);
    let mut there = world.client_at(&second, Token::agent("fl-101")).await;
    for (wish, state) in [
        (flowers("ida", 4500), GestureState::Approved),
        (flowers("ida", 9000), GestureState::PendingApproval),
        (flowers("ida", 100), GestureState::Declined),
    ] {
        let id = Uuid::now_v7();
        agent.request_as(id, wish).await.unwrap();
        let found = there.resolve(id).await.unwrap();
        assert_eq!(found.resolution(), RequestResolution::Done);
        assert_eq!(found.gesture.unwrap().state(), state);
        let refused = other.resolve(id).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::PermissionDenied, "NOT_YOUR_GESTURE")
        );
        assert_eq!(fact_of(&refused, "gesture_id"), id.to_string());
        let mut lead = world.agent("ld-201").await;
        assert_eq!(
            reason_of(&lead.resolve(id).await.unwrap_err()),
            "NOT_YOUR_GESTURE"
        );
    }
    let lost = Uuid::now_v7();
    assert_eq!(
        there.resolve(lost).await.unwrap().resolution(),
        RequestResolution::NeverHappened
    );
    assert_eq!(
        agent.resolve(lost).await.unwrap().resolution(),
        RequestResolution::NeverHappened
    );
    assert_eq!(
        reason_of(&other.resolve(lost).await.unwrap_err()),
        "NOT_YOUR_GESTURE"
    );
    for client in [&mut agent, &mut there, &mut other] {
        let late = client
            .request_as(lost, pickup("ida", 500))
            .await
            .unwrap_err();
        assert_eq!(
            (late.code(), reason_of(&late).as_str()),
            (Code::FailedPrecondition, "REQUEST_TOMBSTONED")
        );
        assert_eq!(fact_of(&late, "request_id"), lost.to_string());
    }
    let request = ResolveRequestRequest {
        request_id: "lost".into(),
        ..Default::default()
    };
    let refused = agent.gestures.resolve_request(request).await.unwrap_err();
    assert_eq!(crate::support::wrongs(&refused), ["request_id MALFORMED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_the_question_about_it_meet_and_one_of_them_is_first() {
    let world = World::demo().await;
    let second = world.another_service().await;
    for number in 0..12 {
        let (id, barrier) = (Uuid::now_v7(), Arc::new(Barrier::new(2)));
        let mut asking = world.agent("ld-201").await;
        let mut resolving = world.client_at(&second, Token::agent("ld-201")).await;
        let (first, wish) = (barrier.clone(), pickup(&format!("c-{number}"), 500));
        let asked = tokio::spawn(async move {
            first.wait().await;
            asking.request_as(id, wish).await
        });
        barrier.wait().await;
        let resolved = resolving.resolve(id).await.unwrap();
        match asked.await.unwrap() {
            Ok(answer) => {
                assert_eq!(resolved.resolution(), RequestResolution::Done);
                assert_eq!(resolved.gesture, answer.gesture);
            }
            Err(refused) => {
                assert_eq!(resolved.resolution(), RequestResolution::NeverHappened);
                assert_eq!(reason_of(&refused), "REQUEST_TOMBSTONED");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_says_what_the_customer_and_the_case_were_lately_given() {
    let world = World::demo().await;
    let (mut agent, mut colleague) = (world.agent("fl-101").await, world.agent("fl-102").await);
    let on_tuesday = colleague.request(flowers("ida", 4500)).await.unwrap();
    let of_case = Gesture {
        case_id: "case-1".into(),
        ..pickup("otto", 1200)
    };
    let of_case = colleague.request(of_case).await.unwrap();
    let withdrawn = agent.request(pickup("ida", 900)).await.unwrap();
    agent.cancel(&withdrawn).await.unwrap();
    agent.request(flowers("ida", 100)).await.unwrap(); // declined
    colleague.request(flowers("nina", 4500)).await.unwrap();
    let waiting = agent.request(flowers("ida", 8000)).await.unwrap();

    let much = Gesture {
        case_id: "case-1".into(),
        ..flowers("ida", 9000)
    };
    let (id, previewed) = (Uuid::now_v7(), agent.preview(much.clone()).await.unwrap());
    let asked = agent
        .request_as(id, much.clone())
        .await
        .unwrap()
        .gesture
        .unwrap();
    let resolved = agent.resolve(id).await.unwrap().gesture.unwrap();
    for decision in [
        &previewed,
        asked.decision.as_ref().unwrap(),
        resolved.decision.as_ref().unwrap(),
    ] {
        assert_eq!(decision.outcome(), DecisionOutcome::NeedsApproval);
        let told: Vec<&str> = decision
            .similar
            .iter()
            .map(|similar| similar.gesture_id.as_str())
            .collect();
        assert_eq!(
            told,
            [&waiting.id, &withdrawn.id, &of_case.id, &on_tuesday.id].map(String::as_str),
            "newest first"
        );
        let flowers = &decision.similar[3];
        assert_eq!(
            (flowers.kind.as_str(), flowers.requested_by.as_str()),
            ("flowers", "fl-102")
        );
        assert_eq!(
            (flowers.amount.clone(), flowers.state()),
            (money(4500, "EUR"), GestureState::Approved)
        );
        assert_eq!(flowers.create_time, on_tuesday.create_time);
    }
    assert!(
        agent
            .get(&asked.id)
            .await
            .unwrap()
            .decision
            .unwrap()
            .similar
            .is_empty()
    );
    let fits = agent.preview(pickup("ida", 500)).await.unwrap();
    assert!(fits.similar.is_empty(), "a yes needs no such thing");
    for number in 0..11 {
        let mut lead = world.agent("ld-201").await;
        lead.request(flowers("many", 1500 + number)).await.unwrap();
    }
    let refused = agent.preview(flowers("many", 9000)).await.unwrap();
    assert_eq!(refused.similar.len(), 10, "ten at most");
}
