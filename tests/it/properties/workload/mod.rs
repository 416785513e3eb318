//! Invents tenants and what happens to them.

mod documents;

use chrono::{DateTime, Days, TimeDelta, Utc};

use uuid::Uuid;

use super::model::document::Document;
use documents::changed;
pub use documents::document;

use crate::support::Random;

use crate::support::kernel::{Asked, Cancelled};

/// Around changes of clocks, ends of months, quarters and years, and a leap day.
const BEGINNINGS: &[&str] = &[
    "2026-03-28T20:00:00Z",
    "2026-10-24T20:00:00Z",
    "2026-03-07T22:00:00Z",
    "2026-11-01T01:00:00Z",
    "2026-12-30T11:00:00Z",
    "2028-02-27T09:00:00Z",
    "2026-06-29T23:30:00Z",
    "2026-04-23T20:00:00Z",
    "2026-10-29T20:00:00Z",
    "2026-04-04T13:00:00Z",
];

/// Where the tenant's clock begins.
pub fn beginning(random: &mut Random) -> DateTime<Utc> {
    random.pick(BEGINNINGS).parse().unwrap()
}

/// One thing that happens.
#[derive(Debug)]
pub enum Step {
    /// These are asked, as one batch.
    Admit(Vec<Asked>),
    /// These are cancelled, as one batch.
    Cancel(Vec<Cancelled>),
    /// What became of this?
    Resolve(Uuid, String),
    Suspend(String, bool),
    Pause(&'static str, String, bool),
    Apply(Box<Document>),
    /// Time passes.
    Wait(DateTime<Utc>),
}

/// What was asked so far, so that it can be asked again, cancelled or replaced.
#[derive(Default)]
pub struct Past {
    pub asked: Vec<Asked>,
}

/// Invents the next thing.
pub fn step(
    random: &mut Random,
    past: &Past,
    document: &Document,
    now: DateTime<Utc>,
    batch_max: i64,
) -> Step {
    match random.between(0, 19) {
        0..=8 => Step::Admit(batch(random, past, now, batch_max)),
        9..=12 if !past.asked.is_empty() => Step::Cancel(cancellations(random, past)),
        13 => {
            let id = if random.once_in(2) && !past.asked.is_empty() {
                random.pick(&past.asked).id
            } else {
                random.uuid()
            };
            Step::Resolve(id, agent(random))
        }
        14 => Step::Suspend(agent(random), random.once_in(3)),
        15 => {
            let is_paused = random.once_in(3);
            match random.between(0, 3) {
                0 => Step::Pause("TENANT", String::new(), is_paused),
                1 => Step::Pause(
                    "CHANNEL",
                    random.pick(&document.catalog).channel.clone(),
                    is_paused,
                ),
                _ => Step::Pause(
                    "KIND",
                    random.pick(&document.catalog).kind.clone(),
                    is_paused,
                ),
            }
        }
        16 => Step::Apply(Box::new(changed(random, document))),
        _ => Step::Wait(later(random, document, now)),
    }
}

fn agent(random: &mut Random) -> String {
    format!("agent-{}", random.between(1, 5))
}

/// A while, or the second before midnight, or the second after.
fn later(random: &mut Random, document: &Document, now: DateTime<Utc>) -> DateTime<Utc> {
    let zone: chrono_tz::Tz = document.time_zone.parse().unwrap();
    let midnight =
        super::model::calendar::begins(now.with_timezone(&zone).date_naive() + Days::new(1), zone);
    let later = match random.between(0, 7) {
        0 => now + TimeDelta::seconds(1),
        1 => now + TimeDelta::minutes(37),
        2 => now + TimeDelta::hours(5),
        3 => now + TimeDelta::days(random.between(1, 9)),
        4 => midnight,
        5 => midnight - TimeDelta::microseconds(1),
        6 => now + TimeDelta::hours(1),
        _ => midnight + TimeDelta::seconds(1),
    };
    later.max(now)
}

fn batch(random: &mut Random, past: &Past, now: DateTime<Utc>, batch_max: i64) -> Vec<Asked> {
    let mut batch: Vec<Asked> = Vec::new();
    for _ in 0..random.between(1, batch_max) {
        let next = if random.once_in(8) && !past.asked.is_empty() {
            let again = random.pick(&past.asked).clone();
            if random.once_in(4) {
                Asked {
                    amount: again.amount % 9_000 + 1,
                    ..again
                }
            } else {
                again
            }
        } else {
            asked(random, past, now)
        };
        if batch.iter().all(|other| other.id != next.id) {
            batch.push(next);
        }
    }
    batch
}

/// A wish. Sizes are such that limits fill up after a handful.
pub fn asked(random: &mut Random, past: &Past, now: DateTime<Utc>) -> Asked {
    let rarely = |random: &mut Random, odd: &str, usual: String| {
        if random.once_in(40) {
            odd.to_owned()
        } else {
            usual
        }
    };
    let usual_agent = agent(random);
    let usual_kind = format!("kind-{}", random.between(1, 4));
    let customer = format!("customer-{}", random.between(1, 4));
    Asked {
        id: random.uuid(),
        agent: rarely(random, "stranger", usual_agent),
        kind: rarely(random, "dragon", usual_kind),
        amount: match random.between(0, 9) {
            0 => random.between(1, 30_000),
            1 => 1_000_000_000_000,
            _ => random.between(200, 4_000),
        },
        currency: (*random.pick(&["EUR", "EUR", "EUR", "JPY", "KWD"])).into(),
        segment: maybe_name(random, "segment-"),
        case_id: (!random.once_in(6)).then(|| format!("case-{}", random.between(1, 3))),
        occasion: maybe_name(random, "occasion-"),
        budget: random.once_in(3).then(|| {
            (*random.pick(&["root", "north", "north-1", "south", "south", "east"])).to_owned()
        }),
        waived: if random.once_in(3) {
            vec![
                format!("policy-{}", random.between(1, 3)),
                rarely(random, "policy-9", "policy-2".into()),
            ]
        } else {
            Vec::new()
        },
        promise_by: random
            .once_in(4)
            .then(|| now + TimeDelta::minutes(random.between(-3, 600))),
        replaces: if random.once_in(15) && !past.asked.is_empty() {
            Some(random.pick(&past.asked).id)
        } else {
            None
        },
        customer,
        is_glass: false,
    }
}

fn maybe_name(random: &mut Random, prefix: &str) -> Option<String> {
    random.once_in(2).then(|| {
        let n = if random.once_in(30) {
            9
        } else {
            random.between(1, 2)
        };
        format!("{prefix}{n}")
    })
}

fn cancellations(random: &mut Random, past: &Past) -> Vec<Cancelled> {
    let mut batch: Vec<Cancelled> = Vec::new();
    for _ in 0..random.between(1, 6) {
        let asked = random.pick(&past.asked);
        let id = if random.once_in(20) {
            random.uuid()
        } else {
            asked.id
        };
        if batch.iter().all(|other| other.id != id) {
            batch.push(Cancelled {
                id,
                actor: if random.once_in(3) {
                    agent(random)
                } else {
                    asked.agent.clone()
                },
                etag: i32::try_from(random.between(1, 6).max(5) - 4).unwrap(),
            });
        }
    }
    batch
}
