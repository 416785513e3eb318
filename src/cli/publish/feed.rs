//! From the trail to the sink, for days.
//!
//! ```text
//! take the consumer ─► what is set aside ─► pages: bring, set aside what is refused, acknowledge ─► …
//!        └── every five seconds: renew the lease, report what keeps us, learn what is to be brought again
//! ```
//!
//! What was taken and not yet acknowledged is brought again after a crash, under the same id: at least once. The lease keeps a
//! second publisher of the same name waiting, so that no event of a gesture overtakes an earlier one; whoever loses it stops at
//! once, and what it still wants to write comes too late by its number.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::Streaming;

use super::backoff::Backoff;
use super::delivery::{Brought, Delivery, lives};
use super::others::Others;
use super::service::{Service, Stop};
use crate::cli::failure::Failure;
use crate::cli::output::say;
use crate::pb::event_start::From as StartFrom;
use crate::pb::{
    AckEventsRequest, DropSetAsideRequest, Event, EventFilter, EventStart, LeaseConsumerRequest,
    LeaseConsumerResponse, ListEventsRequest, ListSetAsideRequest, SetAsideEvent,
    SetEventsAsideRequest, WatchEventsRequest, WatchEventsResponse,
};

/// For how long the consumer is taken. After a crash another publisher goes on no later than this.
const LEASE: Duration = Duration::from_secs(20);
/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// So long before the end of a lease that cannot be renewed we stop: our clock may run slower than the database's.
const STOP_BEFORE: Duration = Duration::from_secs(5);
/// How often whoever waits for the consumer looks whether it is free.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many events one call sets aside, drops or lists.
pub(super) const CALL_MAX: usize = 200;

/// What is read, and as whom.
pub(super) struct Wanted {
    /// The consumer's name.
    pub consumer: String,
    /// Who we are, for people to read.
    pub holder: String,
    /// Which events.
    pub filter: EventFilter,
    /// Whether a new consumer begins at the end.
    pub from_latest: bool,
    /// Whether to stop where there is nothing more.
    pub once: bool,
}

/// One publisher.
pub(super) struct Feed {
    service: Service,
    delivery: Delivery,
    wanted: Wanted,
    /// The lease, while we hold it.
    lease: Mutex<Option<String>>,
    /// Whether what was set aside is to be brought again.
    retry_due: watch::Sender<bool>,
}

impl Feed {
    pub(super) fn new(service: Service, delivery: Delivery, wanted: Wanted) -> Self {
        Self {
            service,
            delivery,
            wanted,
            lease: Mutex::default(),
            retry_due: watch::Sender::new(false),
        }
    }

    /// Publishes until somebody must help, or, where it is to be done once, until there is nothing more.
    ///
    /// # Errors
    /// Those that time does not mend. What can be tried again is.
    pub(super) async fn run(&self) -> Result<(), Failure> {
        let (mut backoff, mut told) = (Backoff::default(), String::new());
        loop {
            let begun = Instant::now();
            let (what, wait) = match self.session().await {
                Ok(()) => return Ok(()),
                Err(Stop::ForGood(failure)) => return Err(failure),
                Err(Stop::Leased(what)) => {
                    self.set_lease(None);
                    if self.wanted.once {
                        return Err(anyhow::anyhow!(what).into());
                    }
                    (what, LOOK_EVERY)
                }
                Err(Stop::ForNow(what)) => {
                    if begun.elapsed() > LEASE {
                        backoff = Backoff::default();
                    }
                    (what, backoff.next(None))
                }
            };
            // Said once: whoever waits for hours does not fill a log.
            if what != told {
                say(&format!("waiting: {what}"));
                told = what;
            }
            sleep(wait).await;
        }
    }

    /// Gives the consumer back, so that another publisher may go on at once. Where that fails the lease ends by itself.
    pub(super) async fn give_back(&self) {
        let Some(lease) = self.lease() else { return };
        if let Err(stop) = self.ask_for(Some(lease), Duration::ZERO).await {
            tracing::debug!(?stop, "the consumer was not given back");
        }
        self.set_lease(None);
    }

