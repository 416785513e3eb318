//! Cursors that are none, or of somewhere else: each is named, and nothing is read from a place that was not meant.

use largesse::pb::{self, EventFilter, EventStart};
use tonic::Code;

use crate::support::{DEMO, World, after, fact_of, flowers, from_consumer, reason_of, wrongs};

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_is_none_is_named() {
    let world = World::demo().await;
    world
        .agent("fl-101")
        .await
        .request(flowers("ida", 4500))
        .await
        .unwrap();
    let mut other = world.another_tenant("other", DEMO).await;
    let foreign = other
        .list_events(None, EventFilter::default(), 1)
        .await
        .unwrap()
        .next_cursor;
    let mut feed = world.follower().await;
    let mut own = feed
        .list_events(None, EventFilter::default(), 50)
        .await
        .unwrap()
        .next_cursor;
    feed.ack("warehouse", &own, "").await.unwrap();
    let cut = own.split_off(4);
    for wrong in ["nonsense", &cut, &own, &foreign, "'; drop table events"] {
        let refused = feed
            .list_events(after(wrong), EventFilter::default(), 1)
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{wrong}");
        assert_eq!(wrongs(&refused), ["start.cursor CURSOR_UNKNOWN"], "{wrong}");
        let refused = feed
            .watch(after(wrong), EventFilter::default())
            .await
            .unwrap_err();
        assert_eq!(wrongs(&refused), ["start.cursor CURSOR_UNKNOWN"], "{wrong}");
        let refused = feed.ack("warehouse", wrong, "").await.unwrap_err();
        assert_eq!(wrongs(&refused), ["cursor CURSOR_UNKNOWN"], "{wrong}");
    }
}

/// The database was restored from a backup that is older than the cursor.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_a_future_that_was_lost_is_named() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    agent.request(flowers("ida", 4500)).await.unwrap();
    let mut feed = world.follower().await;
    let page = feed
        .list_events(None, EventFilter::default(), 50)
        .await
        .unwrap();
    sqlx::query("update largesse.heads set batch_no = 1")
        .execute(&mut world.sql().await)
        .await
        .unwrap();
    let cursor = page.next_cursor;
    let refused = feed
        .list_events(after(&cursor), EventFilter::default(), 1)
        .await
        .unwrap_err();
    assert_eq!(wrongs(&refused), ["start.cursor CURSOR_UNKNOWN"]);
    let refused = feed.ack("warehouse", &cursor, "").await.unwrap_err();
    assert_eq!(wrongs(&refused), ["cursor CURSOR_UNKNOWN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_nobody_made_is_named() {
    let world = World::demo().await;
    let mut feed = world.follower().await;
    let refused = feed
        .list_events(from_consumer("typo"), EventFilter::default(), 1)
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused)),
        (Code::NotFound, "CONSUMER_NOT_FOUND".into())
    );
    assert_eq!(fact_of(&refused, "consumer"), "typo");
    let refused = feed
        .watch(from_consumer("typo"), EventFilter::default())
        .await
        .unwrap_err();
    assert_eq!(reason_of(&refused), "CONSUMER_NOT_FOUND");
    let refused = feed.set_aside("typo").await.unwrap_err();
    assert_eq!(reason_of(&refused), "CONSUMER_NOT_FOUND");
    let retry = pb::RetrySetAsideRequest {
        consumer: "typo".into(),
        ..Default::default()
    };
    let refused = feed.events.retry_set_aside(retry).await.unwrap_err();
    assert_eq!(reason_of(&refused), "CONSUMER_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_is_wrong_is_named_at_once() {
    let world = World::demo().await;
    let mut feed = world.follower().await;
    let start = EventStart {
        from: Some(pb::event_start::From::Latest(false)),
    };
    let filter = EventFilter {
        types: vec!["APPROVED".into(), "approved".into()],
        customer_id: "two words".into(),
        case_id: "ü".into(),
        agent_id: "a b".into(),
    };
    let refused = feed
        .list_events(Some(start), filter, 201)
        .await
        .unwrap_err();
    let expected = [
        "start.latest OUT_OF_RANGE",
        "filter.types[1] MALFORMED",
        "filter.customer_id MALFORMED",
        "filter.case_id MALFORMED",
        "filter.agent_id MALFORMED",
        "page_size OUT_OF_RANGE",
    ];
    assert_eq!(wrongs(&refused), expected);
    let many = EventFilter {
        types: vec!["APPROVED".into(); 51],
        ..Default::default()
    };
    let refused = feed.list_events(None, many, 1).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["filter.types TOO_MANY"]);
    let refused = feed.ack("", "", "x").await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        ["consumer REQUIRED", "cursor REQUIRED", "lease MALFORMED"]
    );
    let lease = pb::LeaseConsumerRequest {
        failure: "because it said <html>".into(),
        ..Default::default()
    };
    let refused = feed.events.lease_consumer(lease).await.unwrap_err();
    let expected = [
        "consumer REQUIRED",
        "holder REQUIRED",
        "duration REQUIRED",
        "failure MALFORMED",
    ];
    assert_eq!(wrongs(&refused), expected);
    let refused = feed
        .lease_consumer("warehouse", "me", "", 301)
        .await
        .unwrap_err();
    assert_eq!(wrongs(&refused), ["duration OUT_OF_RANGE"]);
    let aside = pb::SetEventsAsideRequest {
        consumer: "warehouse".into(),
        events: vec![pb::RefusedEvent {
            tries: -1,
            ..Default::default()
        }],
        ..Default::default()
    };
    let refused = feed.events.set_events_aside(aside).await.unwrap_err();
    let expected = [
        "events[0].tries OUT_OF_RANGE",
        "events[0].cursor REQUIRED",
        "events[0].why MALFORMED",
    ];
    assert_eq!(wrongs(&refused), expected);
    let none = pb::DropSetAsideRequest {
        consumer: "warehouse".into(),
        ..Default::default()
    };
    let refused = feed.events.drop_set_aside(none).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["cursors REQUIRED"]);
}
