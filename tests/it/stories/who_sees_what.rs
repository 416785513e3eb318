//! What is said of people is for the agent who asked, for approvers and auditors. For everybody else it is left out, and in
//! no error, nor in the clear in any table, does a word of it appear.

use largesse::pb::{Gesture, ListGesturesRequest, Recipient, RequestGestureRequest};
use tonic::Status;
use uuid::Uuid;

use crate::support::{
    Client, Token, World, dump, everything_said, flowers, reason_of, rows, violated_fields,
};

/// What nobody else writes.
const SENTINEL: &str = "Zephyrine";

/// Flowers with the sentinel in every personal field.
fn told() -> Gesture {
    Gesture {
        reason: format!("{SENTINEL} is in mourning."),
        message: format!("Dear {SENTINEL},\nour condolences."),
        recipient: Some(Recipient {
            full_name: SENTINEL.into(),
            address_lines: vec![format!("{SENTINEL} Road 4"), format!("c/o {SENTINEL}")],
            locality: format!("{SENTINEL}ville"),
            region: SENTINEL.into(),
            postal_code: SENTINEL.into(),
            country: "DE".into(),
            email: format!("{SENTINEL}@example.org"),
            phone: format!("+49 {SENTINEL}"),
        }),
        ..flowers("zephyrine-17", 4500)
    }
}

