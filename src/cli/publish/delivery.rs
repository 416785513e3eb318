//! Bringing events to a sink, those of a gesture one after the other.
//!
//! **Invariant:** an event is brought only when every earlier event of its gesture was taken. Once one is set aside, the later
//! ones go behind it, until it was taken after all. Gestures do not wait for each other, but for what is below the next
//! acknowledgement: an outage of the whole sink holds everything, as it must, and is waited for without an end.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::backoff::Backoff;
use super::envelope::Envelopes;
use super::sink::{Outcome, Sink, Why};
use crate::cli::failure::Failure;
use crate::pb::{Event, RefusedEvent};

/// How events are brought.
pub(super) struct Delivery {
    sink: Sink,
    envelopes: Envelopes,
    /// How often an event is brought that the sink refuses, before it is set aside.
    tries_max: u32,
    /// How many gestures at once.
    gestures_max: usize,
    /// What last kept us from going on, until it is reported.
    noted: Mutex<Option<Why>>,
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
    pub(super) fn new(sink: Sink, tries_max: u32, gestures_max: usize) -> anyhow::Result<Self> {
        Ok(Self {
            sink,
            envelopes: Envelopes::new()?,
            tries_max,
            gestures_max,
            noted: Mutex::default(),
        })
    }

    /// What last kept us from going on; told once.
    pub(super) fn take_note(&self) -> Option<Why> {
        // Whoever panicked while holding it left a word, or none.
        self.noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Keeps a word until it is reported.
    pub(super) fn note(&self, why: Why) {
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    /// Brings events, several gestures at once. Those of gestures that are `blocked` are not brought.
    ///
    /// # Errors
    /// The sink wants nothing any more.
    pub(super) async fn bring(
        &self,
        events: Vec<Event>,
        blocked: &HashSet<String>,
    ) -> Result<Brought, Failure> {
        let lives = lives(events).into_iter().map(|life| async {
            if blocked.contains(&life.gesture_id) {
                Ok(Brought {
                    refused: life.events.iter().map(behind).collect(),
                    ..Brought::default()
                })
            } else {
                self.bring_life(life).await
            }
        });
        let mut brought = Brought::default();
        let mut running = stream::iter(lives).buffer_unordered(self.gestures_max);
        while let Some(one) = running.try_next().await? {
            brought.taken.extend(one.taken);
            brought.refused.extend(one.refused);
            brought.blocked.extend(one.blocked);
        }
        Ok(brought)
    }

    /// Brings the events of one gesture, until one is refused.
    pub(super) async fn bring_life(&self, life: Life) -> Result<Brought, Failure> {
        let mut brought = Brought::default();
        for event in &life.events {
            if !brought.refused.is_empty() {
                brought.refused.push(behind(event));
                continue;
            }
            match self.bring_event(event).await? {
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
    async fn bring_event(&self, event: &Event) -> Result<Option<RefusedEvent>, Failure> {
        let envelope = self.envelopes.envelope(event)?;
        let (mut backoff, mut tries) = (Backoff::default(), 0);
        loop {
            let (why, wait) = match self.sink.bring(&envelope).await {
                Outcome::Taken(noted) => {
                    if let Some(why) = noted {
                        self.note(why);
                        tracing::warn!(event = event.id, why = why.word(), "taken, but");
                    }
                    return Ok(None);
                }
                Outcome::Over(why) => {
                    self.note(why);
                    return Err(anyhow::anyhow!(
                        "{}: the sink wants no events any more. Its place is kept; start again once it does",
                        why.word()
                    )
                    .into());
                }
                Outcome::Down(why, asked) => (why, backoff.next(asked)),
                Outcome::Refused(why) => {
                    tries += 1;
                    if tries >= self.tries_max {
                        self.note(why);
                        tracing::warn!(event = event.id, why = why.word(), tries, "set aside");
                        return Ok(Some(refused(event, why, tries)));
                    }
                    (why, backoff.next(None))
                }
            };
            self.note(why);
            tracing::warn!(
                event = event.id,
                why = why.word(),
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "not taken; it is brought again"
            );
            tokio::time::sleep(wait).await;
        }
    }
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
