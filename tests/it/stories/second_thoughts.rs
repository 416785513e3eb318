//! What was given can be taken back, by who gave it and by whoever stands above them, as they saw it last.

use largesse::pb::{CancelGestureRequest, Gesture, GestureState, GetAuthorityRequest};
use tonic::Code;
use uuid::Uuid;

use crate::support::{Token, World, fact_of, flowers, pickup, reason_of, used};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_above_may_withdraw_and_a_stranger_may_not() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let before = agent
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    for (who, may) in [
        (Token::agent("fl-101"), true),
        (Token::agent("ld-201"), true),
        (Token::of("mg-301", &["approver"]), true),
        (Token::service("desk", &["mg-301"]), true),
        (Token::agent("fl-102"), false),
        (Token::of("duty", &["approver"]), false),
        (Token::service("desk", &["fl-102"]), false),
    ] {
        let given = agent.request(pickup("ida", 1000)).await.unwrap();
        let covered = who.agents.clone().map(|agents| agents[0].clone());
        let request = CancelGestureRequest {
            gesture_id: given.id.clone(),
            etag: given.etag.clone(),
            agent_id: covered.unwrap_or_default(),
        };
        let name = format!("{} for {:?}", who.subject, who.agents);
        let answer = world
            .client(who)
            .await
            .gestures
            .cancel_gesture(request)
            .await;
        if may {
            let cancelled = answer.unwrap().into_inner().gesture.unwrap();
            assert_eq!(cancelled.state(), GestureState::Cancelled, "{name}");
            assert_eq!(cancelled.etag, "2", "{name}");
            assert_eq!(
                cancelled.decision, given.decision,
                "{name}: the decision stays what it was"
            );
            assert!(cancelled.update_time.unwrap().seconds >= given.create_time.unwrap().seconds);
        } else {
            let refused = answer.unwrap_err();
            assert_eq!(
                (refused.code(), reason_of(&refused).as_str()),
                (Code::PermissionDenied, "NOT_YOUR_GESTURE"),
                "{name}"
            );
            assert_eq!(fact_of(&refused, "gesture_id"), given.id);
            assert_eq!(agent.get(&given.id).await.unwrap(), given, "{name}");
            agent.cancel(&given).await.unwrap();
        }
    }
    let after = agent
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    assert_eq!(
        used(&after, "agent-month"),
        used(&before, "agent-month"),
        "all of it came back"
    );
    assert_eq!(used(&after, "care"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_repeated_at_another_server_is_a_replay_and_by_another_person_it_is_not() {
    let world = World::demo().await;
    let second = world.another_service().await;
    let mut agent = world.agent("fl-101").await;
    let mut there = world.client_at(&second, Token::agent("fl-101")).await;
    let given = agent.request(flowers("ida", 4500)).await.unwrap();
    let cancelled = agent.cancel(&given).await.unwrap();
    let again = there.cancel(&given).await.unwrap();
    assert!(again.replayed && !cancelled.replayed);
    assert_eq!(again.gesture, cancelled.gesture);

    let lead = world
        .agent("ld-201")
        .await
        .cancel(&given)
        .await
        .unwrap_err();
    assert_eq!(
        (lead.code(), reason_of(&lead).as_str()),
        (Code::Aborted, "STALE_VIEW")
    );
    assert_eq!(
        (fact_of(&lead, "gesture_id"), fact_of(&lead, "etag")),
        (given.id.clone(), "2".into())
    );
    let ended = agent
        .cancel(cancelled.gesture.as_ref().unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        (ended.code(), reason_of(&ended).as_str()),
        (Code::FailedPrecondition, "STATE_FORBIDS")
    );
    assert_eq!(
        (fact_of(&ended, "state"), fact_of(&ended, "allowed_states")),
        (
            "CANCELLED".into(),
            "APPROVED,PENDING_APPROVAL,RETURNED".into()
        )
    );
    let declined = agent.request(flowers("ida", 100)).await.unwrap();
    let refused = agent.cancel(&declined).await.unwrap_err();
    assert_eq!(fact_of(&refused, "state"), "DECLINED");

    let never = Gesture {
        id: Uuid::now_v7().to_string(),
        ..given.clone()
    };
    assert_eq!(
        reason_of(&agent.cancel(&never).await.unwrap_err()),
        "GESTURE_NOT_FOUND"
    );
    let lost = Uuid::now_v7();
    agent.resolve(lost).await.unwrap();
    let tombstone = Gesture {
        id: lost.to_string(),
        ..given
    };
    assert_eq!(
        reason_of(&agent.cancel(&tombstone).await.unwrap_err()),
        "GESTURE_NOT_FOUND"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_cancel_one_gesture_and_it_gives_back_once() {
    let world = World::demo().await;
    let second = world.another_service().await;
    let mut agent = world.agent("fl-101").await;
    agent.request(pickup("ida", 1000)).await.unwrap();
    let given = agent.request(flowers("ida", 4500)).await.unwrap();
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..12 {
        let server = if number % 2 == 0 {
            &world.service
        } else {
            &second
        };
        let mut client = world.client_at(server, Token::agent("fl-101")).await;
        let given = given.clone();
        racing.spawn(async move { client.cancel(&given).await.unwrap() });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    let item = agent
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    assert_eq!(used(&item, "agent-month"), 1100, "the pickup stays");
}
