//! Moving aside what is too old to be followed, in small steps.
//!
//! The entrance `archive_events` decides what moves: the tenant's own events, and gestures that are over, whole. A step takes a
//! few milliseconds and no batch waits for it, so that it may run beside everything else, as often as one likes, at several
//! places at once.

use chrono::{DateTime, Utc};

use super::store;
use crate::ids::TenantId;
use crate::postgres::Database;
use crate::problem::{Problem, Wrong};

/// How many batches one step looks at.
const BATCHES: i32 = 200;

/// What was moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Archived {
    /// Up to this batch nobody follows the trail any more.
    pub batch: i64,
    /// How many events were moved now.
    pub events: i64,
}

/// Archives everything that is older than this and may go.
///
/// # Errors
/// [`Problem::Invalid`] where that is not old enough: nothing of the last 30 days moves.
pub async fn archive(
    database: &Database,
    tenant: TenantId,
    before: DateTime<Utc>,
) -> Result<Archived, Problem> {
    let mut archived = Archived::default();
    loop {
        let step = store::archive_step(database, tenant, before, BATCHES).await?;
        let step = step.ok_or_else(|| {
            Problem::invalid("older_than", Wrong::OutOfRange, "must be at least 30 days")
        })?;
        archived.batch = step.batch;
        archived.events += step.events;
        if step.is_done {
            return Ok(archived);
        }
    }
}
