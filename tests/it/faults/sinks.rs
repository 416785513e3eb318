//! Sinks that are away, slow, full of themselves or of another opinion: each is named, nothing is lost, and nothing happens twice
//! but under the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use largesse::pb;
use serde_json::Value;

use crate::support::process::printed;
use crate::support::publisher::{Publisher, publish};
use crate::support::receiver::{Brought, Reaction, Receiver};
use crate::support::relay::Relay;
use crate::support::{Random, SeedOnPanic, World, pickup, seeds};

pub(super) fn to<'a>(url: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    let first = ["--to", "webhook", "--url", url, "--consumer", "shop"];
    [&first[..], &["--allow-private-addresses"], words].concat()
}

/// Everything came, and of each gesture the events came for the first time in order.
pub(super) fn nothing_is_missing(brought: &[Brought], events: &[pb::Event]) {
    let came: BTreeSet<&str> = brought.iter().map(|one| one.id.as_str()).collect();
    let expected: BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(came, expected);
    let mut lives: BTreeMap<&str, i64> = BTreeMap::new();
    for one in brought.iter().filter(|one| one.before == 0) {
        if one.gesture().is_empty() {
            continue;
        }
        let life = lives.entry(one.gesture()).or_default();
        assert_eq!(one.event["data"]["seq"], *life + 1, "{one:?}");
        *life += 1;
    }
}

