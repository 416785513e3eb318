//! Following the trail: pages of it, waiting for more, and the places that the service keeps for named consumers.
//!
//! [`Events`] offers the use cases, named like the RPCs. The order is that of the commits ([`Position`]); a filter hides
//! events and never changes the order. Every page is read in a transaction of its own, which is over before anybody is told:
//! a reader who is slow holds no connection, no lock and no snapshot, and at most one page of memory.
//!
//! | file | what |
//! |---|---|
//! | [`cursor`] | places, and how they are written |
//! | `watch` | pages as they come |
//! | `pulse` | how it is noticed that there is more |
//! | `consumers` | acknowledging, leasing, setting aside |
//!
//! What is archived is not followed any more ([`crate::trail::archive()`]): a cursor from before is told where to begin.
//!
//! **Absent on purpose:** any sink, and any word of people. What is sealed is not even read here.

mod consumers;
pub mod cursor;
mod pulse;
mod store;
mod watch;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use consumers::{Consumer, Lease, LeaseWish, Refused, SetAside, SetAsidePage};
pub use cursor::Position;
pub use watch::Watching;

use self::pulse::Pulse;
use self::store::Bounds;
use crate::identity::Caller;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::paging::PageTokens;
use crate::postgres::{Database, Reading};
use crate::problem::{Problem, Wrong};

/// How many events are looked at for a page whose filter hides most of them.
const LOOKED_AT_MAX: i64 = 1000;
/// The most events of a gesture that are told.
const OF_A_GESTURE_MAX: i64 = 1000;
/// What a page may weigh, roughly, so that it is no large message: one event more than this always fits.
const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// What an event weighs beside its facts, roughly.
const EVENT_BYTES: usize = 600;

/// What happened, and where it stands in the trail.
#[derive(Debug, Clone)]
pub struct Event {
    /// Right after it.
    pub position: Position,
    /// The batch's id, which identifies the event together with its ordinal.
    pub batch_id: Uuid,
    /// What happened.
    pub r#type: String,
    /// The gesture, unless the event is the tenant's.
    pub gesture_id: Option<Uuid>,
    /// Its place in the gesture's life.
    pub seq: Option<i32>,
    /// The gesture's state from then on.
    pub state: Option<String>,
    /// Who did it.
    pub actor: String,
    /// In whose authority.
    pub authority: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Under which configuration.
    pub configuration_version: Option<i32>,
    /// Minor units, in the gesture's currency.
    pub amount_minor: Option<i64>,
    /// The gesture's currency.
    pub currency: Option<String>,
    /// The gesture's customer.
    pub customer_id: Option<String>,
    /// The gesture's case.
    pub case_id: Option<String>,
    /// The gesture's kind, as it is now.
    pub kind: Option<String>,
    /// JSON, as it is stored.
    pub facts: Option<String>,
    /// Of what was asked.
    pub terms_digest: Option<Vec<u8>>,
    /// The span in which it came about (W3C traceparent).
    pub trace: Option<String>,
}

impl Event {
    /// What identifies it.
    pub fn id(&self) -> String {
        format!("{}-{}", self.batch_id, self.position.ordinal)
    }

    fn weight(&self) -> usize {
        EVENT_BYTES + self.facts.as_ref().map_or(0, String::len)
    }
}

/// Where to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At the oldest event.
    Beginning,
    /// After what this cursor came with.
    Cursor(String),
    /// Where this consumer has come to.
    Consumer(String),
    /// With what happens next.
    Latest,
}

/// Which events; unset fields do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of one of these types; empty: of any.
    pub types: Vec<String>,
    /// Of gestures for this customer.
    pub customer: Option<CustomerId>,
    /// Of gestures of this case.
    pub case_id: Option<String>,
    /// In which this agent has a part.
    pub agent: Option<AgentId>,
}

/// A page of the trail.
#[derive(Debug, Clone)]
pub struct EventPage {
    /// Oldest first.
    pub events: Vec<Event>,
    /// Where to go on.
    pub next: Position,
    /// Whether this was all that there is at present.
    pub is_end: bool,
}

/// The use cases of following.
#[derive(Debug, Clone)]
pub struct Events {
    database: Database,
    tokens: PageTokens,
    pulse: Pulse,
}

impl Events {
    /// The use cases in this database. `tokens` signs the cursors of the lists that are not the trail.
    pub fn new(database: Database, tokens: PageTokens) -> Self {
        Self {
            pulse: Pulse::new(database.clone()),
            database,
            tokens,
        }
    }

