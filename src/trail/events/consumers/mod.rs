//! Named consumers: where they have come to, who is at them, and what they set aside.
//!
//! What they do with the events is theirs. The service keeps a place, lends the consumer to one program at a time, and keeps a
//! list of what could not be taken: enough for any host to go on with what another one began.

mod store;

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Event, Events, Position, ahead, known};
use crate::identity::Caller;
use crate::ids::{GestureId, TenantId};
use crate::postgres::Reading;
use crate::problem::{Problem, Wrong};

/// A named reader whose place the service keeps.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// Its name.
    pub name: String,
    /// Up to here everything was taken.
    pub position: Position,
    /// When it last went forward.
    pub acked_at: Option<DateTime<Utc>>,
    /// Batches that it has taken nothing of.
    pub batches_behind: i64,
    /// Events that it has not taken, counted up to a bound.
    pub events_behind: i64,
    /// How old the oldest of them is, in seconds.
    pub behind_for_s: Option<i64>,
    /// Who holds the lease.
    pub holder: Option<String>,
    /// Until when.
    pub leased_until: Option<DateTime<Utc>>,
    /// What last kept it from going on.
    pub failure: Option<String>,
    /// When that was.
    pub failed_at: Option<DateTime<Utc>>,
    /// How much it has set aside.
    pub set_aside: i64,
}

/// What is asked of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseWish {
    /// The consumer.
    pub consumer: String,
    /// Who asks.
    pub holder: String,
    /// The lease that is renewed or given back.
    pub lease: Option<i64>,
    /// For how long; nothing: it is given back.
    pub duration: Duration,
    /// What kept it from going on.
    pub failure: Option<String>,
    /// Whether a new consumer begins at the end.
    pub from_latest: bool,
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its number, and until when it holds; none: it was given back.
    pub held: Option<(i64, DateTime<Utc>)>,
    /// Where the consumer stands.
    pub position: Position,
    /// Whether what was set aside is to be brought again.
    pub is_retry_due: bool,
}

/// An event that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its own cursor.
    pub cursor: String,
    /// Why, in a word.
    pub why: String,
    /// How often it was brought.
    pub tries: i32,
}

/// An event that is set aside.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// The event.
    pub event: Event,
    /// Why.
    pub why: String,
    /// How often it was brought.
    pub tries: i32,
    /// When it was last set aside.
    pub at: DateTime<Utc>,
    /// Whether somebody asked that it be brought again.
    pub is_retry_due: bool,
}

/// A page of what is set aside.
#[derive(Debug)]
pub struct SetAsidePage {
    /// Oldest event first.
    pub items: Vec<SetAside>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

impl Events {
    /// A consumer has taken everything up to a cursor; where it now stands.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the cursor is none of this tenant's, [`Problem::ConsumerLeased`].
    pub async fn ack(
        &self,
        caller: &Caller,
        consumer: &str,
        cursor: &str,
        lease: Option<i64>,
    ) -> Result<Position, Problem> {
        let tenant = caller.tenant()?;
        let position = known(tenant, "cursor", cursor)?;
        let acked = store::ack(&self.database, tenant, consumer, position, lease).await?;
        match acked.outcome.as_str() {
            "ACKED" | "UNCHANGED" => Ok(acked.position),
            "AHEAD" => Err(ahead("cursor")),
            _ => Err(self.leased(tenant, consumer).await),
        }
    }

    /// Takes, renews or gives back a lease.
    ///
    /// # Errors
    /// [`Problem::ConsumerLeased`] where somebody else holds it, or has held it since.
    pub async fn lease(&self, caller: &Caller, wish: LeaseWish) -> Result<Lease, Problem> {
        let tenant = caller.tenant()?;
        let name = wish.consumer.clone();
        match store::lease(&self.database, tenant, wish).await? {
            Some(lease) => Ok(lease),
            None => Err(self.leased(tenant, &name).await),
        }
    }

    /// Every consumer with its lag, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn consumers(&self, caller: &Caller) -> Result<Vec<Consumer>, Problem> {
        let tenant = caller.tenant()?;
        let mut reading = self.database.read(tenant).await?;
        store::consumers(&mut reading, tenant).await
    }

    /// Keeps beside the consumer what it could not take.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where a cursor is none, [`Problem::ConsumerLeased`], [`Problem::ConsumerNotFound`].
    pub async fn set_aside(
        &self,
        caller: &Caller,
        consumer: &str,
        lease: Option<i64>,
        refused: Vec<Refused>,
    ) -> Result<(), Problem> {
        let tenant = caller.tenant()?;
        self.exists(tenant, consumer).await?;
        let place = |(number, one): (usize, &Refused)| {
            known(tenant, &format!("events[{number}].cursor"), &one.cursor)
        };
        let places = refused.iter().enumerate().map(place);
        let places = places.collect::<Result<Vec<_>, _>>()?;
        let set = store::set_aside(&self.database, tenant, consumer, lease, places, refused);
        match set.await?.as_str() {
            "SET_ASIDE" => Ok(()),
            "UNKNOWN" => Err(Problem::invalid(
                "events",
                Wrong::CursorUnknown,
                "each must be the own cursor of an event; those of pages are not",
            )),
            _ => Err(self.leased(tenant, consumer).await),
        }
    }