    async fn session(&self) -> Result<(), Stop> {
        let held_until = Instant::now() + LEASE;
        let taken = self.ask_for(self.lease(), LEASE).await?;
        self.set_lease(Some(taken.lease.clone()));
        self.retry_due.send_replace(taken.is_retry_due);
        tokio::select! {
            stop = self.renew(held_until) => Err(stop),
            done = self.publish(taken.cursor) => done,
        }
    }

    /// Renews the lease until that cannot be done.
    async fn renew(&self, mut held_until: Instant) -> Stop {
        loop {
            sleep(RENEW_EVERY).await;
            let asked_at = Instant::now();
            let asked = timeout_at(held_until - STOP_BEFORE, self.ask_for(self.lease(), LEASE));
            match asked.await {
                Ok(Ok(renewed)) => {
                    held_until = asked_at + LEASE;
                    self.retry_due.send_if_modified(|due| {
                        let is_new = renewed.is_retry_due && !*due;
                        *due |= renewed.is_retry_due;
                        is_new
                    });
                }
                // While there is time it is asked again.
                Ok(Err(Stop::ForNow(_))) => {}
                Ok(Err(stop)) => return stop,
                Err(_) => return Stop::ForNow("the lease could not be renewed in time".into()),
            }
        }
    }

    /// Takes the consumer, renews the lease, or gives it back; what keeps us from going on is reported with it.
    async fn ask_for(
        &self,
        lease: Option<String>,
        duration: Duration,
    ) -> Result<LeaseConsumerResponse, Stop> {
        let note = self.delivery.take_note();
        let request = LeaseConsumerRequest {
            consumer: self.wanted.consumer.clone(),
            holder: self.wanted.holder.clone(),
            lease: lease.unwrap_or_default(),
            duration: prost_types::Duration::try_from(duration).ok(),
            failure: note.map(|why| why.word().to_owned()).unwrap_or_default(),
            from_latest: self.wanted.from_latest,
        };
        let asked = async { Ok::<_, Stop>(self.service.events()?.lease_consumer(request).await?) };
        let answer = asked.await;
        if let (Err(_), Some(why)) = (&answer, note) {
            self.delivery.note(why);
        }
        Ok(answer?.into_inner())
    }

    /// Brings page after page.
    async fn publish(&self, mut cursor: String) -> Result<(), Stop> {
        let mut retry_due = self.retry_due.subscribe();
        let mut blocked: HashSet<String> = HashSet::new();
        blocked.extend(
            self.set_aside()
                .await?
                .into_iter()
                .map(|item| gesture_of(&item)),
        );
        let mut stream = None;
        loop {
            if *retry_due.borrow() {
                self.retry(&cursor, &mut blocked).await?;
            }
            let page = if self.wanted.once {
                self.list(&cursor).await?
            } else {
                tokio::select! {
                    page = self.watch(&mut stream, &cursor) => page?,
                    _ = retry_due.wait_for(|due| *due) => continue,
                }
            };
            if page.cursor != cursor {
                self.bring(page.events, &page.cursor, &mut blocked).await?;
                cursor = page.cursor;
            } else if self.wanted.once {
                return Ok(());
            }
        }
    }

    /// The next page, where there is one; else where we are.
    async fn list(&self, cursor: &str) -> Result<WatchEventsResponse, Stop> {
        let request = ListEventsRequest {
            start: start(cursor),
            filter: Some(self.wanted.filter.clone()),
            page_size: CALL_MAX.try_into().unwrap_or_default(),
        };
        let page = self
            .service
            .events()?
            .list_events(request)
            .await?
            .into_inner();
        Ok(WatchEventsResponse {
            events: page.events,
            cursor: page.next_cursor,
        })
    }

    /// The next message of the stream, which is opened where it is not. An end of it is no page: it is opened again.
    async fn watch(
        &self,
        stream: &mut Option<Streaming<WatchEventsResponse>>,
        cursor: &str,
    ) -> Result<WatchEventsResponse, Stop> {
        loop {
            let open = match stream {
                Some(open) => open,
                None => {
                    let request = WatchEventsRequest {
                        start: start(cursor),
                        filter: Some(self.wanted.filter.clone()),
                    };
                    let opened = self.service.event_streams()?.watch_events(request).await?;
                    stream.insert(opened.into_inner())
                }
            };
            match open.message().await {
                Ok(Some(page)) => return Ok(page),
                Ok(None) => *stream = None,
                Err(status) => {
                    *stream = None;
                    return Err(status.into());
                }
            }
        }
    }