/// The gesture with and without what is personal, as this caller finds it in each reading method.
async fn seen_by(world: &World, token: Token, id: &str) -> Vec<Gesture> {
    let mut client = world.client(token).await;
    let mut listed = client.list(ListGesturesRequest::default()).await.unwrap();
    let mut batch = client.batch_get(&[id.to_owned()]).await.unwrap();
    vec![
        client.get(id).await.unwrap(),
        batch.gestures.remove(0),
        listed.gestures.remove(0),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_approvers_and_auditors_see_people_and_nobody_else_does() {
    let world = World::demo().await;
    let wish = told();
    let given = world
        .agent("fl-101")
        .await
        .request(wish.clone())
        .await
        .unwrap();
    for (who, sees_people) in [
        (Token::agent("fl-101"), true),
        (Token::of("ld-201", &["approver"]), true),
        (Token::of("fl-102", &["requester", "approver"]), true),
        (Token::of("auditor-1", &["auditor"]), true),
        (Token::service("desk", &["fl-101", "fl-102"]), true),
        (Token::service("crm", &["*"]), true),
        (Token::agent("fl-102"), false),
        (Token::agent("mg-301"), false),
        (Token::of("admin-1", &["admin"]), false),
        // the same subject, and not as the agent who asked
        (Token::of("fl-101", &["admin"]), false),
        (Token::service("desk", &["fl-102"]), false),
        (Token::service("desk", &[]), false),
        // whoever speaks for others does not speak for themselves
        (Token::service("fl-101", &["fl-102"]), false),
    ] {
        let name = format!("{} {:?} {:?}", who.subject, who.roles, who.agents);
        for seen in seen_by(&world, who, &given.id).await {
            let people = (seen.reason, seen.message, seen.recipient);
            if sees_people {
                let written = (
                    wish.reason.clone(),
                    wish.message.clone(),
                    wish.recipient.clone(),
                );
                assert_eq!(people, written, "{name}");
            } else {
                assert_eq!(people, Default::default(), "{name}");
            }
            assert_eq!(
                (seen.id.as_str(), seen.etag.as_str()),
                (given.id.as_str(), "1"),
                "{name}"
            );
            assert_eq!(
                seen.amount, wish.amount,
                "{name}: the rest is for everybody"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_shows_people_to_who_asked_and_a_cancellation_by_the_lead_does_not() {
    let world = World::demo().await;
    let (mut agent, id) = (world.agent("fl-101").await, Uuid::now_v7());
    let given = agent.request_as(id, told()).await.unwrap().gesture.unwrap();
    let replayed = agent.request_as(id, told()).await.unwrap().gesture.unwrap();
    let resolved = agent.resolve(id).await.unwrap().gesture.unwrap();
    for seen in [&given, &replayed, &resolved] {
        assert_eq!(seen.message, told().message);
    }
    let mut lead = world.agent("ld-201").await;
    let cancelled = lead.cancel(&given).await.unwrap().gesture.unwrap();
    assert_eq!(
        cancelled.recipient, None,
        "a requester sees what they asked for"
    );
    let mut asking = world.agent("fl-102").await;
    let declined = asking.preview(flowers("zephyrine-17", 9000)).await.unwrap();
    let similar = format!("{:?}", declined.similar);
    assert!(!similar.contains(SENTINEL), "{similar}");
}

/// Everything that can be wrong with personal fields, and with a call that carries them.
async fn refusals(world: &World, agent: &mut Client) -> Vec<Status> {
    let (taken, lost) = (Uuid::now_v7(), Uuid::now_v7());
    let given = agent
        .request_as(taken, told())
        .await
        .unwrap()
        .gesture
        .unwrap();
    agent.resolve(lost).await.unwrap();
    let long = SENTINEL.repeat(250);
    let broken = format!("{SENTINEL}\u{7}");
    let all = |text: &str| Gesture {
        reason: text.into(),
        message: text.into(),
        recipient: Some(Recipient {
            full_name: text.into(),
            address_lines: vec![text.into()],
            locality: text.into(),
            region: text.into(),
            postal_code: text.into(),
            country: text.into(),
            email: text.into(),
            phone: text.into(),
        }),
        ..told()
    };
    let wishes = [
        all(&long),
        all(&broken),
        Gesture {
            budget: "war-chest".into(),
            ..told()
        },
        Gesture { state: 1, ..told() },
        Gesture {
            recipient: Some(Recipient {
                locality: String::new(),
                ..told().recipient.unwrap()
            }),
            ..told()
        },
    ];
    let mut refused = Vec::new();
    for wish in wishes {
        refused.push(agent.request(wish.clone()).await.unwrap_err());
        refused.push(agent.preview(wish).await.unwrap_err());
    }
    let other = Gesture {
        message: format!("{SENTINEL}, get well"),
        ..told()
    };
    refused.push(agent.request_as(taken, other.clone()).await.unwrap_err());
    refused.push(agent.request_as(lost, told()).await.unwrap_err());
    refused.push(
        world
            .agent("fl-102")
            .await
            .request_as(taken, told())
            .await
            .unwrap_err(),
    );
    refused.push(
        world
            .agent("fl-999")
            .await
            .request(told())
            .await
            .unwrap_err(),
    );
    refused.push(world.admin().await.request(told()).await.unwrap_err());
    refused.push(
        Client::connect(world.service.address, "x")
            .await
            .request(told())
            .await
            .unwrap_err(),
    );
    let mut service = world.client(Token::service("desk", &["fl-101"])).await;
    refused.push(service.request(told()).await.unwrap_err());
    let named = RequestGestureRequest {
        request_id: Uuid::now_v7().to_string(),
        gesture: Some(told()),
        agent_id: "fl-102".into(),
        break_glass: false,
    };
    refused.push(service.gestures.request_gesture(named).await.unwrap_err());
    refused.push(
        world
            .agent("fl-102")
            .await
            .cancel(&given)
            .await
            .unwrap_err(),
    );
    refused.push(
        agent
            .cancel(&Gesture {
                etag: "9".into(),
                ..given
            })
            .await
            .unwrap_err(),
    );
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn no_error_repeats_a_word_of_it() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let refused = refusals(&world, &mut agent).await;
    for status in &refused {
        let said = everything_said(status);
        assert!(!said.contains(SENTINEL), "{said}");
        assert!(!reason_of(status).is_empty(), "{said}");
    }
    assert_eq!(
        violated_fields(&refused[0]).len(),
        11,
        "each personal field was wrong: {:?}",
        refused[0]
    );
    let reasons: std::collections::BTreeSet<String> = refused.iter().map(reason_of).collect();
    assert_eq!(
        reasons.into_iter().collect::<Vec<_>>(),
        [
            "AGENT_NOT_COVERED",
            "AGENT_UNKNOWN",
            "CREDENTIAL_INVALID",
            "INVALID_FIELDS",
            "NOT_YOUR_GESTURE",
            "REQUEST_ID_REUSED",
            "REQUEST_TOMBSTONED",
            "ROLE_MISSING",
            "STALE_VIEW",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_rest_it_is_sealed() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    agent.request(told()).await.unwrap();
    agent
        .request(Gesture {
            amount: crate::support::money(9000, "EUR"),
            ..told()
        })
        .await
        .unwrap();
    let mut sql = world.sql().await;
    assert_eq!(rows(&mut sql).await["gestures"], 2);
    let everything = dump(&mut sql).await;
    assert!(
        everything.contains("zephyrine-17"),
        "ids are kept in the clear"
    );
    assert!(!everything.contains(SENTINEL));
    let hex = hex::encode(SENTINEL);
    assert!(!everything.contains(&hex), "nor as bytes");
}
