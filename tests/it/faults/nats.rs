//! Publishing to a NATS server that comes and goes. A real one: without `nats-server` on the path this is left out, unless
//! `LARGESSE_TEST_NATS=required` says that it must not be (`.ci/run` does).

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream;
use futures_util::StreamExt;
use tempfile::TempDir;

use crate::support::World;
use crate::support::process::printed;
use crate::support::publisher::{Publisher, publish};

/// A server with a folder and a port of its own.
pub(super) struct Nats {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Nats {
    /// None: there is no server to be had.
    pub(super) async fn start() -> Option<Self> {
        let is_there = Command::new("nats-server")
            .arg("--version")
            .output()
            .is_ok();
        if !is_there {
            let demanded = std::env::var("LARGESSE_TEST_NATS").is_ok_and(|word| word == "required");
            assert!(!demanded, "nats-server is not on the path");
            eprintln!("LEFT OUT: nats-server is not on the path");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut nats = Self {
            folder: tempfile::tempdir().unwrap(),
            port,
            child: None,
        };
        nats.run().await;
        Some(nats)
    }

    async fn run(&mut self) {
        let child = Command::new("nats-server")
            .args([
                "-js",
                "-a",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-sd",
            ])
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        for _ in 0..200 {
            if async_nats::connect(self.url()).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nats-server does not answer");
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// What the stream has: subject, message id and CloudEvent.
    async fn messages(&self, count: usize) -> Vec<(String, String, serde_json::Value)> {
        let client = async_nats::connect(self.url()).await.unwrap();
        let context = jetstream::new(client);
        let stream = loop {
            // whoever publishes makes it when it first has something to bring
            match context.get_stream("EVENTS").await {
                Ok(stream) => break stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let config = jetstream::consumer::pull::OrderedConfig::default();
        let consumer = stream.create_consumer(config).await.unwrap();
        let messages = consumer.messages().await.unwrap();
        let taken = messages.take(count).map(|message| {
            let message = message.unwrap();
            let id = message
                .headers
                .as_ref()
                .unwrap()
                .get("Nats-Msg-Id")
                .unwrap();
            let event = serde_json::from_slice(&message.payload).unwrap();
            (message.subject.to_string(), id.to_string(), event)
        });
        tokio::time::timeout(Duration::from_secs(30), taken.collect())
            .await
            .unwrap()
    }

    pub(super) async fn count(&self) -> u64 {
        let client = async_nats::connect(self.url()).await.unwrap();
        let mut stream = jetstream::new(client).get_stream("EVENTS").await.unwrap();
        stream.info().await.unwrap().state.messages
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_gets_everything_once_and_in_order_over_an_outage() {
    let Some(mut nats) = Nats::start().await else {
        return;
    };
    let world = World::demo().await;
    world.given_and_withdrawn(2).await;
    let url = nats.url();
    let plain = [
        "--to",
        "nats",
        "--url",
        &url,
        "--consumer",
        "bus",
        "--answer-within",
        "2s",
    ];
    // without a stream nothing is taken, and it says so
    let publisher = Publisher::start(&world, &plain);
    world.until_failure("bus", "NO_STREAM").await;
    assert!(publisher.end_with("TERM").await.success());
    let words = [&plain[..], &["--create-stream", "EVENTS"]].concat();
    let publisher = Publisher::start(&world, &words);
    let told = nats.messages(5).await;
    assert_eq!(told[0].0, "largesse.demo.CONFIGURATION_APPLIED");
    // the server goes away, things happen, and it comes back
    nats.stop();
    let events = world.given_and_withdrawn(2).await;
    world.until_failure("bus", "UNREACHABLE").await;
    nats.run().await;
    let told = nats.messages(events.len()).await;
    let of = |gesture: &str| -> Vec<i64> {
        let told = told.iter().filter(|told| told.2["subject"] == gesture);
        told.map(|told| told.2["data"]["seq"].as_i64().unwrap())
            .collect()
    };
    for event in events.iter().filter(|event| event.seq == 1) {
        assert_eq!(of(&event.gesture_id), [1, 2]);
    }
    let mut ids: Vec<&str> = told.iter().map(|told| told.1.as_str()).collect();
    let mut expected: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    ids.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert!(publisher.end_with("TERM").await.success());

    // whoever brings all of it again (another consumer of the same events) adds nothing: the stream knows the ids
    let again = [
        "--to",
        "nats",
        "--url",
        &url,
        "--consumer",
        "bus-2",
        "--once",
    ];
    let done = publish(&world, &again).await;
    assert!(done.status.success(), "{}", printed(&done));
    assert_eq!(nats.count().await, events.len() as u64);
}

/// A stream that takes small messages only: what is too large is set aside, and the rest of the trail goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_the_stream_is_set_aside() {
    let Some(nats) = Nats::start().await else {
        return;
    };
    let world = World::demo().await;
    let events = world.given_and_withdrawn(1).await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    let config = jetstream::stream::Config {
        name: "EVENTS".into(),
        subjects: vec!["largesse.>".into()],
        max_message_size: 64,
        ..Default::default()
    };
    jetstream::new(client).create_stream(config).await.unwrap();
    let url = nats.url();
    let words = [
        "--to",
        "nats",
        "--url",
        &url,
        "--consumer",
        "bus",
        "--once",
        "--tries",
        "1",
    ];
    let done = publish(&world, &words).await;
    assert!(done.status.success(), "{}", printed(&done));
    let aside = world.follower().await.set_aside("bus").await.unwrap();
    let why: Vec<&str> = aside.iter().map(|item| item.why.as_str()).collect();
    assert_eq!(why, ["TOO_LARGE", "TOO_LARGE", "BEHIND"]);
    assert_eq!(aside.len(), events.len());
}
