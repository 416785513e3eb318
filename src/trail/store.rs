//! Every statement that goes through the trail, and the one that archives it. Rows are streamed: a trail may be larger than
//! memory.

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::counters::{Charge, Use};
use super::hash::StoredEvent;
use crate::ids::{GestureId, TenantId};
use crate::postgres::{Database, Failure};
use crate::problem::Problem;

/// An event with its batch and what is sealed with it.
pub(super) struct LogRow {
    pub batch_no: i64,
    pub head: Vec<u8>,
    pub ordinal: i32,
    tenant_id: Uuid,
    gesture_id: Option<Uuid>,
    seq: Option<i32>,
    pub r#type: String,
    state: Option<String>,
    actor: String,
    authority: Option<String>,
    credential_id: Option<String>,
    via: Option<String>,
    session_role: String,
    session_address: String,
    at: DateTime<Utc>,
    configuration_version: Option<i32>,
    amount_minor: Option<i64>,
    terms_digest: Option<Vec<u8>>,
    sealed_hash: Option<Vec<u8>>,
    facts: Option<String>,
    pub hash: Vec<u8>,
    pub sealed: Option<Vec<u8>>,
}

impl LogRow {
    /// The event alone.
    pub(super) fn event(&self) -> StoredEvent {
        StoredEvent {
            tenant_id: self.tenant_id,
            gesture_id: self.gesture_id,
            seq: self.seq,
            r#type: self.r#type.clone(),
            state: self.state.clone(),
            actor: self.actor.clone(),
            authority: self.authority.clone(),
            credential_id: self.credential_id.clone(),
            via: self.via.clone(),
            session_role: self.session_role.clone(),
            session_address: self.session_address.clone(),
            at: self.at,
            configuration_version: self.configuration_version,
            amount_minor: self.amount_minor,
            terms_digest: self.terms_digest.clone(),
            sealed_hash: self.sealed_hash.clone(),
            facts: self.facts.clone(),
            hash: self.hash.clone(),
        }
    }
}

/// A gesture's standing and hold. The arrays of a hold are of one length; null: nothing was ever held.
pub(super) struct HoldRow {
    pub gesture_id: Uuid,
    pub state: String,
    pub seq: i32,
    pub etag: i32,
    limits: Option<Vec<i32>>,
    subjects: Option<Vec<String>>,
    windows: Option<Vec<Option<NaiveDate>>>,
    amounts: Option<Vec<i64>>,
    rates: Option<Vec<Option<Decimal>>>,
    pub captured_minor: Option<i64>,
}

impl HoldRow {
    /// What it charged, but for limits per gesture, which have no counter. None: the arrays do not match.
    pub(super) fn charges(&self) -> Option<Vec<Charge>> {
        let (Some(limits), Some(subjects), Some(windows), Some(amounts)) =
            (&self.limits, &self.subjects, &self.windows, &self.amounts)
        else {
            return Some(Vec::new());
        };
        let n = limits.len();
        let rates = self.rates.as_ref();
        let rate_count = rates.map_or(n, Vec::len);
        if [subjects.len(), windows.len(), amounts.len(), rate_count] != [n; 4] {
            return None;
        }
        let charge = |place: usize| {
            windows[place].map(|window| Charge {
                limit: limits[place],
                subject: subjects[place].clone(),
                window,
                amount: amounts[place],
                rate: rates.and_then(|rates| rates[place]),
            })
        };
        Some((0..n).filter_map(charge).collect())
    }
}

/// A counter.
pub(super) struct CounterRow {
    pub limit: i32,
    pub name: String,
    pub subject: String,
    pub window: NaiveDate,
    held_minor: i64,
    captured_minor: i64,
    used_count: i32,
    ceiling_minor: i64,
    ceiling_count: i32,
}

impl CounterRow {
    pub(super) fn used(&self) -> Use {
        Use {
            held: i128::from(self.held_minor),
            captured: i128::from(self.captured_minor),
            count: i64::from(self.used_count),
        }
    }

    pub(super) fn is_within_ceiling(&self) -> bool {
        let used = self.used();
        used.held + used.captured <= i128::from(self.ceiling_minor)
            && self.used_count <= self.ceiling_count
    }
}

