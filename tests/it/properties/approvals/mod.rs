//! People who ask each other: lines, second accounts, software, lent authority, absences, silence, two who must agree, broken
//! glass; generated, and held against a naive model of who is asked and what an answer does.
//!
//! `tenants` and `workload` invent, `model` predicts, `twins` tells both and compares.

mod calls;
mod model;
mod proposal;
pub mod rows;
mod tenants;
mod twins;
mod workload;

use twins::{Seen, Twins};

use crate::support::{Clock, Random, SeedOnPanic, TestDatabase, assert_at_rest, seeds};

/// How many things happen in one life.
const ACTS: usize = 180;

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_routed_and_answered_as_the_model_says() {
    let mut seen = Seen::default();
    for seed in seeds(8) {
        live(seed, &mut seen).await;
    }
    println!("{seen:#?}");
}

async fn live(seed: u64, seen: &mut Seen) {
    let _told = SeedOnPanic(seed);
    let mut random = Random::of(seed);
    let database = TestDatabase::new(Clock::Movable).await;
    let mut twins = Twins::born(&mut random, &database).await;
    let mut past = Vec::new();
    for number in 0..ACTS {
        let act = workload::act(&mut random, &twins.model, &past);
        let told = format!("act {number} at {}: {act:?}", twins.model.now);
        twins.take(&act, seen, &told).await;
        twins.agree_on_rows(&told).await;
        twins.agree_on_candidates(&mut random, &told).await;
        past.push(act);
    }
    assert_at_rest(&mut twins.sql).await;
}
