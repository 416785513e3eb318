//! A sink that takes every event but one, without ever refusing it: a 500 for ever. The others wait for a while and no longer;
//! where none of them is taken either the sink is away, and is waited for.

use std::collections::BTreeSet;
use std::time::Duration;

use largesse::pb;

use super::sinks::{nothing_is_missing, set_aside, to};
use crate::support::publisher::{Publisher, publish};
use crate::support::receiver::{Brought, Reaction, Receiver};
use crate::support::{World, pickup};

/// Impatient, so that a test does not wait for an hour.
const IMPATIENT: &[&str] = &["--give-up-after", "1s", "--tries", "2"];

/// Answers 500 to these gestures, and takes all others.
fn refuses(gestures: &[&pb::Gesture]) -> impl Fn(&Brought) -> Reaction + Send + Sync + use<> {
    let ids: BTreeSet<String> = gestures.iter().map(|gesture| gesture.id.clone()).collect();
    move |one| {
        Reaction::Status(if ids.contains(one.gesture()) {
            500
        } else {
            200
        })
    }
}

/// How often each event of a gesture was brought.
fn times(receiver: &Receiver, gesture: &pb::Gesture) -> Vec<usize> {
    let brought = receiver.brought();
    let mut ids: Vec<&str> = Vec::new();
    for one in brought.iter().filter(|one| one.gesture() == gesture.id) {
        if !ids.contains(&one.id.as_str()) {
            ids.push(&one.id);
        }
    }
    let times = |id: &&str| brought.iter().filter(|one| one.id == **id).count();
    ids.iter().map(times).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_never_gets_through_is_set_aside_and_the_others_go_on() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-102").await;
    let stubborn = agent.request(pickup("ida", 500)).await.unwrap();
    let receiver = Receiver::start(refuses(&[&stubborn])).await;
    let publisher = Publisher::start(&world, &to(&receiver.url, IMPATIENT));
    world.until_failure("shop", "SERVER_ERROR").await;
    // nobody else waits: it is tried again, however long that has been going on
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert!(set_aside(&world).await.is_empty());
    agent.cancel(&stubborn).await.unwrap();
    let mut waiting = Vec::new();
    for customer in ["zoe", "ben", "kim"] {
        waiting.push(agent.request(pickup(customer, 500)).await.unwrap());
    }
    world
        .until_consumer("shop", "the others go on", |shop| shop.events_behind == 0)
        .await;
    let aside = set_aside(&world).await;
    let whys: Vec<&str> = aside.iter().map(|(_, why, _)| why.as_str()).collect();
    assert_eq!(whys, ["SERVER_ERROR", "BEHIND"], "in the gesture's order");
    assert_eq!(
        aside[0].2,
        times(&receiver, &stubborn)[0] as i64,
        "each try is counted"
    );
    for gesture in &waiting {
        assert_eq!(times(&receiver, gesture), [1], "nothing is brought twice");
    }

    // asked for again, it is refused without another hour, while others wait
    let before = times(&receiver, &stubborn)[0];
    publish(&world, &["--retry-set-aside", "--consumer", "shop"]).await;
    receiver
        .until("it is brought again", |brought| {
            brought.iter().filter(|one| one.id == aside[0].0).count() > before
        })
        .await;
    for customer in ["eva", "max", "lea"] {
        waiting.push(agent.request(pickup(customer, 500)).await.unwrap());
    }
    world
        .until_consumer("shop", "they go on", |shop| shop.events_behind == 0)
        .await;
    assert_eq!(set_aside(&world).await.len(), 2);
    receiver.reacts(|_| Reaction::Status(200));
    publish(&world, &["--retry-set-aside", "--consumer", "shop"]).await;
    world
        .until_consumer("shop", "nothing is set aside", |shop| {
            shop.set_aside_count == 0
        })
        .await;
    nothing_is_missing(&receiver.brought(), &world.every_event().await);
    assert!(publisher.end_with("TERM").await.success());
}

/// Several such events are not each other's proof that the sink is away.
#[tokio::test(flavor = "multi_thread")]
async fn several_that_never_get_through_are_told_from_a_sink_that_is_away() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-102").await;
    let mut given = vec![agent.request(pickup("ida", 500)).await.unwrap()];
    let receiver = Receiver::start(|_| Reaction::Status(500)).await;
    let _publisher = Publisher::start(&world, &to(&receiver.url, IMPATIENT));
    world.until_failure("shop", "SERVER_ERROR").await;
    for customer in 0..9 {
        let wish = pickup(&format!("c-{customer}"), 500);
        given.push(agent.request(wish).await.unwrap());
    }
    receiver.reacts(refuses(&[&given[0], &given[1], &given[2]]));
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.given_and_withdrawn(3).await;
    }
    world
        .until_consumer("shop", "the others go on", |shop| shop.events_behind == 0)
        .await;
    let aside = set_aside(&world).await;
    assert_eq!(aside.len(), 3, "{aside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_takes_nothing_is_waited_for_however_long() {
    let world = World::demo().await;
    let events = world.given_and_withdrawn(4).await;
    let receiver = Receiver::start(|_| Reaction::Status(500)).await;
    let publisher = Publisher::start(&world, &to(&receiver.url, IMPATIENT));
    world.until_failure("shop", "SERVER_ERROR").await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    receiver.reacts(|_| Reaction::Status(200));
    world
        .until_consumer("shop", "it catches up", |shop| shop.events_behind == 0)
        .await;
    assert!(set_aside(&world).await.is_empty());
    nothing_is_missing(&receiver.brought(), &events);
    assert!(publisher.end_with("TERM").await.success());
}
