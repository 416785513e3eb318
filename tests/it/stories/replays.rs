//! The same request again, at another server too, is the same gesture: what was done is done once.

use std::sync::Arc;

use largesse::pb::{Gesture, GetAuthorityRequest, RequestGestureRequest};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Token, World, fact_of, flowers, money, reason_of, used};

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_the_first_answer_from_any_server_under_any_rules() {
    let world = World::demo().await;
    let second = world.another_service().await;
    let (mut here, mut there) = (
        world.agent("fl-101").await,
        world.client_at(&second, Token::agent("fl-101")).await,
    );
    let wishes = [
        flowers("ida", 4500),
        flowers("ida", 9000),
        flowers("ida", 100),
    ];
    let mut answered = Vec::new();
    for wish in &wishes {
        let id = Uuid::now_v7();
        answered.push((id, wish, here.request_as(id, wish.clone()).await.unwrap()));
    }
    let before = world.rows().await;
    // nothing of this would be decided in the same way now
    let mut admin = world.admin().await;
    let stricter = crate::support::DEMO
        .replace(
            "kind: flowers, offered: true",
            "kind: flowers, offered: false",
        )
        .replace(
            "postal_code, country], channel: florist",
            "postal_code, country, phone], channel: florist",
        );
    admin.apply(&stricter, 1).await.unwrap();
    admin.suspend("fl-101", true).await.unwrap();
    for (id, wish, first) in &answered {
        for client in [&mut here, &mut there] {
            let again = client.request_as(*id, (*wish).clone()).await.unwrap();
            assert!(again.replayed && !first.replayed);
            let (mut then, mut now) = (first.gesture.clone().unwrap(), again.gesture.unwrap());
            // `similar` and `approvers` are looked up and not recorded
            for decision in [&mut then, &mut now].map(|gesture| gesture.decision.as_mut().unwrap())
            {
                decision.similar.clear();
                decision.approvers.clear();
            }
            assert_eq!(then, now);
        }
    }
    assert_eq!(world.rows().await["gestures"], before["gestures"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_sent_by_many_at_once_to_two_servers_is_one_gesture() {
    let world = World::demo().await;
    let second = world.another_service().await;
    let (id, callers) = (Uuid::now_v7(), 16);
    let barrier = Arc::new(Barrier::new(callers));
    let mut racing = JoinSet::new();
    for number in 0..callers {
        let server = if number % 2 == 0 {
            &world.service
        } else {
            &second
        };
        let mut client = world.client_at(server, Token::agent("fl-101")).await;
        let barrier = barrier.clone();
        racing.spawn(async move {
            barrier.wait().await;
            client.request_as(id, flowers("ida", 4500)).await.unwrap()
        });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    let first = &answers[0].gesture;
    assert!(answers.iter().all(|answer| answer.gesture == *first));
    let mut agent = world.agent("fl-101").await;
    let item = agent
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    assert_eq!(used(&item, "agent-month"), 4950, "charged once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_for_one_content_by_one_agent() {
    let world = World::demo().await;
    let (mut agent, id) = (world.agent("fl-101").await, Uuid::now_v7());
    let wish = Gesture {
        waived_policies: vec![
            "return-window-15-days".into(),
            "customer-drops-parcel-off".into(),
        ],
        ..flowers("ida", 4500)
    };
    agent.request_as(id, wish.clone()).await.unwrap();
    let reordered = Gesture {
        waived_policies: vec![
            "customer-drops-parcel-off".into(),
            "return-window-15-days".into(),
            "customer-drops-parcel-off".into(),
        ],
        ..wish.clone()
    };
    assert!(
        agent.request_as(id, reordered).await.unwrap().replayed,
        "the order does not matter"
    );
    let before = world.rows().await;
    let mut recipient = wish.recipient.clone();
    recipient.as_mut().unwrap().phone = "+49301234".into();
    for other in [
        Gesture {
            amount: money(4501, "EUR"),
            ..wish.clone()
        },
        Gesture {
            kind: "gift-basket".into(),
            ..wish.clone()
        },
        Gesture {
            waived_policies: Vec::new(),
            ..wish.clone()
        },
        Gesture {
            budget: "care-berlin".into(),
            ..wish.clone()
        },
        Gesture {
            case_id: "case-1".into(),
            ..wish.clone()
        },
        Gesture {
            occasion: "apology".into(),
            ..wish.clone()
        },
        Gesture {
            message: "Get well".into(),
            ..wish.clone()
        },
        Gesture {
            reason: "sorry".into(),
            ..wish.clone()
        },
        Gesture {
            recipient,
            ..wish.clone()
        },
        Gesture {
            recipient: None,
            ..wish.clone()
        },
        flowers("otto", 4500),
    ] {
        let refused = agent.request_as(id, other.clone()).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::FailedPrecondition, "REQUEST_ID_REUSED"),
            "{other:?}"
        );
        assert_eq!(fact_of(&refused, "request_id"), id.to_string());
    }
    let mut service = world
        .client(Token::service("desk", &["fl-101", "fl-102"]))
        .await;
    let carried = |agent: &str| RequestGestureRequest {
        request_id: id.to_string(),
        gesture: Some(wish.clone()),
        agent_id: agent.into(),
        break_glass: false,
    };
    let (same, other) = (carried("fl-101"), carried("fl-102"));
    let again = service
        .gestures
        .request_gesture(same)
        .await
        .unwrap()
        .into_inner();
    assert!(again.replayed, "the same agent, whoever carries it");
    let refused = service.gestures.request_gesture(other).await.unwrap_err();
    assert_eq!(reason_of(&refused), "REQUEST_ID_REUSED");
    assert_eq!(world.rows().await, before);
}
