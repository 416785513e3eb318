//! What happens, brought to others: as CloudEvents, signed, each once, those of a gesture in order.

use std::collections::BTreeMap;

use largesse::pb::{self, EventFilter};
use serde_json::Value;

use crate::support::process::printed;
use crate::support::publisher::publish;
use crate::support::receiver::{Brought, Receiver};
use crate::support::{Token, World, flowers, pickup};

/// What nobody else writes.
const SENTINEL: &str = "Zephyrine";

/// Gestures, some of them withdrawn again; every event so far.
async fn a_day(world: &World) -> Vec<pb::Event> {
    let mut agent = world.agent("fl-102").await;
    for customer in 0..6 {
        let mut wish = pickup(&format!("c-{customer}"), 500);
        wish.message = format!("Dear {SENTINEL}");
        let given = agent.request(wish).await.unwrap();
        if customer % 2 == 0 {
            agent.cancel(&given).await.unwrap();
        }
    }
    let mut feed = world.follower().await;
    feed.all_events(EventFilter::default(), 200).await
}

fn to<'a>(receiver: &'a Receiver, words: &[&'a str]) -> Vec<&'a str> {
    let first = [
        "--to",
        "webhook",
        "--url",
        &receiver.url,
        "--consumer",
        "shop",
    ];
    [&first[..], &["--allow-private-addresses"], words].concat()
}

fn ids(brought: &[Brought]) -> Vec<&str> {
    let mut ids: Vec<&str> = brought.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_signed_once_and_in_order() {
    let world = World::demo().await;
    let events = a_day(&world).await;
    let receiver = Receiver::willing().await;
    let done = publish(&world, &to(&receiver, &["--once"])).await;
    assert!(done.status.success(), "{}", printed(&done));
    let brought = receiver.brought();
    let mut expected: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(ids(&brought), expected);
    let mut lives: BTreeMap<&str, i64> = BTreeMap::new();
    for one in brought.iter().filter(|one| !one.gesture().is_empty()) {
        let life = lives.entry(one.gesture()).or_default();
        assert_eq!(one.event["data"]["seq"], *life + 1);
        *life += 1;
    }
    let cancelled = events
        .iter()
        .find(|event| event.r#type == "CANCELLED")
        .unwrap();
    let told = brought.iter().find(|one| one.id == cancelled.id).unwrap();
    assert_eq!(told.happened(), "CANCELLED");
    assert_eq!(told.event["specversion"], "1.0");
    assert_eq!(told.event["source"], "/largesse/tenants/demo");
    assert_eq!(told.event["data"]["gesture_id"], cancelled.gesture_id);
    assert_eq!(told.event["data"]["facts"]["captured"], 0);
    assert!(!format!("{brought:?}").contains(SENTINEL));

    // nothing is brought a second time, and what comes later is
    let again = publish(&world, &to(&receiver, &["--once"])).await;
    assert!(again.status.success(), "{}", printed(&again));
    assert_eq!(receiver.brought().len(), events.len());
    world
        .agent("fl-102")
        .await
        .request(pickup("zoe", 500))
        .await
        .unwrap();
    publish(&world, &to(&receiver, &["--once"])).await;
    assert_eq!(receiver.brought().len(), events.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_chosen_is_brought_and_the_rest_is_passed_over() {
    let world = World::demo().await;
    let events = a_day(&world).await;
    let receiver = Receiver::willing().await;
    let words = to(&receiver, &["--once", "--type", "CANCELLED"]);
    publish(&world, &words).await;
    let brought = receiver.brought();
    assert!(brought.iter().all(|one| one.happened() == "CANCELLED"));
    assert_eq!(brought.len(), 3);
    let consumer = world.follower().await.consumer("shop").await;
    assert_eq!((consumer.events_behind, consumer.holder.as_str()), (0, ""));
    assert_eq!(consumer.cursor, events.last().unwrap().cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_everybody_is_is_shown() {
    let world = World::demo().await;
    let none = publish(&world, &["--status"]).await;
    assert!(printed(&none).contains("Nobody follows the trail"));
    a_day(&world).await;
    let receiver = Receiver::willing().await;
    publish(&world, &to(&receiver, &["--once"])).await;
    world
        .agent("fl-101")
        .await
        .request(flowers("ida", 4500))
        .await
        .unwrap();
    let table = printed(&publish(&world, &["--status"]).await);
    let line = table.lines().find(|line| line.starts_with("shop")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, ["shop", "1", "0m", "0"], "{table}");
    let json = publish(&world, &["--status", "--json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let shop = &json["consumers"][0];
    assert_eq!(
        (&shop["name"], &shop["events_behind"]),
        (&"shop".into(), &1.into())
    );
    assert_eq!(shop["set_aside_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_wrong_is_said_before_anything_is_sent() {
    let world = World::demo().await;
    let receiver = Receiver::willing().await;
    let url = receiver.url.as_str();
    let hook = ["--to", "webhook", "--consumer", "shop"];
    for (words, said) in [
        (vec!["--to", "webhook", "--url", url], "--consumer"),
        (vec!["--to", "webhook", "--consumer", "shop"], "--url"),
        ([&hook, &["--url", url][..]].concat(), "https://"),
        (
            [&hook, &["--url", "https://10.0.0.1/"][..]].concat(),
            "--allow-private-addresses",
        ),
        (
            [
                &hook,
                &["--url", "https://e.org/", "--secret", "hunter2"][..],
            ]
            .concat(),
            "whsec_",
        ),
        (
            vec![
                "--to",
                "nats",
                "--consumer",
                "shop",
                "--url",
                "nats://h:1",
                "--subject",
                "a..b",
            ],
            "subject",
        ),
        (vec!["--list-set-aside"], "--consumer"),
    ] {
        let wrong = publish(&world, &words).await;
        assert_eq!(
            wrong.status.code(),
            Some(2),
            "{words:?}: {}",
            printed(&wrong)
        );
        assert!(
            printed(&wrong).contains(said),
            "{words:?}: {}",
            printed(&wrong)
        );
        assert!(!printed(&wrong).contains("hunter2"));
    }
    let missing = publish(&world, &["--list-set-aside", "--consumer", "typo"]).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        printed(&missing).contains("no consumer typo"),
        "{}",
        printed(&missing)
    );
    assert!(receiver.brought().is_empty());
}

/// A token that somebody renews in a file is read from there.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_be_kept_in_a_file() {
    let world = World::demo().await;
    let receiver = Receiver::willing().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    std::fs::write(path, "not a token").unwrap();
    let words = to(&receiver, &["--once", "--token-file", path]);
    let refused = publish(&world, &words).await;
    assert_eq!(refused.status.code(), Some(1), "{}", printed(&refused));
    let said = printed(&refused);
    assert!(said.contains("the credential is not valid"), "{said}");
    let token = world.sign(Token::of("publish-2", &["follower"]));
    std::fs::write(path, format!("{token}\n")).unwrap();
    let done = publish(&world, &words).await;
    assert!(done.status.success(), "{}", printed(&done));
    assert_eq!(receiver.brought().len(), 1);
}
