//! What else waits for the sink.
//!
//! An event that the sink does not take holds everything behind it, as it must while the sink takes nothing. Whether it takes
//! nothing, or only not this event, is found out by bringing the next event of another gesture ahead of its time.

use std::collections::HashSet;

use super::feed::{CALL_MAX, start};
use super::service::Service;
use crate::cli::failure::Failure;
use crate::pb::{Event, EventFilter, ListEventsRequest};

/// How many gestures' next events are brought to a sink, to find out whether it takes any.
const GESTURES_MAX: usize = 8;
/// How many pages are looked through for them.
const PAGES_MAX: usize = 3;

/// The events after those that are being brought.
pub(super) struct Others<'a> {
    pub service: &'a Service,
    pub filter: &'a EventFilter,
    /// They come after this.
    pub cursor: &'a str,
    /// The gestures of which something is being brought, or set aside: the next event of these is not next.
    pub held: HashSet<String>,
}

impl Others<'_> {
    /// The next event of each of some gestures, in order; those `ahead` were brought already. Empty: nothing else waits, or
    /// the service does not say.
    ///
    /// # Errors
    /// No credential.
    pub(super) async fn next(&self, ahead: &HashSet<String>) -> Result<Vec<Event>, Failure> {
        let (mut seen, mut found) = (self.held.clone(), Vec::new());
        let mut cursor = self.cursor.to_owned();
        for _ in 0..PAGES_MAX {
            let request = ListEventsRequest {
                start: start(&cursor),
                filter: Some(self.filter.clone()),
                page_size: CALL_MAX.try_into().unwrap_or_default(),
            };
            let Ok(page) = self.service.events()?.list_events(request).await else {
                break;
            };
            let page = page.into_inner();
            let next = page.events.into_iter().filter(|event| {
                !ahead.contains(&event.cursor) && seen.insert(event.gesture_id.clone())
            });
            found.extend(next);
            if page.is_end || found.len() >= GESTURES_MAX {
                break;
            }
            cursor = page.next_cursor;
        }
        found.truncate(GESTURES_MAX);
        Ok(found)
    }
}
