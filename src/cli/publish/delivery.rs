//! Bringing events to a sink, those of a gesture one after the other.
//!
//! **Invariant:** an event is brought only when every earlier event of its gesture was taken. Once one is set aside, the later
//! ones go behind it, until it was taken after all. Gestures do not wait for each other, but for what is below the next
//! acknowledgement: an outage of the whole sink holds everything, as it must, and is waited for without an end. A sink that takes
//! others and not this one is not out: after a while the event counts as refused.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use tokio::time::Instant;

use super::backoff::Backoff;
use super::envelope::{Envelope, Envelopes};
use super::others::Others;
use super::sink::{Outcome, Sink, Why};
use super::told::Try;
use crate::cli::failure::Failure;
use crate::pb::{Event, RefusedEvent};

/// How much is borne.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// How often an event is brought that the sink refuses, before it is set aside.
    pub tries_max: u32,
    /// How long an event is brought for which nothing gets through, before it is asked whether others do.
    pub give_up_after: Duration,
    /// How many gestures at once.
    pub gestures_max: usize,
}

/// How events are brought.
pub(super) struct Delivery {
    sink: Sink,
    envelopes: Envelopes,
    patience: Patience,
    /// What last kept us from going on, until it is reported.
    noted: Mutex<Option<Why>>,
    /// Since when an event does not get through, by its id.
    failing: Mutex<HashMap<String, Instant>>,
    /// The cursors of what was brought ahead of its time, and taken.
    ahead: Mutex<HashSet<String>>,
    /// One at a time finds out whether the sink takes others.
    asking: tokio::sync::Mutex<()>,
}

/// What came of bringing some events, each in the place where it belongs.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// The cursors of what was taken.
    pub taken: Vec<String>,
    /// What is to be set aside.
    pub refused: Vec<RefusedEvent>,
    /// The gestures of which something is.
    pub blocked: Vec<String>,
}

/// The events of one gesture, or of the tenant, in order.
#[derive(Debug)]
pub(super) struct Life {
    /// The gesture; empty: the tenant.
    pub gesture_id: String,
    /// In order.
    pub events: Vec<Event>,
}

