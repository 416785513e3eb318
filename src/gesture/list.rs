//! Lists of gestures: newest first, a page at a time, stable under inserts (see [`crate::paging`]).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Gesture, Gestures, Promise, store};
use crate::identity::Caller;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::problem::Problem;

/// Which gestures; unset fields do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Given to this customer.
    pub customer: Option<CustomerId>,
    /// Of this case.
    pub case_id: Option<String>,
    /// Asked by this agent.
    pub agent: Option<AgentId>,
    /// In one of these states; empty: in any.
    pub states: Vec<String>,
    /// With a promise of which this has become.
    pub promise: Option<Promise>,
    /// Promised for this range; the end is not part of it.
    pub promised: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Asked in this range; the end is not part of it.
    pub created: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

/// A page.
#[derive(Debug)]
pub struct ListPage {
    /// Newest first.
    pub gestures: Vec<Gesture>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub created_at: DateTime<Utc>,
    pub id: GestureId,
}

impl Gestures {
    /// A page of the gestures that pass the filter, newest first.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the token is of another list.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: ListFilter,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<ListPage, Problem> {
        let tenant = caller.tenant()?;
        let scope = scope(tenant, caller, &filter);
        let after = token
            .map(|token| {
                self.tokens
                    .read(&scope, token)
                    .and_then(|text| position(&text))
            })
            .transpose()?;
        // One more than asked tells whether there is another page.
        let mut reading = self.database.read(tenant).await?;
        let mut found = store::list(&mut reading, tenant, &filter, after, page_size + 1).await?;
        let has_more = found.len() as i64 > page_size;
        found.truncate(page_size as usize);
        let next = found.last().filter(|_| has_more).map(|last| {
            let at = last.gesture.created_at.timestamp_micros();
            self.tokens
                .sign(&scope, &format!("{at} {}", last.gesture.id))
        });
        Ok(ListPage {
            gestures: self.shown_to(caller, &mut reading, found).await?,
            next,
        })
    }
}

fn scope(tenant: TenantId, caller: &Caller, filter: &ListFilter) -> String {
    format!("gestures {tenant} {} {filter:?}", caller.subject)
}

fn position(text: &str) -> Result<Position, Problem> {
    let parse = || {
        let (at, id) = text.split_once(' ')?;
        let created_at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some(Position {
            created_at,
            id: GestureId(Uuid::parse_str(id).ok()?),
        })
    };
    parse().ok_or_else(|| Problem::defect("a page token that we signed cannot be read"))
}