/// The spans in which a gesture was requested, and in which the last thing happened to it that was not part of this trace.
pub(super) async fn steps(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
    but_for_trace: &str,
) -> Result<(Option<String>, Option<String>), Problem> {
    let mut reading = database.read(tenant).await?;
    let found = sqlx::query!(
        r#"-- trail::steps
        select first.trace as "requested?", last.trace as "last?"
        from (select $1::uuid as tenant_id, $2::uuid as gesture_id) t
        left join lateral (
            select e.trace from largesse.events e
            where e.tenant_id = t.tenant_id and e.gesture_id = t.gesture_id and e.seq = 1
                and substr(e.trace, 4, 32) <> $3
            limit 1) first on true
        left join lateral (
            select e.trace from largesse.events e
            where e.tenant_id = t.tenant_id and e.gesture_id = t.gesture_id and substr(e.trace, 4, 32) <> $3
            order by e.seq desc
            limit 1) last on true"#,
        tenant.0,
        id.0,
        but_for_trace,
    )
    .fetch_one(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok((found.requested, found.last))
}

/// What one step of archiving has done.
pub(super) struct Step {
    pub batch: i64,
    pub events: i64,
    pub is_done: bool,
}

/// One step of archiving; none: too young.
pub(super) async fn archive_step(
    database: &Database,
    tenant: TenantId,
    before: DateTime<Utc>,
    batches: i32,
) -> Result<Option<Step>, Failure> {
    let step = database.write("archive_events", move |connection| {
        Box::pin(async move {
            sqlx::query_as!(
                Step,
                r#"-- trail::archive_step
                select batch_no as "batch!", moved as "events!", is_done as "is_done!"
                from largesse.archive_events($1, $2, $3)"#,
                tenant.0,
                before,
                batches
            )
            .fetch_one(connection)
            .await
        })
    });
    match step.await {
        Ok(step) => Ok(Some(step)),
        Err(Failure::Raised { code, .. }) if code == "LG400" => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Going through everything takes as long as it takes.
pub(super) async fn without_time_limit(connection: &mut PgConnection) -> Result<(), Failure> {
    sqlx::query("set local statement_timeout = 0")
        .execute(&mut *connection)
        .await
        .map_err(Failure::of_reading)?;
    sqlx::query("set local idle_in_transaction_session_timeout = 0")
        .execute(connection)
        .await
        .map_err(Failure::of_reading)?;
    Ok(())
}

/// The log, in its order.
pub(super) fn log<'c>(
    connection: &'c mut PgConnection,
    tenant: TenantId,
) -> BoxStream<'c, Result<LogRow, Failure>> {
    sqlx::query_as!(
        LogRow,
        r#"-- trail::log
        select b.batch_no, b.head, e.ordinal as "ordinal!", e.tenant_id as "tenant_id!", e.gesture_id, e.seq, e.type as "type!",
            e.state, e.actor as "actor!", e.authority, e.credential_id, e.via, e.session_role as "session_role!",
            e.session_address as "session_address!", e.at as "at!", e.configuration_version, e.amount_minor,
            e.terms_digest, e.sealed_hash, e.facts::text as facts, e.hash as "hash!", p.sealed as "sealed?"
        from largesse.batches b
        join (select x.* from largesse.events x union all select x.* from largesse.archived_events x) e
            on e.tenant_id = b.tenant_id and e.batch_id = b.batch_id
        left join largesse.personal p on p.tenant_id = e.tenant_id and p.gesture_id = e.gesture_id and p.seq = e.seq
        where b.tenant_id = $1
        order by b.batch_no, e.ordinal"#,
        tenant.0
    )
    .fetch(connection)
    .map_err(Failure::of_reading)
    .boxed()
}

/// The number and the seal of the last batch.
pub(super) async fn head(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<(i64, Vec<u8>), Failure> {
    let row = sqlx::query!(
        r#"-- trail::head
        select h.batch_no, h.head from largesse.heads h where h.tenant_id = $1"#,
        tenant.0
    )
    .fetch_one(connection)
    .await
    .map_err(Failure::of_reading)?;
    Ok((row.batch_no, row.head))
}

/// Events that no sealed batch names.
pub(super) async fn events_without_batch(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<i64, Failure> {
    sqlx::query_scalar!(
        r#"-- trail::events_without_batch
        select count(*) as "count!"
        from (select x.* from largesse.events x union all select x.* from largesse.archived_events x) e
        where e.tenant_id = $1 and not exists (
            select from largesse.batches b where b.tenant_id = e.tenant_id and b.batch_id = e.batch_id)"#,
        tenant.0
    )
    .fetch_one(connection)
    .await
    .map_err(Failure::of_reading)
}

/// Every gesture, in the order of its id. EVER has no first day: the epoch of the proleptic calendar stands for it.
pub(super) fn gestures<'c>(
    connection: &'c mut PgConnection,
    tenant: TenantId,
) -> BoxStream<'c, Result<HoldRow, Failure>> {
    sqlx::query_as!(
        HoldRow,
        r#"-- trail::gestures
        select g.gesture_id, g.state, g.seq, g.etag, g.charged_limits as limits, g.charged_subjects as subjects,
            array(select case when isfinite(w) then w when w is not null then date '0001-01-01' end
                  from unnest(g.charged_windows) with ordinality x (w, n) order by n)
                as "windows: Vec<Option<NaiveDate>>",
            g.charged_minor as amounts, g.charged_rates as "rates: Vec<Option<Decimal>>", g.captured_minor
        from largesse.gestures g
        where g.tenant_id = $1
        order by g.gesture_id"#,
        tenant.0
    )
    .fetch(connection)
    .map_err(Failure::of_reading)
    .boxed()
}

/// Every counter.
pub(super) fn counters<'c>(
    connection: &'c mut PgConnection,
    tenant: TenantId,
) -> BoxStream<'c, Result<CounterRow, Failure>> {
    sqlx::query_as!(
        CounterRow,
        r#"-- trail::counters
        select k.limit_id as "limit", l.name, k.subject,
            case when isfinite(k.window_on) then k.window_on else date '0001-01-01' end as "window!",
            k.held_minor, k.captured_minor, k.used_count, k.ceiling_minor, k.ceiling_count
        from largesse.counters k
        join largesse.limits l on l.tenant_id = k.tenant_id and l.limit_id = k.limit_id
        where k.tenant_id = $1
        order by k.limit_id, k.subject, k.window_on"#,
        tenant.0
    )
    .fetch(connection)
    .map_err(Failure::of_reading)
    .boxed()
}