    /// A page, oldest first.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the cursor is none of this tenant's, [`Problem::CursorTooOld`],
    /// [`Problem::ConsumerNotFound`].
    pub async fn list(
        &self,
        caller: &Caller,
        start: &Start,
        filter: &EventFilter,
        page_size: i64,
    ) -> Result<EventPage, Problem> {
        let tenant = caller.tenant()?;
        let after = self.position(tenant, start).await?;
        self.page(tenant, after, filter, page_size).await
    }

    /// Every event of a gesture, oldest first.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`].
    pub async fn of_gesture(&self, caller: &Caller, id: GestureId) -> Result<Vec<Event>, Problem> {
        let tenant = caller.tenant()?;
        let mut reading = self.database.read(tenant).await?;
        let events = store::of_gesture(&mut reading, tenant, id, OF_A_GESTURE_MAX).await?;
        if events.is_empty() {
            return Err(Problem::GestureNotFound(id));
        }
        Ok(events)
    }

    /// The place where a reader begins.
    async fn position(&self, tenant: TenantId, start: &Start) -> Result<Position, Problem> {
        let mut reading = self.database.read(tenant).await?;
        let Bounds { archived, last } = store::bounds(&mut reading, tenant).await?;
        match start {
            Start::Beginning => Ok(Position::end_of(archived)),
            Start::Latest => Ok(Position::end_of(last)),
            Start::Consumer(name) => consumers::place(&mut reading, tenant, name).await,
            Start::Cursor(cursor) => {
                known(tenant, "start.cursor", cursor)?.up_to(last, "start.cursor")
            }
        }
    }

    async fn page(
        &self,
        tenant: TenantId,
        after: Position,
        filter: &EventFilter,
        page_size: i64,
    ) -> Result<EventPage, Problem> {
        let looked_at_max = if *filter == EventFilter::default() {
            page_size
        } else {
            LOOKED_AT_MAX
        };
        let looked_at = {
            let mut reading = self.database.read(tenant).await?;
            is_kept(&mut reading, tenant, after).await?;
            store::page(&mut reading, tenant, after, filter, looked_at_max).await?
        };
        let mut page = EventPage {
            is_end: looked_at.count < looked_at_max,
            next: looked_at.last.unwrap_or(after),
            events: looked_at.events,
        };
        let fits = fitting(&page.events, page_size);
        if fits < page.events.len() {
            page.events.truncate(fits);
            page.next = page.events.last().map_or(after, |event| event.position);
            page.is_end = false;
        }
        Ok(page)
    }
}

/// Whether everything after a place can still be followed.
async fn is_kept(reading: &mut Reading, tenant: TenantId, after: Position) -> Result<(), Problem> {
    let archived = store::bounds(reading, tenant).await?.archived;
    let begin = Position::end_of(archived);
    let is_missing = after.batch < archived
        || after.batch == archived
            && after < begin
            && store::goes_on(reading, tenant, after).await?;
    if is_missing {
        return Err(Problem::CursorTooOld {
            begin: begin.cursor(tenant),
        });
    }
    Ok(())
}

/// How many events are a page: not too many, and not too heavy.
fn fitting(events: &[Event], page_size: i64) -> usize {
    let mut weight = 0;
    let light = events.iter().take_while(|event| {
        let fits = weight <= PAGE_BYTES_MAX;
        weight += event.weight();
        fits
    });
    let count_max = usize::try_from(page_size).unwrap_or(usize::MAX);
    light.take(count_max).count()
}

/// The place of a cursor.
fn known(tenant: TenantId, field: &str, cursor: &str) -> Result<Position, Problem> {
    Position::of_cursor(tenant, cursor).ok_or_else(|| {
        Problem::invalid(
            field,
            Wrong::CursorUnknown,
            "this is no cursor of this tenant's events; begin with the last one that you kept, or without one",
        )
    })
}

impl Position {
    /// The same place, where the trail has come so far.
    fn up_to(self, last_batch: i64, field: &str) -> Result<Self, Problem> {
        if self.batch <= last_batch {
            Ok(self)
        } else {
            Err(ahead(field))
        }
    }
}

/// A cursor from a future that this database does not know.
fn ahead(field: &str) -> Problem {
    Problem::invalid(
        field,
        Wrong::CursorUnknown,
        "the trail has not come so far: this cursor is of a database that had, before it was restored from a backup",
    )
}