/// The event was taken, and the answer says that it was not.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_success_brings_the_event_twice_under_one_id() {
    let world = World::demo().await;
    let events = world.given_and_withdrawn(2).await;
    let receiver = Receiver::start(|one| Reaction::Status([500, 200][one.before.min(1)])).await;
    let done = publish(&world, &to(&receiver.url, &["--once"])).await;
    assert!(done.status.success(), "{}", printed(&done));
    let brought = receiver.brought();
    assert_eq!(brought.len(), 2 * events.len());
    nothing_is_missing(&brought, &events);
    world.until_failure("shop", "SERVER_ERROR").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sink_does_wrong_is_named_and_it_catches_up_by_itself() {
    let elsewhere = Receiver::willing().await;
    let target = elsewhere.url.clone();
    type React = Box<dyn Fn(&Brought) -> Reaction + Send + Sync>;
    let wrong: Vec<(&str, React)> = vec![
        ("SERVER_ERROR", Box::new(|_| Reaction::Status(503))),
        ("SLOW_DOWN", Box::new(|_| Reaction::Status(429))),
        ("UNAUTHORIZED", Box::new(|_| Reaction::Status(401))),
        ("NOTHING_THERE", Box::new(|_| Reaction::Status(404))),
        (
            "REDIRECT",
            Box::new(move |_| Reaction::Redirect(target.clone())),
        ),
        ("TIMEOUT", Box::new(|_| Reaction::Silence)),
    ];
    let mut running = tokio::task::JoinSet::new();
    for (word, react) in wrong {
        running.spawn(async move {
            let world = World::demo().await;
            let receiver = Receiver::start(react).await;
            let publisher =
                Publisher::start(&world, &to(&receiver.url, &["--answer-within", "1s"]));
            world.until_failure("shop", word).await;
            let events = world.given_and_withdrawn(3).await;
            receiver.reacts(|_| Reaction::Status(200));
            receiver
                .until("everything is there", |brought| {
                    brought
                        .iter()
                        .map(|one| &one.id)
                        .collect::<BTreeSet<_>>()
                        .len()
                        == events.len()
                })
                .await;
            nothing_is_missing(&receiver.brought(), &events);
            assert!(publisher.end_with("TERM").await.success(), "{word}");
            let consumer = world.follower().await.consumer("shop").await;
            assert_eq!(
                (consumer.set_aside_count, consumer.holder.as_str()),
                (0, ""),
                "{word}"
            );
        });
    }
    running.join_all().await;
    assert!(elsewhere.brought().is_empty(), "a redirect is not followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_address_is_waited_for() {
    let world = World::demo().await;
    let publisher = Publisher::start(&world, &to("http://127.0.0.1:9/", &[]));
    world.until_failure("shop", "UNREACHABLE").await;
    publisher.end_with("INT").await;
    // a name that leads inside is found out when it is resolved
    let words = [
        "--to",
        "webhook",
        "--url",
        "https://localhost:9/",
        "--consumer",
        "shop",
    ];
    let publisher = Publisher::start(&world, &words);
    world.until_failure("shop", "PRIVATE_ADDRESS").await;
    publisher.end_with("INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_end_is_not_read() {
    let world = World::demo().await;
    let events = world.given_and_withdrawn(2).await;
    let receiver = Receiver::start(|_| Reaction::Endless).await;
    let done = publish(&world, &to(&receiver.url, &["--once"])).await;
    assert!(done.status.success(), "{}", printed(&done));
    assert_eq!(receiver.brought().len(), events.len(), "it was taken, once");
    world.until_failure("shop", "ANSWER_TOO_LARGE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_is_gone_ends_it_and_loses_nothing() {
    let world = World::demo().await;
    let events = world.given_and_withdrawn(2).await;
    let receiver = Receiver::start(|_| Reaction::Status(410)).await;
    let ended = publish(&world, &to(&receiver.url, &[])).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(printed(&ended).contains("GONE"), "{}", printed(&ended));
    world.until_failure("shop", "GONE").await;
    receiver.reacts(|_| Reaction::Status(200));
    publish(&world, &to(&receiver.url, &["--once"])).await;
    nothing_is_missing(&receiver.brought(), &events);
}

pub(super) async fn set_aside(world: &World) -> Vec<(String, String, i64)> {
    let listed = publish(world, &["--list-set-aside", "--consumer", "shop", "--json"]).await;
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let items = listed["events"].as_array().unwrap().iter();
    let item = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&item["event"]["id"]),
            text(&item["why"]),
            item["tries"].as_i64().unwrap(),
        )
    };
    items.map(item).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_set_aside_with_all_that_follows_it_and_brought_again_in_order() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-102").await;
    let given = agent.request(pickup("ida", 500)).await.unwrap();
    let refused = given.id.clone();
    let receiver = Receiver::start(move |one| {
        Reaction::Status(if one.gesture() == refused { 422 } else { 200 })
    })
    .await;
    let words = to(&receiver.url, &["--tries", "2"]);
    let publisher = Publisher::start(&world, &words);
    let first = world.every_event().await.pop().unwrap();
    receiver
        .until("refused twice", |brought| {
            brought.iter().filter(|one| one.id == first.id).count() == 2
        })
        .await;
    // the rest of its life goes behind it, and the others go on
    agent.cancel(&given).await.unwrap();
    let other = agent.request(pickup("zoe", 500)).await.unwrap();
    receiver
        .until("others go on", |brought| {
            brought.iter().any(|one| one.gesture() == other.id)
        })
        .await;
    let events = world.every_event().await;
    let cancelled = events
        .iter()
        .find(|event| event.r#type == "CANCELLED")
        .unwrap();
    // the page that tells of it is acknowledged
    world
        .until_consumer("shop", "it is acknowledged", |shop| shop.events_behind == 0)
        .await;
    let expected = [
        (first.id.clone(), "UNPROCESSABLE".to_owned(), 2),
        (cancelled.id.clone(), "BEHIND".to_owned(), 0),
    ];
    assert_eq!(set_aside(&world).await, expected);
    world.until_failure("shop", "UNPROCESSABLE").await;

    // asked for while it is still refused: stays where it is
    let retry = [
        "--retry-set-aside",
        "--consumer",
        "shop",
        "--gesture",
        &given.id,
    ];
    let asked = publish(&world, &retry).await;
    assert!(printed(&asked).contains("2 events"), "{}", printed(&asked));
    receiver
        .until("refused twice more", |brought| {
            brought.iter().filter(|one| one.id == first.id).count() == 4
        })
        .await;
    let mut tries = 0;
    while tries < 4 {
        tries = set_aside(&world).await[0].2;
    }
    assert_eq!(tries, 4);
    // another publisher, on another host, would go on with it just as well
    assert!(publisher.end_with("TERM").await.success());
    let _publisher = Publisher::start(&world, &words);
    receiver.reacts(|_| Reaction::Status(200));
    publish(&world, &["--retry-set-aside", "--consumer", "shop"]).await;
    receiver
        .until("it is taken", |brought| {
            brought.iter().any(|one| one.id == cancelled.id)
        })
        .await;
    nothing_is_missing(&receiver.brought(), &events);
    world
        .until_consumer("shop", "nothing is set aside", |shop| {
            shop.set_aside_count == 0
        })
        .await;
    assert!(set_aside(&world).await.is_empty());
    // and what happens to it from now on comes like any other
    let third = agent.request(pickup("ida", 500)).await.unwrap();
    receiver
        .until("it goes on", |brought| {
            brought.iter().any(|one| one.gesture() == third.id)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_publishers_of_one_name_one_waits_until_the_other_is_gone() {
    let world = World::demo().await;
    let receiver = Receiver::willing().await;
    let first = Publisher::start(&world, &to(&receiver.url, &[]));
    receiver
        .until("the first is at it", |brought| !brought.is_empty())
        .await;
    let refused = publish(&world, &to(&receiver.url, &["--once"])).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        printed(&refused).contains("is leased to"),
        "{}",
        printed(&refused)
    );
    let second = Publisher::start(&world, &to(&receiver.url, &[]));
    world.given_and_withdrawn(2).await;
    first.end_with("KILL").await;
    let events = world.given_and_withdrawn(2).await;
    receiver
        .until("the second goes on", |brought| {
            brought
                .iter()
                .map(|one| &one.id)
                .collect::<BTreeSet<_>>()
                .len()
                == events.len()
        })
        .await;
    nothing_is_missing(&receiver.brought(), &events);
    assert!(second.end_with("TERM").await.success());
}

/// What nobody will ever take is given up, by whoever has stopped the publisher; the gesture goes on after it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_in_nobodys_way() {
    let world = World::demo().await;
    world.given_and_withdrawn(1).await;
    let receiver = Receiver::start(|_| Reaction::Status(400)).await;
    let words = to(&receiver.url, &["--tries", "1"]);
    let publisher = Publisher::start(&world, &words);
    let drop = ["--drop-set-aside", "--consumer", "shop"];
    world
        .until_consumer("shop", "all is set aside", |shop| shop.events_behind == 0)
        .await;
    let refused = publish(&world, &drop).await;
    assert!(
        printed(&refused).contains("is leased to"),
        "{}",
        printed(&refused)
    );
    assert!(publisher.end_with("TERM").await.success());
    let given_up = publish(&world, &drop).await;
    assert!(given_up.status.success(), "{}", printed(&given_up));
    assert!(
        printed(&given_up).contains("BAD_REQUEST"),
        "{}",
        printed(&given_up)
    );
    assert!(set_aside(&world).await.is_empty());
    receiver.reacts(|_| Reaction::Status(200));
    let before = receiver.brought().len();
    world.given_and_withdrawn(1).await;
    publish(&world, &to(&receiver.url, &["--once"])).await;
    assert_eq!(receiver.brought().len(), before + 2);
}

/// The replica that it reads from goes away, nobody is there for a while, then another one is.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_goes_away_is_waited_for() {
    let world = World::demo().await;
    let first = world.another_service().await;
    let relay = Relay::to(first.address).await;
    let receiver = Receiver::willing().await;
    let publisher = Publisher::start_at(&world, relay.address, &to(&receiver.url, &[]));
    receiver
        .until("it reads", |brought| !brought.is_empty())
        .await;
    relay.leads_to("127.0.0.1:9".parse().unwrap());
    first.stop().await.unwrap();
    let events = world.given_and_withdrawn(3).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    relay.leads_to(world.service.address);
    receiver
        .until("it goes on", |brought| brought.len() >= events.len())
        .await;
    nothing_is_missing(&receiver.brought(), &events);
    assert!(publisher.end_with("TERM").await.success());
}

/// Killed again and again while things happen and the sink fails now and then.
#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_is_killed_loses_nothing() {
    for seed in seeds(1) {
        let _told = SeedOnPanic(seed);
        let mut random = Random::of(seed);
        let world = World::demo().await;
        let count = Arc::new(AtomicUsize::new(0));
        let receiver = Receiver::start(move |_| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            Reaction::Status(if number % 7 == 3 { 503 } else { 200 })
        })
        .await;
        let words = to(&receiver.url, &["--at-once", "3"]);
        for _ in 0..4 {
            let publisher = Publisher::start(&world, &words);
            world.given_and_withdrawn(3).await;
            let pause = random.between(50, 1500) as u64;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            publisher.end_with("KILL").await;
            // nobody waits for the lease of the dead here; another test does
            sqlx::query("update largesse.consumers set leased_until = now()")
                .execute(&mut world.sql().await)
                .await
                .unwrap();
        }
        let events = world.every_event().await;
        let done = publish(&world, &to(&receiver.url, &["--once"])).await;
        assert!(done.status.success(), "{}", printed(&done));
        nothing_is_missing(&receiver.brought(), &events);
    }
}