    /// Brings a page, sets aside what is refused, and only then acknowledges all of it.
    async fn bring(
        &self,
        events: Vec<Event>,
        cursor: &str,
        blocked: &mut HashSet<String>,
    ) -> Result<(), Stop> {
        let here = events.iter().map(|event| event.gesture_id.clone());
        let others = self.others(cursor, here.chain(blocked.iter().cloned()).collect());
        let brought = self.delivery.bring(events, blocked, &others).await?;
        blocked.extend(brought.blocked.iter().cloned());
        self.settle(Brought {
            taken: Vec::new(),
            ..brought
        })
        .await?;
        let request = AckEventsRequest {
            consumer: self.wanted.consumer.clone(),
            cursor: cursor.to_owned(),
            lease: self.lease().unwrap_or_default(),
        };
        self.service.events()?.ack_events(request).await?;
        Ok(())
    }

    /// What comes after a cursor, but for gestures that are held.
    fn others<'a>(&'a self, cursor: &'a str, held: HashSet<String>) -> Others<'a> {
        Others {
            service: &self.service,
            filter: &self.wanted.filter,
            cursor,
            held,
        }
    }

    /// Brings again what somebody asked for: all that is set aside of each of these gestures, in order. With these there is no
    /// patience: they were given up before, and everything else waits.
    async fn retry(&self, cursor: &str, blocked: &mut HashSet<String>) -> Result<(), Stop> {
        let all = self.set_aside().await?;
        let due = all.iter().filter(|item| item.is_retry_due);
        let due: HashSet<String> = due.map(gesture_of).collect();
        let events = all.into_iter().filter_map(|item| item.event);
        let events = events.filter(|event| due.contains(&event.gesture_id));
        for life in lives(events.collect()) {
            let gesture = life.gesture_id.clone();
            let others = self.others(cursor, blocked.clone());
            let brought = self.delivery.bring_life(life, Duration::ZERO, &others);
            let brought = brought.await?;
            if brought.refused.is_empty() {
                blocked.remove(&gesture);
            }
            self.settle(brought).await?;
        }
        self.retry_due.send_replace(false);
        Ok(())
    }

    /// Writes down what is set aside now, and what is not any more.
    async fn settle(&self, brought: Brought) -> Result<(), Stop> {
        for refused in brought.refused.chunks(CALL_MAX) {
            let request = SetEventsAsideRequest {
                consumer: self.wanted.consumer.clone(),
                lease: self.lease().unwrap_or_default(),
                events: refused.to_vec(),
            };
            self.service.events()?.set_events_aside(request).await?;
        }
        for taken in brought.taken.chunks(CALL_MAX) {
            let request = DropSetAsideRequest {
                consumer: self.wanted.consumer.clone(),
                lease: self.lease().unwrap_or_default(),
                cursors: taken.to_vec(),
            };
            self.service.events()?.drop_set_aside(request).await?;
        }
        Ok(())
    }

    /// All that is set aside.
    async fn set_aside(&self) -> Result<Vec<SetAsideEvent>, Stop> {
        let mut request = ListSetAsideRequest {
            consumer: self.wanted.consumer.clone(),
            page_size: CALL_MAX.try_into().unwrap_or_default(),
            ..Default::default()
        };
        let mut all = Vec::new();
        loop {
            let page = self
                .service
                .events()?
                .list_set_aside(request.clone())
                .await?;
            let page = page.into_inner();
            all.extend(page.events);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return Ok(all);
            }
        }
    }

    fn lease(&self) -> Option<String> {
        // Whoever panicked while holding it left a lease, or none.
        let lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        lease.clone()
    }

    fn set_lease(&self, lease: Option<String>) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = lease;
    }
}

pub(super) fn start(cursor: &str) -> Option<EventStart> {
    let from = Some(StartFrom::Cursor(cursor.to_owned()));
    Some(EventStart { from })
}

fn gesture_of(item: &SetAsideEvent) -> String {
    let event = item.event.as_ref();
    event
        .map(|event| event.gesture_id.clone())
        .unwrap_or_default()
}
