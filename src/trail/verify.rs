//! Goes through everything a tenant has and recomputes it, with implementations that share nothing with the kernel.
//!
//! In this order, and the first difference ends it: each event's hash; the order, number and seal of each batch; the
//! states that a gesture went through; the hash of what is sealed; the head; each gesture against its last event; each
//! counter against the sum of the holds, and against its ceiling. One read transaction, rows streamed.

use std::collections::HashMap;
use std::fmt;

use futures_util::TryStreamExt;
use uuid::Uuid;

use super::counters::Sums;
use super::hash::{event_hash, first_head, seal, sha256};
use super::store;
use crate::gesture::state::{Event, State};
use crate::ids::TenantId;
use crate::postgres::Database;
use crate::problem::Problem;

/// What was looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Sealed batches.
    pub batches: u64,
    /// Events.
    pub events: u64,
    /// Gestures, tombstones among them.
    pub gestures: u64,
    /// Counters.
    pub counters: u64,
    /// The first difference; none: everything is as it was written.
    pub difference: Option<Difference>,
}

/// Where the stored and the recomputed part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which row.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Why the going through ended early.
enum Stop {
    Different(Difference),
    Failed(Problem),
}

impl<E: Into<Problem>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Recomputes a tenant's trail, states and counters.
///
/// # Errors
/// Those of the database; a difference is an answer, in the report.
pub async fn verify(database: &Database, tenant: TenantId) -> Result<Report, Problem> {
    let mut pass = Pass {
        report: Report::default(),
        lives: HashMap::new(),
        sums: Sums::default(),
    };
    match pass.run(database, tenant).await {
        Ok(()) => {}
        Err(Stop::Different(difference)) => pass.report.difference = Some(difference),
        Err(Stop::Failed(problem)) => return Err(problem),
    }
    Ok(pass.report)
}

/// Where a gesture stands: the number of its last event, the state that it led to, and the number of the last one that
/// changed the gesture itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Life {
    seq: i32,
    state: State,
    etag: i32,
}

/// One going through.
struct Pass {
    report: Report,
    /// What the events of each gesture seen so far come to.
    lives: HashMap<Uuid, Life>,
    sums: Sums,
}

impl Pass {
    async fn run(&mut self, database: &Database, tenant: TenantId) -> Result<(), Stop> {
        let mut reading = database.read(tenant).await?;
        store::without_time_limit(&mut reading).await?;
        self.trail(&mut reading, tenant).await?;
        self.gestures(&mut reading, tenant).await?;
        self.counters(&mut reading, tenant).await
    }

    /// Events in the order of the log, batch by batch.
    async fn trail(
        &mut self,
        reading: &mut sqlx::PgConnection,
        tenant: TenantId,
    ) -> Result<(), Stop> {
        let mut head = first_head();
        let mut open: Option<Batch> = None;
        {
            let mut rows = store::log(reading, tenant);
            while let Some(row) = rows.try_next().await? {
                if open
                    .as_ref()
                    .is_some_and(|batch| batch.number != row.batch_no)
                {
                    head = self.close(open.take(), head)?;
                }
                let batch = open.get_or_insert_with(|| Batch::new(&row));
                batch.follow(&row)?;
                self.event(&row)?;
            }
        }
        head = self.close(open.take(), head)?;
        let (number, stored) = store::head(reading, tenant).await?;
        let place = || "the tenant's head".to_owned();
        same(number == self.report.batches as i64, place, || {
            format!(
                "says batch {number}, and the log ends with {}",
                self.report.batches
            )
        })?;
        same(stored == head, place, || {
            "is not the seal of the last batch".into()
        })?;
        let loose = store::events_without_batch(reading, tenant).await?;
        same(
            loose == 0,
            || "the log".into(),
            || format!("{loose} events are in no sealed batch"),
        )
    }

    fn close(&mut self, batch: Option<Batch>, head: Vec<u8>) -> Result<Vec<u8>, Stop> {
        let Some(batch) = batch else { return Ok(head) };
        self.report.batches += 1;
        let place = || format!("batch {}", batch.number);
        same(batch.number == self.report.batches as i64, place, || {
            format!("stands where batch {} should", self.report.batches)
        })?;
        let sealed = seal(&head, &batch.hashes);
        same(batch.seal == sealed, place, || {
            "its seal is not that of its events".into()
        })?;
        Ok(sealed)
    }

