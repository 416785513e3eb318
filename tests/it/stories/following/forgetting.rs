//! A consumer that nobody needs any more is forgotten, with all that is kept for it; its name is free.

use chrono::{TimeDelta, Utc};
use largesse::pb::{self, EventFilter, RefusedEvent};
use tonic::{Code, Status};

use super::archive::archived;
use crate::support::process::printed;
use crate::support::publisher::publish;
use crate::support::receiver::Receiver;
use crate::support::{Client, DEMO, Token, World, fact_of, from_consumer, reason_of};

async fn forget(client: &mut Client, consumer: &str) -> Result<i64, Status> {
    let request = pb::DeleteConsumerRequest {
        consumer: consumer.into(),
    };
    let answer = client.events.delete_consumer(request).await?;
    Ok(answer.into_inner().set_aside_count)
}

/// How many batches the last of all consumers is behind, as it is measured.
async fn lag(world: &World) -> i64 {
    sqlx::query_scalar("select count from largesse.signals() where kind = 'consumers'")
        .fetch_one(&mut world.sql().await)
        .await
        .unwrap()
}

fn is_refused(refused: Result<impl std::fmt::Debug, Status>, code: Code, reason: &str) -> Status {
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused).as_str()),
        (code, reason)
    );
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_nobody_needs_is_forgotten_with_all_that_was_kept_for_it() {
    let world = World::demo().await;
    let events = world.given_and_withdrawn(3).await;
    let (mut feed, mut admin) = (world.follower().await, world.admin().await);
    is_refused(
        forget(&mut admin, "shop").await,
        Code::NotFound,
        "CONSUMER_NOT_FOUND",
    );
    let lease = feed.lease_consumer("shop", "host-1", "", 60).await.unwrap();
    feed.ack("shop", &events[1].cursor, &lease.lease)
        .await
        .unwrap();
    let aside = pb::SetEventsAsideRequest {
        consumer: "shop".into(),
        lease: lease.lease.clone(),
        events: vec![RefusedEvent {
            cursor: events[1].cursor.clone(),
            why: "REFUSED".into(),
            tries: 3,
        }],
    };
    feed.events.set_events_aside(aside).await.unwrap();
    assert!(lag(&world).await > 0);

    // whoever follows does not forget for others, and nobody does while somebody is at it
    is_refused(
        forget(&mut feed, "shop").await,
        Code::PermissionDenied,
        "ROLE_MISSING",
    );
    let leased = is_refused(
        forget(&mut admin, "shop").await,
        Code::Aborted,
        "CONSUMER_LEASED",
    );
    assert_eq!(fact_of(&leased, "holder"), "host-1");
    feed.lease_consumer("shop", "host-1", &lease.lease, 0)
        .await
        .unwrap();
    assert_eq!(forget(&mut admin, "shop").await.unwrap(), 1);

    is_refused(
        forget(&mut admin, "shop").await,
        Code::NotFound,
        "CONSUMER_NOT_FOUND",
    );
    is_refused(
        feed.set_aside("shop").await,
        Code::NotFound,
        "CONSUMER_NOT_FOUND",
    );
    let all = feed.events.list_consumers(pb::ListConsumersRequest {});
    assert_eq!(all.await.unwrap().into_inner().consumers, []);
    assert_eq!(lag(&world).await, 0);
    // the trail says who did it, and what went with it
    let told = world.every_event().await.pop().unwrap();
    assert_eq!(
        (told.r#type.as_str(), told.actor.as_str()),
        ("CONSUMER_DELETED", "admin-1")
    );
    let facts: serde_json::Value = serde_json::from_str(&told.facts).unwrap();
    assert_eq!(
        (&facts["consumer"], &facts["set_aside"]),
        (&"shop".into(), &1.into())
    );
    // the name is free
    let again = feed.lease_consumer("shop", "host-1", "", 60).await.unwrap();
    assert_eq!(feed.set_aside("shop").await.unwrap(), []);
    assert_ne!(again.lease, lease.lease);
    let page = feed
        .list_events(from_consumer("shop"), EventFilter::default(), 1)
        .await
        .unwrap();
    assert_eq!(page.events, events[..1]);
}

/// A program that was away while its consumer was deleted neither brings it back nor moves one that somebody made since.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_of_before_is_good_for_nothing() {
    let world = World::demo().await;
    let events = world.given_and_withdrawn(2).await;
    let (mut feed, mut admin) = (world.follower().await, world.admin().await);
    let old = feed.lease_consumer("shop", "host-1", "", 60).await.unwrap();
    let old = old.lease.as_str();
    sqlx::query("update largesse.consumers set leased_until = now() - interval '1 second'")
        .execute(&mut world.sql().await)
        .await
        .unwrap();
    forget(&mut admin, "shop").await.unwrap();
    for made_since in [false, true] {
        if made_since {
            feed.lease_consumer("shop", "host-2", "", 60).await.unwrap();
        }
        for refused in [
            feed.ack("shop", &events[3].cursor, old).await.map(drop),
            feed.lease_consumer("shop", "host-1", old, 60)
                .await
                .map(drop),
            feed.lease_consumer("shop", "host-1", old, 0)
                .await
                .map(drop),
        ] {
            is_refused(refused, Code::Aborted, "CONSUMER_LEASED");
        }
        let all = feed.events.list_consumers(pb::ListConsumersRequest {});
        let all = all.await.unwrap().into_inner().consumers;
        assert_eq!(all.len(), usize::from(made_since), "{all:?}");
    }
    let kept = feed.consumer("shop").await;
    assert_eq!((kept.holder.as_str(), kept.ack_time), ("host-2", None));
}

/// One that stayed behind the archive is forgotten, and begins again at what can be followed.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_came_too_late_is_forgotten_and_begins_again() {
    let world = World::of_with_movable_clock(DEMO).await;
    let old = world.given_and_withdrawn(2).await;
    let mut feed = world.follower().await;
    feed.ack("shop", &old[0].cursor, "").await.unwrap();
    let later = Utc::now() + TimeDelta::days(200);
    world.set_clock(&later.to_rfc3339()).await;
    let new = world.given_and_withdrawn(1).await.split_off(old.len());
    assert!(archived(&world).await > 0, "nobody holds it back");
    let receiver = Receiver::willing().await;
    let hook = ["--to", "webhook", "--url", &receiver.url, "--once"];
    let hook = [
        &hook[..],
        &["--allow-private-addresses", "--consumer", "shop"],
    ]
    .concat();
    let late = publish(&world, &hook).await;
    assert!(printed(&late).contains("is archived"), "{}", printed(&late));

    let mine = ["--forget", "--consumer", "shop"];
    let refused = publish(&world, &mine).await;
    assert_eq!(refused.status.code(), Some(1), "{}", printed(&refused));
    let token = world.sign(Token::of("admin-1", &["admin"]));
    let theirs = [&mine[..], &["--token", &token]].concat();
    let forgotten = publish(&world, &theirs).await;
    assert!(
        printed(&forgotten).contains("shop is forgotten"),
        "{}",
        printed(&forgotten)
    );
    let unknown = publish(&world, &theirs).await;
    assert!(
        printed(&unknown).contains("--status"),
        "{}",
        printed(&unknown)
    );
    let done = publish(&world, &hook).await;
    assert!(done.status.success(), "{}", printed(&done));
    let brought: Vec<String> = receiver.brought().into_iter().map(|one| one.id).collect();
    for event in &new {
        assert!(brought.contains(&event.id), "{event:?}");
    }
    assert!(!brought.contains(&old[1].id));
}
