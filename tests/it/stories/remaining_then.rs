//! What could be given at an earlier instant, recomputed from the holds; and who may ask about whom.

use chrono::{TimeDelta, Utc};
use largesse::pb::{GetAuthorityRequest, GetAuthorityResponse};
use prost_types::Timestamp;

use crate::support::{DEMO, Token, World, reason_of, used, wish, wrongs};

fn question() -> GetAuthorityRequest {
    GetAuthorityRequest {
        customer_id: "ida".into(),
        case_id: "case-1".into(),
        ..Default::default()
    }
}

/// What is told of limits, without the instant.
fn told(standing: GetAuthorityResponse) -> Vec<largesse::pb::ItemAuthority> {
    standing.items
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_instant_shows_what_was_used_then() {
    let world = World::of_with_movable_clock(DEMO).await;
    let mut agent = world.agent("fl-101").await;
    let mut remembered = Vec::new();
    let mut given = Vec::new();
    for (at, kind, customer) in [
        ("2026-02-27T12:00:00Z", "flowers", "ida"),
        ("2026-02-28T12:00:00Z", "gift-basket", "otto"),
        ("2026-02-28T22:30:00Z", "goodwill-credit", "ida"),
        ("2026-03-01T12:00:00Z", "flowers", "ida"),
    ] {
        world.set_clock(at).await;
        given.push(
            agent
                .request(wish(kind, customer, 2500, "EUR"))
                .await
                .unwrap(),
        );
        remembered.push((at, told(agent.authority(question()).await.unwrap())));
    }
    for (at, cancelled) in [
        ("2026-03-02T12:00:00Z", &given[0]),
        ("2026-03-03T12:00:00Z", &given[3]),
    ] {
        world.set_clock(at).await;
        agent.cancel(cancelled).await.unwrap();
        remembered.push((at, told(agent.authority(question()).await.unwrap())));
    }
    world.set_clock("2026-06-01T12:00:00Z").await;
    for (at, then) in &remembered {
        let time: chrono::DateTime<Utc> = at.parse().unwrap();
        let at_that_time = GetAuthorityRequest {
            at: Some(Timestamp {
                seconds: time.timestamp(),
                nanos: 0,
            }),
            ..question()
        };
        let recomputed = agent.authority(at_that_time).await.unwrap();
        assert_eq!(recomputed.at.unwrap().seconds, time.timestamp());
        assert_eq!(&told(recomputed), then, "{at}");
    }
    let uses: Vec<i64> = remembered
        .iter()
        .map(|(_, items)| {
            used(
                items.iter().find(|item| item.kind == "flowers").unwrap(),
                "agent-month",
            )
        })
        .collect();
    assert_eq!(
        uses,
        [2750, 5375, 5375, 2750, 2750, 0],
        "February, then March; credit has a limit of its own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_ask_for_themselves_and_approvers_auditors_and_admins_for_anybody() {
    let world = World::demo().await;
    let of = |agent: &str| GetAuthorityRequest {
        agent_id: agent.into(),
        ..Default::default()
    };
    for (who, agent) in [
        (Token::agent("fl-101"), ""),
        (Token::agent("fl-101"), "fl-101"),
        (Token::of("ld-201", &["approver"]), "fl-101"),
        (Token::of("auditor-1", &["auditor"]), "fl-101"),
        (Token::of("admin-1", &["admin"]), "fl-101"),
        (Token::service("desk", &["fl-101"]), "fl-101"),
    ] {
        let answer = world
            .client(who.clone())
            .await
            .authority(of(agent))
            .await
            .unwrap();
        assert_eq!(
            (answer.agent_id.as_str(), answer.level.as_str()),
            ("fl-101", "frontline")
        );
        assert_eq!(
            (answer.configuration_version, answer.items.len()),
            (1, 5),
            "{}",
            who.subject
        );
    }
    for (who, agent, reason) in [
        (Token::agent("fl-101"), "fl-102", "AGENT_NOT_COVERED"),
        (Token::agent("ld-201"), "fl-101", "AGENT_NOT_COVERED"),
        (
            Token::service("desk", &["fl-101"]),
            "fl-102",
            "AGENT_NOT_COVERED",
        ),
        (
            Token::of("auditor-1", &["auditor"]),
            "fl-999",
            "AGENT_NOT_FOUND",
        ),
        (Token::of("auditor-1", &["auditor"]), "", "AGENT_NOT_FOUND"),
    ] {
        let refused = world
            .client(who)
            .await
            .authority(of(agent))
            .await
            .unwrap_err();
        assert_eq!(reason_of(&refused), reason, "{agent}");
    }
    let mut service = world.client(Token::service("desk", &["fl-101"])).await;
    let refused = service.authority(of("")).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["agent_id REQUIRED"]);
    let soon = Utc::now() + TimeDelta::hours(1);
    let ahead = GetAuthorityRequest {
        at: Some(Timestamp {
            seconds: soon.timestamp(),
            nanos: 0,
        }),
        ..of("fl-101")
    };
    let refused = service.authority(ahead).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["at OUT_OF_RANGE"]);
}