    fn event(&mut self, row: &store::LogRow) -> Result<(), Stop> {
        self.report.events += 1;
        let place = || format!("batch {}, event {}", row.batch_no, row.ordinal);
        let event = row.event();
        same(event_hash(&event) == event.hash, place, || {
            "its hash is not that of its fields".into()
        })?;
        if let Some(sealed) = &row.sealed {
            same(Some(sha256(sealed)) == event.sealed_hash, place, || {
                "what is sealed with it is not what was sealed then".into()
            })?;
        }
        let (Some(gesture), Some(seq), Some(state)) = (event.gesture_id, event.seq, &event.state)
        else {
            return Ok(());
        };
        let state =
            State::named(state).ok_or_else(|| different(place(), "its state is not known"))?;
        let happened =
            Event::named(&row.r#type).ok_or_else(|| different(place(), "its type is not known"))?;
        let before = self.lives.get(&gesture).copied();
        let etag = match before {
            Some(life) if !happened.moves_the_etag() => life.etag,
            Some(_) | None => seq,
        };
        self.lives.insert(gesture, Life { seq, state, etag });
        same(seq == before.map_or(1, |life| life.seq + 1), place, || {
            "an event of its gesture is missing".into()
        })?;
        let was = before.map(|life| life.state);
        same(state.may_follow(was, happened), place, || {
            format!("{state:?} may not follow {was:?} by {happened:?}")
        })
    }

    async fn gestures(
        &mut self,
        reading: &mut sqlx::PgConnection,
        tenant: TenantId,
    ) -> Result<(), Stop> {
        let mut rows = store::gestures(reading, tenant);
        while let Some(row) = rows.try_next().await? {
            self.report.gestures += 1;
            let place = || format!("gesture {}", row.gesture_id);
            let state = State::named(&row.state)
                .ok_or_else(|| different(place(), "its state is not known"))?;
            let last = self.lives.remove(&row.gesture_id);
            let stored = Life {
                seq: row.seq,
                state,
                etag: row.etag,
            };
            same(last == Some(stored), place, || {
                "is not as its last event left it".into()
            })?;
            let charges = row
                .charges()
                .ok_or_else(|| different(place(), "its hold is not whole"))?;
            let captured = row.captured_minor.unwrap_or_default();
            self.sums
                .add(state, captured, charges)
                .ok_or_else(|| different(place(), "its rates lead beyond all bounds"))?;
        }
        match self.lives.keys().next() {
            Some(missing) => Err(different(
                format!("gesture {missing}"),
                "has events and no row",
            )),
            None => Ok(()),
        }
    }

    async fn counters(
        &mut self,
        reading: &mut sqlx::PgConnection,
        tenant: TenantId,
    ) -> Result<(), Stop> {
        let mut rows = store::counters(reading, tenant);
        while let Some(row) = rows.try_next().await? {
            self.report.counters += 1;
            let place = || {
                format!(
                    "counter of limit {} ({}), subject {:?}, window {}",
                    row.limit, row.name, row.subject, row.window
                )
            };
            let held = self
                .sums
                .take(&(row.limit, row.subject.clone(), row.window));
            same(held == row.used(), place, || {
                format!("says {:?}, and the holds say {held:?}", row.used())
            })?;
            same(row.is_within_ceiling(), place, || {
                "is above its ceiling".into()
            })?;
        }
        match self.sums.left_over() {
            Some((key, sum)) => Err(different(
                format!("counter {key:?}"),
                format!("is missing; the holds say {sum:?}"),
            )),
            None => Ok(()),
        }
    }
}

/// A batch while its events are read.
struct Batch {
    number: i64,
    seal: Vec<u8>,
    hashes: Vec<u8>,
    events: i32,
}

impl Batch {
    fn new(row: &store::LogRow) -> Self {
        Self {
            number: row.batch_no,
            seal: row.head.clone(),
            hashes: Vec::new(),
            events: 0,
        }
    }

    fn follow(&mut self, row: &store::LogRow) -> Result<(), Stop> {
        self.events += 1;
        self.hashes.extend_from_slice(&row.hash);
        same(
            row.ordinal == self.events,
            || format!("batch {}", self.number),
            || format!("its event {} is missing", self.events),
        )
    }
}

fn same(
    is_same: bool,
    place: impl FnOnce() -> String,
    what: impl FnOnce() -> String,
) -> Result<(), Stop> {
    if is_same {
        Ok(())
    } else {
        Err(different(place(), what()))
    }
}

fn different(place: String, what: impl Into<String>) -> Stop {
    Stop::Different(Difference {
        place,
        what: what.into(),
    })
}
