//! Places that the service keeps for whoever follows under a name.

use largesse::pb::{self, EventFilter, RefusedEvent};
use tonic::{Code, Status};

use crate::support::{Client, Token, World, fact_of, from_consumer, pickup, reason_of, wrongs};

/// So many pickups, and every event so far.
async fn pickups(world: &World, count: usize) -> Vec<pb::Event> {
    let mut agent = world.agent("fl-102").await;
    for customer in 0..count {
        agent
            .request(pickup(&format!("c-{customer}"), 500))
            .await
            .unwrap();
    }
    world
        .follower()
        .await
        .all_events(EventFilter::default(), 200)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_moves_forward_only_and_is_good_everywhere() {
    let world = World::demo().await;
    let events = pickups(&world, 4).await;
    let mut feed = world.follower().await;
    assert_eq!(
        feed.ack("warehouse", &events[2].cursor, "").await.unwrap(),
        events[2].cursor
    );
    let kept = feed.consumer("warehouse").await;
    assert_eq!((kept.batches_behind, kept.events_behind), (2, 2));
    assert!(kept.behind_for.unwrap().seconds < 60 && kept.ack_time.is_some());
    // the same again, and an older one, change nothing
    for older in [&events[2], &events[0]] {
        assert_eq!(
            feed.ack("warehouse", &older.cursor, "").await.unwrap(),
            events[2].cursor
        );
    }
    assert_eq!(feed.consumer("warehouse").await.ack_time, kept.ack_time);
    let second = world.another_service().await;
    let mut elsewhere = world
        .client_at(&second, Token::of("feed-2", &["admin"]))
        .await;
    let start = from_consumer("warehouse");
    let rest = elsewhere
        .list_events(start.clone(), EventFilter::default(), 50)
        .await
        .unwrap();
    assert_eq!(rest.events, events[3..]);
    let mut stream = elsewhere
        .watch(start, EventFilter::default())
        .await
        .unwrap();
    assert_eq!(stream.message().await.unwrap().unwrap().events, events[3..]);
    feed.ack("warehouse", &rest.next_cursor, "").await.unwrap();
    let kept = feed.consumer("warehouse").await;
    assert_eq!(
        (kept.batches_behind, kept.events_behind, kept.behind_for),
        (0, 0, None)
    );
    second.stop().await.unwrap();
}

fn is_leased_to(refused: Result<impl std::fmt::Debug, Status>, holder: &str) {
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused)),
        (Code::Aborted, "CONSUMER_LEASED".into())
    );
    assert_eq!(fact_of(&refused, "holder"), holder);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_program_at_a_time_is_at_a_consumer() {
    let world = World::demo().await;
    let events = pickups(&world, 2).await;
    let mut feed = world.follower().await;
    let first = feed
        .lease_consumer("warehouse", "host-1", "", 60)
        .await
        .unwrap();
    let kept = feed.consumer("warehouse").await;
    assert_eq!((kept.holder.as_str(), kept.events_behind), ("host-1", 3));
    // nobody else moves it, with no lease or another's
    is_leased_to(
        feed.lease_consumer("warehouse", "host-2", "", 60).await,
        "host-1",
    );
    is_leased_to(feed.ack("warehouse", &events[0].cursor, "").await, "host-1");
    is_leased_to(
        feed.ack("warehouse", &events[0].cursor, "77").await,
        "host-1",
    );
    let renewed = feed
        .lease_consumer("warehouse", "host-1", &first.lease, 60)
        .await
        .unwrap();
    assert_eq!(renewed.lease, first.lease);
    feed.ack("warehouse", &events[0].cursor, &first.lease)
        .await
        .unwrap();
    // its time is over, and somebody else comes: what the first still wants to say is too late
    sqlx::query("update largesse.consumers set leased_until = now() - interval '1 second'")
        .execute(&mut world.sql().await)
        .await
        .unwrap();
    assert_eq!(feed.consumer("warehouse").await.holder, "");
    let second = feed
        .lease_consumer("warehouse", "host-2", "", 60)
        .await
        .unwrap();
    assert_eq!(
        second.cursor, events[0].cursor,
        "it goes on where the first stopped"
    );
    is_leased_to(
        feed.ack("warehouse", &events[1].cursor, &first.lease).await,
        "host-2",
    );
    is_leased_to(
        feed.lease_consumer("warehouse", "host-1", &first.lease, 60)
            .await,
        "host-2",
    );
    is_leased_to(
        feed.lease_consumer("warehouse", "host-1", &first.lease, 0)
            .await,
        "host-2",
    );
    // given back, it is anybody's at once
    let back = feed
        .lease_consumer("warehouse", "host-2", &second.lease, 0)
        .await
        .unwrap();
    assert_eq!((back.lease.as_str(), back.lease_end_time), ("", None));
    is_leased_to(
        feed.lease_consumer("warehouse", "host-2", &second.lease, 60)
            .await,
        "",
    );
    feed.ack("warehouse", &events[1].cursor, "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_consumer_may_begin_at_the_end() {
    let world = World::demo().await;
    pickups(&world, 2).await;
    let mut feed = world.follower().await;
    let request = pb::LeaseConsumerRequest {
        consumer: "alerts".into(),
        holder: "host-1".into(),
        duration: Some(prost_types::Duration {
            seconds: 60,
            nanos: 0,
        }),
        failure: "UNREACHABLE".into(),
        from_latest: true,
        ..Default::default()
    };
    let lease = feed
        .events
        .lease_consumer(request.clone())
        .await
        .unwrap()
        .into_inner();
    let kept = feed.consumer("alerts").await;
    assert_eq!((kept.events_behind, kept.batches_behind), (0, 0));
    assert_eq!(kept.failure, "UNREACHABLE");
    let events = pickups(&world, 1).await;
    let page = feed
        .list_events(from_consumer("alerts"), EventFilter::default(), 9)
        .await
        .unwrap();
    assert_eq!(page.events, events[3..]);
    // once it exists, it begins where it is
    let again = pb::LeaseConsumerRequest {
        lease: lease.lease.clone(),
        ..request
    };
    let again = feed
        .events
        .lease_consumer(again)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again.cursor, lease.cursor);
}

