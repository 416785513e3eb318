//! Pages as they come, without an end.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{EventFilter, EventPage, Events, Position, Start};
use crate::identity::Caller;
use crate::ids::TenantId;
use crate::problem::Problem;

/// How many events a page has at most.
const PAGE_SIZE: i64 = 200;
/// After this time the reader has to show its credential again, and finds the replicas that there are by then.
const WATCHED_MAX: Duration = Duration::from_secs(10 * 60);

/// Somebody who follows. Nothing is read but when [`Watching::next`] is waited for: whoever does not ask costs nothing.
#[derive(Debug)]
pub struct Watching {
    events: Events,
    tenant: TenantId,
    filter: EventFilter,
    at: Position,
    /// Whether nothing has been told yet.
    is_new: bool,
    /// Whether there was nothing more when it was last looked.
    is_end: bool,
    last_batch: watch::Receiver<i64>,
    ends_at: Instant,
}

impl Events {
    /// Events as they happen.
    ///
    /// # Errors
    /// As [`Events::list`].
    pub async fn watch(
        &self,
        caller: &Caller,
        start: &Start,
        filter: EventFilter,
    ) -> Result<Watching, Problem> {
        let tenant = caller.tenant()?;
        Ok(Watching {
            at: self.position(tenant, start).await?,
            last_batch: self.pulse.of(tenant),
            events: self.clone(),
            tenant,
            filter,
            is_new: true,
            is_end: false,
            ends_at: Instant::now() + WATCHED_MAX,
        })
    }
}

impl Watching {
    /// The next page, when there is one: the first at once, and every other with something new in it, if only how far was
    /// looked. None: it is time to begin again.
    ///
    /// # Errors
    /// Those of the database; the reader goes on from its last cursor.
    pub async fn next(&mut self) -> Result<Option<EventPage>, Problem> {
        loop {
            if self.is_end && !self.has_grown().await {
                return Ok(None);
            }
            if Instant::now() >= self.ends_at {
                return Ok(None);
            }
            let page = self.page().await?;
            self.is_end = page.is_end;
            if self.is_new || page.next > self.at {
                self.is_new = false;
                self.at = page.next;
                return Ok(Some(page));
            }
        }
    }

    /// What comes next. Read on a task of its own: the transport stops polling us in the middle of it when the reader has no
    /// room, and the connection that we had borrowed would be held for as long as that lasts.
    async fn page(&self) -> Result<EventPage, Problem> {
        let (events, filter) = (self.events.clone(), self.filter.clone());
        let (tenant, at) = (self.tenant, self.at);
        let reading = tokio::spawn(async move {
            let page = events.page(tenant, at, &filter, PAGE_SIZE);
            events.database.in_time(page).await
        });
        let page = reading.await;
        page.unwrap_or_else(|_| {
            Err(Problem::defect(
                "a page of the trail was not read to its end",
            ))
        })
    }

    /// Waits until the trail has come further than we have. False: it is time to begin again.
    async fn has_grown(&mut self) -> bool {
        let at = self.at.batch;
        let grown = self.last_batch.wait_for(|last| *last > at);
        tokio::select! {
            grown = grown => grown.is_ok(),
            () = tokio::time::sleep_until(self.ends_at) => false,
        }
    }

    /// Whose trail.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}
