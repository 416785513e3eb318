//! Clients that go away at random moments: in the middle of a request, a cancellation, a read.

use std::sync::Arc;
use std::time::Duration;

use largesse::pb::RequestResolution;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use super::credit;
use crate::support::{
    DEMO, Random, SeedOnPanic, World, assert_at_rest, assert_invariants, seeds, wait_until,
};

/// The demo with room for thousands.
fn roomy() -> String {
    [
        "amount: \"50.00\", count: 5",
        "amount: \"150.00\", count: 3",
        "amount: \"200.00\"",
    ]
    .iter()
    .zip([
        "amount: \"900.00\", count: 50",
        "amount: \"600.00\"",
        "amount: \"1000.00\"",
    ])
    .fold(DEMO.to_owned(), |text, (narrow, wide)| {
        text.replace(narrow, wide)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_cancelled_anywhere_leave_everything_whole() {
    for seed in seeds(1) {
        let _told = SeedOnPanic(seed);
        let world = Arc::new(World::of(&roomy()).await);
        let mut sql = world.sql().await;
        let mut running = JoinSet::new();
        for caller in 0..8_u64 {
            let agent = if caller % 2 == 0 { "fl-101" } else { "fl-102" };
            running.spawn(go_away(
                world.clone(),
                agent,
                Random::of(seed * 100 + caller),
            ));
        }
        let mut asked = Vec::new();
        while let Some(ids) = running.join_next().await {
            asked.extend(ids.unwrap());
            assert_invariants(&mut sql).await;
        }
        assert!(asked.len() > 300, "{}", asked.len());

        // what still runs on its own comes to its end
        wait_until(&mut sql, "state <> 'idle'", 0).await;
        assert_at_rest(&mut sql).await;
        let mut done = 0;
        for (agent, id) in asked {
            let mut client = world.agent(agent).await;
            let resolved = client.resolve(id).await.unwrap();
            match resolved.resolution() {
                RequestResolution::Done => done += 1,
                RequestResolution::NeverHappened => {
                    let late = client.request_as(id, credit()).await.unwrap_err();
                    assert_eq!(crate::support::reason_of(&late), "REQUEST_TOMBSTONED");
                }
                RequestResolution::Unspecified => panic!("{resolved:?}"),
            }
        }
        assert!(done > 0);
        assert_at_rest(&mut sql).await;
    }
}

/// Forty-odd calls, each given up after up to six milliseconds. Who asked, and the ids.
async fn go_away(
    world: Arc<World>,
    agent: &'static str,
    mut random: Random,
) -> Vec<(&'static str, Uuid)> {
    let mut client = world.agent(agent).await;
    let mut asked = Vec::new();
    let mut patience =
        |most| Duration::from_micros(u64::try_from(random.between(0, most)).unwrap());
    for _ in 0..45 {
        let id = Uuid::now_v7();
        asked.push((agent, id));
        match timeout(patience(6_000), client.request_as(id, credit())).await {
            Ok(answer) => {
                let given = answer.unwrap().gesture.unwrap();
                let _ = timeout(patience(3_000), client.cancel(&given)).await;
            }
            Err(_) => {
                let _ = timeout(patience(3_000), client.get(&id.to_string())).await;
            }
        }
    }
    asked
}