    /// A page of what a consumer set aside, oldest event first.
    ///
    /// # Errors
    /// [`Problem::ConsumerNotFound`]; [`Problem::Invalid`] where the token is of another list.
    pub async fn list_set_aside(
        &self,
        caller: &Caller,
        consumer: &str,
        gesture: Option<GestureId>,
        retry_due: bool,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<SetAsidePage, Problem> {
        let tenant = caller.tenant()?;
        self.exists(tenant, consumer).await?;
        let scope = format!("set aside {tenant} {consumer} {gesture:?} {retry_due}");
        let after = match token {
            None => Position::BEGINNING,
            Some(token) => {
                let cursor = self.tokens.read(&scope, token)?;
                known(tenant, "page_token", &cursor)?
            }
        };
        let mut reading = self.database.read(tenant).await?;
        // One more than asked tells whether there is another page.
        let which = (consumer, gesture, retry_due);
        let mut items =
            super::store::list_set_aside(&mut reading, tenant, which, after, page_size + 1).await?;
        let has_more = items.len() as i64 > page_size;
        items.truncate(page_size as usize);
        let last = items.last().filter(|_| has_more);
        let next = last.map(|last| {
            self.tokens
                .sign(&scope, &last.event.position.cursor(tenant))
        });
        Ok(SetAsidePage { items, next })
    }

    /// Asks that what was set aside be brought again; how many events that concerns.
    ///
    /// # Errors
    /// [`Problem::ConsumerNotFound`].
    pub async fn retry_set_aside(
        &self,
        caller: &Caller,
        consumer: &str,
        gesture: Option<GestureId>,
    ) -> Result<i64, Problem> {
        let tenant = caller.tenant()?;
        self.exists(tenant, consumer).await?;
        Ok(store::retry_set_aside(&self.database, tenant, consumer, gesture).await?)
    }

    /// What had been set aside was taken after all, or is given up.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where a cursor is none, [`Problem::ConsumerLeased`].
    pub async fn drop_set_aside(
        &self,
        caller: &Caller,
        consumer: &str,
        lease: Option<i64>,
        cursors: &[String],
    ) -> Result<(), Problem> {
        let tenant = caller.tenant()?;
        let place = |(number, cursor): (usize, &String)| {
            known(tenant, &format!("cursors[{number}]"), cursor)
        };
        let places = cursors.iter().enumerate().map(place);
        let places = places.collect::<Result<Vec<_>, _>>()?;
        match store::drop_set_aside(&self.database, tenant, consumer, lease, places).await? {
            true => Ok(()),
            false => Err(self.leased(tenant, consumer).await),
        }
    }

    /// Nobody follows under this name any more; how many events that it had set aside are given up with it.
    ///
    /// # Errors
    /// [`Problem::ConsumerNotFound`], [`Problem::ConsumerLeased`].
    pub async fn delete_consumer(&self, caller: &Caller, consumer: &str) -> Result<i64, Problem> {
        let tenant = caller.tenant()?;
        let deleted = store::delete(&self.database, tenant, caller, consumer).await?;
        match deleted.outcome.as_str() {
            "DELETED" => Ok(deleted.set_aside),
            "UNKNOWN" => Err(Problem::ConsumerNotFound(consumer.to_owned())),
            _ => Err(self.leased(tenant, consumer).await),
        }
    }

    async fn exists(&self, tenant: TenantId, consumer: &str) -> Result<(), Problem> {
        let mut reading = self.database.read(tenant).await?;
        place(&mut reading, tenant, consumer).await.map(drop)
    }

    /// Who is at it instead.
    async fn leased(&self, tenant: TenantId, consumer: &str) -> Problem {
        let holder = async {
            let mut reading = self.database.read(tenant).await?;
            store::holder(&mut reading, tenant, consumer).await
        };
        match holder.await {
            Ok(holder) => Problem::ConsumerLeased {
                consumer: consumer.to_owned(),
                holder,
            },
            Err(problem) => problem,
        }
    }
}

/// Where a consumer has come to.
pub(super) async fn place(
    reading: &mut Reading,
    tenant: TenantId,
    consumer: &str,
) -> Result<Position, Problem> {
    let kept = store::position(reading, tenant, consumer).await?;
    kept.ok_or_else(|| Problem::ConsumerNotFound(consumer.to_owned()))
}