async fn sets_aside(
    feed: &mut Client,
    lease: &str,
    events: &[(&pb::Event, &str, i32)],
) -> Result<(), Status> {
    let events = events.iter().map(|(event, why, tries)| RefusedEvent {
        cursor: event.cursor.clone(),
        why: (*why).into(),
        tries: *tries,
    });
    let request = pb::SetEventsAsideRequest {
        consumer: "warehouse".into(),
        lease: lease.into(),
        events: events.collect(),
    };
    feed.events.set_events_aside(request).await.map(drop)
}

async fn drops(feed: &mut Client, lease: &str, event: &pb::Event) -> Result<(), Status> {
    let request = pb::DropSetAsideRequest {
        consumer: "warehouse".into(),
        lease: lease.into(),
        cursors: vec![event.cursor.clone()],
    };
    feed.events.drop_set_aside(request).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_taken_is_kept_until_it_is() {
    let world = World::demo().await;
    let events = pickups(&world, 3).await;
    let mut feed = world.follower().await;
    let refused = sets_aside(&mut feed, "", &[(&events[1], "STATUS", 1)])
        .await
        .unwrap_err();
    assert_eq!(reason_of(&refused), "CONSUMER_NOT_FOUND");
    let lease = feed
        .lease_consumer("warehouse", "host-1", "", 60)
        .await
        .unwrap()
        .lease;
    let two = [(&events[2], "BEHIND", 0), (&events[1], "REFUSED", 3)];
    is_leased_to(sets_aside(&mut feed, "", &two).await, "host-1");
    sets_aside(&mut feed, &lease, &two).await.unwrap();
    let listed = feed.set_aside("warehouse").await.unwrap();
    let told: Vec<_> = listed
        .iter()
        .map(|item| (item.event.clone().unwrap(), item.why.as_str(), item.tries))
        .collect();
    assert_eq!(
        told,
        [
            (events[1].clone(), "REFUSED", 3),
            (events[2].clone(), "BEHIND", 0)
        ]
    );
    assert_eq!(feed.consumer("warehouse").await.set_aside_count, 2);

    // page by page
    let mut request = pb::ListSetAsideRequest {
        consumer: "warehouse".into(),
        page_size: 1,
        ..Default::default()
    };
    let first = feed
        .events
        .list_set_aside(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.events, listed[..1]);
    request.page_token = first.next_page_token;
    let second = feed
        .events
        .list_set_aside(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (second.events.as_slice(), second.next_page_token.as_str()),
        (&listed[1..], "")
    );
    request.retry_due = true;
    let stale = feed.events.list_set_aside(request).await.unwrap_err();
    assert_eq!(wrongs(&stale), ["page_token PAGE_TOKEN_STALE"]);

    // somebody asks for one of them; whoever holds the lease learns of it, and is refused again
    let retry = pb::RetrySetAsideRequest {
        consumer: "warehouse".into(),
        gesture_id: events[1].gesture_id.clone(),
    };
    let asked = feed
        .events
        .retry_set_aside(retry)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(asked.count, 1);
    assert!(
        feed.lease_consumer("warehouse", "host-1", &lease, 60)
            .await
            .unwrap()
            .is_retry_due
    );
    sets_aside(&mut feed, &lease, &[(&events[1], "REFUSED", 3)])
        .await
        .unwrap();
    assert!(
        !feed
            .lease_consumer("warehouse", "host-1", &lease, 60)
            .await
            .unwrap()
            .is_retry_due
    );
    assert_eq!(feed.set_aside("warehouse").await.unwrap()[0].tries, 6);

    is_leased_to(drops(&mut feed, "", &events[1]).await, "host-1");
    for _ in 0..2 {
        drops(&mut feed, &lease, &events[1]).await.unwrap();
        assert_eq!(feed.set_aside("warehouse").await.unwrap().len(), 1);
    }
    // the cursor of a page is no event's
    let mut page = events[1].clone();
    page.cursor = feed
        .lease_consumer("fresh", "host-1", "", 1)
        .await
        .unwrap()
        .cursor;
    let refused = sets_aside(&mut feed, &lease, &[(&page, "REFUSED", 1)])
        .await
        .unwrap_err();
    assert_eq!(wrongs(&refused), ["events CURSOR_UNKNOWN"]);
}