impl Delivery {
    pub(super) fn new(sink: Sink, patience: Patience) -> anyhow::Result<Self> {
        Ok(Self {
            sink,
            envelopes: Envelopes::new()?,
            patience,
            noted: Mutex::default(),
            failing: Mutex::default(),
            ahead: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// What last kept us from going on; told once.
    pub(super) fn take_note(&self) -> Option<Why> {
        locked(&self.noted).take()
    }

    /// Keeps a word until it is reported.
    pub(super) fn note(&self, why: Why) {
        *locked(&self.noted) = Some(why);
    }

    /// Brings events, several gestures at once. Those of gestures that are `blocked` are not brought.
    ///
    /// # Errors
    /// The sink wants nothing any more.
    pub(super) async fn bring(
        &self,
        events: Vec<Event>,
        blocked: &HashSet<String>,
        others: &Others<'_>,
    ) -> Result<Brought, Failure> {
        let give_up_after = self.patience.give_up_after;
        let lives = lives(events).into_iter().map(|life| async {
            if blocked.contains(&life.gesture_id) {
                Ok(Brought {
                    refused: life.events.iter().map(behind).collect(),
                    ..Brought::default()
                })
            } else {
                self.bring_life(life, give_up_after, others).await
            }
        });
        let mut brought = Brought::default();
        let mut running = stream::iter(lives).buffer_unordered(self.patience.gestures_max);
        while let Some(one) = running.try_next().await? {
            brought.taken.extend(one.taken);
            brought.refused.extend(one.refused);
            brought.blocked.extend(one.blocked);
        }
        Ok(brought)
    }

    /// Brings the events of one gesture, until one is refused.
    pub(super) async fn bring_life(
        &self,
        life: Life,
        give_up_after: Duration,
        others: &Others<'_>,
    ) -> Result<Brought, Failure> {
        let mut brought = Brought::default();
        for event in &life.events {
            if !brought.refused.is_empty() {
                brought.refused.push(behind(event));
                continue;
            }
            match self.bring_event(event, give_up_after, others).await? {
                None => brought.taken.push(event.cursor.clone()),
                Some(refused) => {
                    brought.refused.push(refused);
                    brought.blocked.push(life.gesture_id.clone());
                }
            }
        }
        Ok(brought)
    }

    /// Brings one event until it is taken, or refused often enough.
    async fn bring_event(
        &self,
        event: &Event,
        give_up_after: Duration,
        others: &Others<'_>,
    ) -> Result<Option<RefusedEvent>, Failure> {
        if locked(&self.ahead).remove(&event.cursor) {
            return Ok(None);
        }
        let envelope = self.envelopes.envelope(event)?;
        let (mut backoff, mut tries, mut refusals) = (Backoff::default(), 0, 0);
        loop {
            tries += 1;
            let (why, asked) = match self.bring_once(event, &envelope, tries).await {
                Outcome::Taken(noted) => {
                    if let Some(why) = noted {
                        self.note(why);
                        tracing::warn!(event = event.id, why = why.word(), "taken, but");
                    }
                    locked(&self.failing).remove(&event.id);
                    return Ok(None);
                }
                Outcome::Over(why) => return Err(self.over(why)),
                Outcome::Down(why, asked) => {
                    let is_held_against_it = self.fails_for(&event.id) >= give_up_after;
                    if is_held_against_it && self.takes_others(others).await? {
                        refusals += 1;
                    }
                    (why, asked)
                }
                Outcome::Refused(why) => {
                    refusals += 1;
                    (why, None)
                }
            };
            self.note(why);
            if refusals >= self.patience.tries_max {
                tracing::warn!(event = event.id, why = why.word(), tries, "set aside");
                locked(&self.failing).remove(&event.id);
                return Ok(Some(refused(event, why, tries)));
            }
            let wait = backoff.next(asked);
            tracing::warn!(
                event = event.id,
                why = why.word(),
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "not taken; it is brought again"
            );
            tokio::time::sleep(wait).await;
        }
    }

    /// Brings one event once, and tells what came of it.
    async fn bring_once(&self, event: &Event, envelope: &Envelope, attempt: u32) -> Outcome {
        let told = Try::begin(event, attempt);
        let traceparent = told.traceparent();
        let outcome = self.sink.bring(envelope, traceparent.as_deref()).await;
        told.end(&outcome);
        outcome
    }

    /// Whether the sink takes the next event of another gesture, now. What it takes is not brought again in its turn. False as
    /// well where nothing else waits: then nobody is held up.
    async fn takes_others(&self, others: &Others<'_>) -> Result<bool, Failure> {
        let _turn = self.asking.lock().await;
        let ahead = locked(&self.ahead).clone();
        for event in others.next(&ahead).await? {
            let envelope = self.envelopes.envelope(&event)?;
            match self.bring_once(&event, &envelope, 1).await {
                Outcome::Taken(_) => {
                    tracing::info!(event = event.id, "taken ahead of its time");
                    locked(&self.ahead).insert(event.cursor);
                    return Ok(true);
                }
                Outcome::Over(why) => return Err(self.over(why)),
                // Another such event, it may be; the next gesture's may be taken.
                Outcome::Down(..) | Outcome::Refused(_) => {}
            }
        }
        Ok(false)
    }

    /// For how long an event has not got through.
    fn fails_for(&self, event: &str) -> Duration {
        let mut failing = locked(&self.failing);
        let since = failing.entry(event.to_owned()).or_insert_with(Instant::now);
        since.elapsed()
    }

    fn over(&self, why: Why) -> Failure {
        self.note(why);
        anyhow::anyhow!(
            "{}: the sink wants no events any more. Its place is kept; start again once it does",
            why.word()
        )
        .into()
    }
}

/// Whoever panicked while holding it left something that is whole: each is written in one step.
fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Events by gesture, in the order of the first of each.
pub(super) fn lives(events: Vec<Event>) -> Vec<Life> {
    let mut lives: Vec<Life> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for event in events {
        let place = *places.entry(event.gesture_id.clone()).or_insert_with(|| {
            lives.push(Life {
                gesture_id: event.gesture_id.clone(),
                events: Vec::new(),
            });
            lives.len() - 1
        });
        lives[place].events.push(event);
    }
    lives
}

fn behind(event: &Event) -> RefusedEvent {
    refused(event, Why::Behind, 0)
}

fn refused(event: &Event, why: Why, tries: u32) -> RefusedEvent {
    RefusedEvent {
        cursor: event.cursor.clone(),
        why: why.word().into(),
        tries: tries.try_into().unwrap_or(i32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_parted_by_gesture_and_stay_in_order() {
        let event = |gesture: &str, seq| Event {
            gesture_id: gesture.into(),
            seq,
            ..Default::default()
        };
        let events = vec![event("a", 1), event("", 0), event("b", 1), event("a", 2)];
        let parted: Vec<(String, Vec<i32>)> = lives(events)
            .into_iter()
            .map(|life| (life.gesture_id, life.events.iter().map(|e| e.seq).collect()))
            .collect();
        let expected = [("a", vec![1, 2]), ("", vec![0]), ("b", vec![1])];
        assert_eq!(
            parted,
            expected.map(|(gesture, seqs)| (gesture.to_owned(), seqs))
        );
    }
}
