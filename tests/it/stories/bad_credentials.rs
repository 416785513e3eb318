//! Who calls is believed only as far as the credential goes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use largesse::identity::{Claims, SigningKey};
use largesse::pb::{
    self, CancelGestureRequest, GestureState, PreviewGestureRequest, RequestGestureRequest,
    ResolveRequestRequest,
};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{Client, Token, World, fact_of, flowers, reason_of, wrongs};

/// What somebody with this token, or none, hears who asks for flowers.
async fn refusal_of(world: &World, token: &str) -> Status {
    let mut client = Client::connect(world.service.address, token).await;
    client.request(flowers("ida", 4500)).await.unwrap_err()
}

fn claims(change: impl FnOnce(&mut serde_json::Value)) -> Claims {
    let mut json = serde_json::to_value(Token::agent("fl-101").claims("demo")).unwrap();
    change(&mut json);
    serde_json::from_value(json).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_ours_or_not_good_any_more_opens_nothing() {
    let world = World::demo().await;
    let before = world.rows().await;
    let good = world.sign(Token::agent("fl-101"));
    let parts: Vec<&str> = good.split('.').collect();
    let base64 = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let kid = {
        let header = URL_SAFE_NO_PAD.decode(parts[0]).unwrap();
        let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
        header["kid"].as_str().unwrap().to_owned()
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let other_key = SigningKey::find_or_make(elsewhere.path()).unwrap();
    let signed = |change: fn(&mut serde_json::Value)| world.sign_claims(&claims(change));
    let headed = |header: String, tag: &str| format!("{}.{}.{tag}", base64(&header), parts[1]);
    let manager =
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Token::agent("mg-301").claims("demo")).unwrap());
    for (what, token, says) in [
        ("no token at all", "x".into(), "no signed token"),
        (
            "the key of somebody else",
            other_key.sign(&claims(|_| ())).unwrap(),
            "none of the keys",
        ),
        (
            "another body under our signature",
            format!("{}.{manager}.{}", parts[0], parts[2]),
            "signature",
        ),
        (
            "a signature cut short",
            good[..good.len() - 8].to_owned(),
            "it",
        ),
        (
            "alg none",
            headed(format!(r#"{{"alg":"none","kid":"{kid}"}}"#), ""),
            "no signed token",
        ),
        (
            "the public key taken for a secret",
            headed(format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), parts[2]),
            "algorithm",
        ),
        (
            "without kid",
            headed(r#"{"alg":"EdDSA"}"#.into(), parts[2]),
            "`kid`",
        ),
        (
            "another audience",
            signed(|c| c["aud"] = "bank".into()),
            "`aud` is not `largesse`",
        ),
        (
            "a subject that is no id",
            signed(|c| c["sub"] = "two words".into()),
            "`sub`",
        ),
        (
            "an id of its own that is none",
            signed(|c| c["jti"] = "".into()),
            "`jti`",
        ),
        ("longer than any token", "x".repeat(9000), "8 KiB"),
    ] {
        let refused = refusal_of(&world, &token).await;
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::Unauthenticated, "CREDENTIAL_INVALID"),
            "{what}: {refused:?}"
        );
        assert!(
            refused.message().contains(says),
            "{what}: {}",
            refused.message()
        );
        assert!(
            !refused.message().contains(parts[2]),
            "{what}: the token is not repeated"
        );
    }

    let missing = refusal_of(&world, "").await;
    assert_eq!(reason_of(&missing), "CREDENTIAL_MISSING");
    assert!(missing.message().contains("authorization: Bearer"));
    let expired = refusal_of(&world, &signed(|c| c["exp"] = 1_700_000_000.into())).await;
    assert_eq!(
        (expired.code(), reason_of(&expired).as_str()),
        (Code::Unauthenticated, "CREDENTIAL_EXPIRED")
    );
    assert!(expired.message().contains("get a new one"));
    assert_eq!(world.rows().await, before);

    let just_now = Token {
        lives_s: -30,
        ..Token::agent("fl-101")
    };
    let given = world
        .client(just_now)
        .await
        .request(flowers("ida", 4500))
        .await;
    assert!(given.is_ok(), "clocks may be a minute apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_good_in_its_tenant_for_its_roles_and_for_agents_of_the_roster() {
    let world = World::demo().await;
    let before = world.rows().await;
    let asked_by = async |token: Token| refusal_of(&world, &world.sign(token)).await;

    let nowhere = asked_by(Token::agent("fl-101").in_tenant("atlantis")).await;
    assert_eq!(
        (nowhere.code(), reason_of(&nowhere).as_str()),
        (Code::PermissionDenied, "TENANT_UNKNOWN")
    );
    let auditor = asked_by(Token::of("auditor-1", &["auditor", "juggler"])).await;
    assert_eq!(
        (auditor.code(), reason_of(&auditor).as_str()),
        (Code::PermissionDenied, "ROLE_MISSING")
    );
    assert_eq!(fact_of(&auditor, "roles"), "requester");
    assert_eq!(
        fact_of(&auditor, "method"),
        "/largesse.v1.GestureService/RequestGesture"
    );
    let nobody = asked_by(Token::agent("fl-999")).await;
    assert_eq!(
        (nobody.code(), reason_of(&nobody).as_str()),
        (Code::PermissionDenied, "AGENT_UNKNOWN")
    );
    assert_eq!(fact_of(&nobody, "agent_id"), "fl-999");
    assert!(
        nobody.message().contains("PutAgents"),
        "{}",
        nobody.message()
    );
    assert_eq!(world.rows().await, before);
}

/// What a service hears for each method that acts for somebody, when it names this agent.
async fn refusals_for(service: &mut Client, agent: &str) -> Vec<Status> {
    let (agent_id, id) = (agent.to_owned(), Uuid::now_v7().to_string());
    let gesture = Some(flowers("ida", 4500));
    let preview = PreviewGestureRequest {
        gesture: gesture.clone(),
        agent_id: agent_id.clone(),
        break_glass: false,
    };
    let request = RequestGestureRequest {
        request_id: id.clone(),
        gesture,
        agent_id: agent_id.clone(),
        break_glass: false,
    };
    let resolve = ResolveRequestRequest {
        request_id: id.clone(),
        agent_id: agent_id.clone(),
    };
    let cancel = CancelGestureRequest {
        gesture_id: id,
        etag: "1".into(),
        agent_id,
    };
    let gestures = &mut service.gestures;
    vec![
        gestures.preview_gesture(preview).await.unwrap_err(),
        gestures.request_gesture(request).await.unwrap_err(),
        gestures.resolve_request(resolve).await.unwrap_err(),
        gestures.cancel_gesture(cancel).await.unwrap_err(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_acts_for_the_agents_of_its_credential_and_names_one() {
    let world = World::demo().await;
    let before = world.rows().await;
    let mut desk = world
        .client(Token::service("desk", &["fl-101", "fl-999"]))
        .await;
    for refused in refusals_for(&mut desk, "fl-102").await {
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::PermissionDenied, "AGENT_NOT_COVERED")
        );
        assert_eq!(fact_of(&refused, "agent_id"), "fl-102");
    }
    for refused in refusals_for(&mut desk, "").await {
        assert_eq!(wrongs(&refused), ["agent_id REQUIRED"]);
    }
    for refused in refusals_for(&mut desk, "two words").await {
        assert_eq!(wrongs(&refused), ["agent_id MALFORMED"]);
    }
    let mut everybodys = world.client(Token::service("crm", &["*"])).await;
    for service in [&mut desk, &mut everybodys] {
        for refused in refusals_for(service, "fl-999").await {
            assert_eq!(
                (refused.code(), reason_of(&refused).as_str()),
                (Code::PermissionDenied, "AGENT_UNKNOWN"),
                "{refused:?}"
            );
        }
    }
    let mut agent = world.agent("fl-101").await;
    for refused in refusals_for(&mut agent, "ld-201").await {
        assert_eq!(
            reason_of(&refused),
            "AGENT_NOT_COVERED",
            "an agent is nobody else"
        );
    }
    assert_eq!(world.rows().await, before, "nothing was written");

    for (service, agent) in [(&mut desk, "fl-101"), (&mut everybodys, "fl-102")] {
        let request = RequestGestureRequest {
            request_id: Uuid::now_v7().to_string(),
            gesture: Some(flowers("ida", 4500)),
            agent_id: agent.into(),
            break_glass: false,
        };
        let answer = service.gestures.request_gesture(request).await.unwrap();
        let given = answer.into_inner().gesture.unwrap();
        assert_eq!(
            (given.state(), given.requested_by.as_str()),
            (GestureState::Approved, agent)
        );
        assert_eq!(given.decision.unwrap().decided_by, agent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_agent_sees_and_is_declined() {
    let world = World::demo().await;
    let (mut agent, mut admin) = (world.agent("fl-101").await, world.admin().await);
    let given = agent.request(flowers("ida", 4500)).await.unwrap();
    admin.suspend("fl-101", true).await.unwrap();
    assert_eq!(agent.get(&given.id).await.unwrap().message, given.message);
    let declined = agent.request(flowers("otto", 4500)).await.unwrap();
    assert_eq!(declined.state(), pb::GestureState::Declined);
    assert_eq!(
        declined.decision.unwrap().reasons[0].code,
        "AGENT_SUSPENDED"
    );
    let refused = agent.cancel(&given).await.unwrap_err();
    assert_eq!(
        reason_of(&refused),
        "NOT_YOUR_GESTURE",
        "nor gives anything back"
    );
}
