//! A backlog that is brought in one go, as after a sink's day away: everything, once, in order. With LARGESSE_EVENTS=20000 and
//! `--nocapture` it says how fast.

use std::time::Duration;

use largesse::pb;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::nats::Nats;
use super::sinks::{nothing_is_missing, to};
use super::vendor::WORKSHOP;
use crate::support::publisher::Publisher;
use crate::support::receiver::Receiver;
use crate::support::{World, assert_at_rest, flowers};

/// How many events; with LARGESSE_EVENTS=20000 it takes some minutes.
fn events() -> usize {
    std::env::var("LARGESSE_EVENTS").map_or(400, |count| count.parse().unwrap())
}

/// Gestures, each of them withdrawn again; every event.
async fn backlog() -> (World, Vec<pb::Event>) {
    let world = World::of(WORKSHOP).await;
    let count = events() / 2;
    let mut asking = JoinSet::new();
    for caller in 0..16 {
        let mut ann = world.agent("ann").await;
        let share = (caller..count).step_by(16).count();
        asking.spawn(async move {
            for _ in 0..share {
                let given = ann.request_as(Uuid::now_v7(), flowers("ida", 1000)).await;
                ann.cancel(&given.unwrap().gesture.unwrap()).await.unwrap();
            }
        });
    }
    asking.join_all().await;
    let events = world.every_event().await;
    (world, events)
}

/// Publishes until nothing is left, and says how fast that was.
async fn published(world: &World, events: &[pb::Event], name: &str, words: &[&str]) {
    let begun = Instant::now();
    let publisher = Publisher::start(world, words);
    let mut feed = world.follower().await;
    let ends = Duration::from_secs(60 + events.len() as u64 / 20);
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let all = feed.events.list_consumers(pb::ListConsumersRequest {});
        let all = all.await.unwrap().into_inner().consumers;
        if all
            .iter()
            .any(|one| one.name == name && one.events_behind == 0)
        {
            break;
        }
        assert!(begun.elapsed() < ends, "{all:?}");
    }
    let taken = begun.elapsed().as_secs_f64();
    let per_second = events.len() as f64 / taken;
    println!(
        "{name}: {} events, {taken:.1} s, {per_second:.0} events/s",
        events.len()
    );
    assert!(publisher.end_with("TERM").await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_is_brought_whole_and_in_order() {
    let (world, events) = backlog().await;
    let receiver = Receiver::willing().await;
    published(&world, &events, "shop", &to(&receiver.url, &[])).await;
    let brought = receiver.brought();
    assert_eq!(brought.len(), events.len(), "each once");
    nothing_is_missing(&brought, &events);
    if let Some(nats) = Nats::start().await {
        let url = nats.url();
        let first = ["--to", "nats", "--url", &url, "--consumer", "bus"];
        let words = [&first[..], &["--create-stream", "EVENTS"]].concat();
        published(&world, &events, "bus", &words).await;
        assert_eq!(nats.count().await, events.len() as u64);
    }
    assert_at_rest(&mut world.sql().await).await;
}
