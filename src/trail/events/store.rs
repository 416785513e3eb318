//! Every statement that reads events for those who follow: the trail page by page, and what a consumer set aside.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::consumers::SetAside;
use super::{Event, EventFilter, Position};
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// What was looked at for a page.
pub(super) struct LookedAt {
    /// Those that pass the filter, oldest first.
    pub events: Vec<Event>,
    /// How many were looked at.
    pub count: i64,
    /// The last of them.
    pub last: Option<Position>,
}

/// An event as Postgres has it.
struct EventRow {
    batch_no: i64,
    ordinal: i32,
    batch_id: Uuid,
    r#type: String,
    gesture_id: Option<Uuid>,
    seq: Option<i32>,
    state: Option<String>,
    actor: String,
    authority: Option<String>,
    at: DateTime<Utc>,
    configuration_version: Option<i32>,
    amount_minor: Option<i64>,
    currency: Option<String>,
    customer_id: Option<String>,
    case_id: Option<String>,
    kind: Option<String>,
    facts: Option<String>,
    terms_digest: Option<Vec<u8>>,
    trace: Option<String>,
    // of the list that it stands in
    is_meant: bool,
    looked_at: i64,
    why: String,
    tries: i32,
    set_aside_at: Option<DateTime<Utc>>,
    is_to_be_retried: bool,
}

impl EventRow {
    fn position(&self) -> Position {
        Position {
            batch: self.batch_no,
            ordinal: self.ordinal,
        }
    }

    fn event(self) -> Event {
        Event {
            position: self.position(),
            batch_id: self.batch_id,
            r#type: self.r#type,
            gesture_id: self.gesture_id,
            seq: self.seq,
            state: self.state,
            actor: self.actor,
            authority: self.authority,
            at: self.at,
            configuration_version: self.configuration_version,
            amount_minor: self.amount_minor,
            currency: self.currency,
            customer_id: self.customer_id,
            case_id: self.case_id,
            kind: self.kind,
            facts: self.facts,
            terms_digest: self.terms_digest,
            trace: self.trace,
        }
    }
}

/// One text for every statement that reads events: a list of events and what is kept with them there (`listed`), then the
/// columns of its gesture. The gesture is looked up row by row, so that no plan reads all of them.
macro_rules! events {
    ($name:literal, $listed:literal, $rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            EventRow,
            "-- trail::" + $name + r#"
            with listed as materialized ("# + $listed + r#"),
            told as materialized (
                select l.*, g.currency, g.customer_id, g.case_id, g.kind, g.requested_by
                from listed l
                left join lateral (
                    select x.currency, x.customer_id, x.case_id, x.kind, x.requested_by
                    from largesse.gestures x
                    where x.tenant_id = l.tenant_id and x.gesture_id = l.gesture_id
                    limit 1) g on true)
            select t.batch_no as "batch_no!", t.ordinal as "ordinal!", t.batch_id as "batch_id!", t.type as "type!",
                t.gesture_id, t.seq, t.state, t.actor as "actor!", t.authority, t.at as "at!", t.configuration_version,
                t.amount_minor, t.currency as "currency?", t.customer_id as "customer_id?", t.case_id as "case_id?",
                t.kind as "kind?", t.facts::text as facts, t.terms_digest, t.trace, m.is_meant as "is_meant!",
                m.looked_at as "looked_at!", t.why as "why!", t.tries as "tries!", t.set_aside_at,
                t.is_to_be_retried as "is_to_be_retried!"
            from told t"# + $rest,
            $($argument),*
        )
    };
}

/// The events after a place that pass the filter, of so many that are looked at. A batch is met by its number and its events
/// by its key, one after the other, and no batch is empty, so that the cost is that of what is looked at, on tables that were
/// never analysed too.
pub(super) async fn page(
    reading: &mut Reading,
    tenant: TenantId,
    after: Position,
    filter: &EventFilter,
    looked_at_max: i64,
) -> Result<LookedAt, Problem> {
    let rows = events!(
        "page",
        r#"
                select b.batch_no, e.*, ''::text as why, 0 as tries, null::timestamptz as set_aside_at,
                    false as is_to_be_retried
                from largesse.batches b
                cross join lateral (
                    select x.*
                    from largesse.events x
                    where x.tenant_id = b.tenant_id and x.batch_id = b.batch_id
                        and (b.batch_no > $2 or x.ordinal > $3)
                    order by x.ordinal
                    limit $4) e
                where b.tenant_id = $1 and b.batch_no between $2 and $2 + $4
                order by b.batch_no, e.ordinal
                limit $4"#,
        r#"
            cross join lateral (
                select coalesce((cardinality($5::text[]) = 0 or t.type = any ($5))
                        and ($6::text is null or t.customer_id = $6)
                        and ($7::text is null or t.case_id = $7)
                        and ($8::text is null or $8 in (t.actor, t.authority, t.requested_by)), false) as is_meant,
                    (select count(*) from told) as looked_at) m
            where m.is_meant or (t.batch_no, t.ordinal) = (
                select l.batch_no, l.ordinal from told l order by l.batch_no desc, l.ordinal desc limit 1)
            order by t.batch_no, t.ordinal"#,
        tenant.0,
        after.batch,
        after.ordinal,
        looked_at_max,
        &filter.types,
        filter.customer.as_ref().map(CustomerId::as_str),
        filter.case_id,
        filter.agent.as_ref().map(AgentId::as_str),
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(LookedAt {
        count: rows.last().map_or(0, |row| row.looked_at),
        last: rows.last().map(EventRow::position),
        events: rows
            .into_iter()
            .filter(|row| row.is_meant)
            .map(EventRow::event)
            .collect(),
    })
}

/// The events of a gesture, archived or not, oldest first.
pub(super) async fn of_gesture(
    reading: &mut Reading,
    tenant: TenantId,
    id: GestureId,
    limit: i64,
) -> Result<Vec<Event>, Problem> {
    let rows = events!(
        "of_gesture",
        r#"
                select b.batch_no, e.*, ''::text as why, 0 as tries, null::timestamptz as set_aside_at,
                    false as is_to_be_retried
                from (
                    select x.* from largesse.events x where x.tenant_id = $1 and x.gesture_id = $2
                    union all
                    select x.* from largesse.archived_events x where x.tenant_id = $1 and x.gesture_id = $2) e
                cross join lateral (
                    select y.batch_no from largesse.batches y
                    where y.tenant_id = e.tenant_id and y.batch_id = e.batch_id
                    limit 1) b
                order by e.seq
                limit $3"#,
        r#"
            cross join (select true as is_meant, 0::bigint as looked_at) m
            order by t.seq"#,
        tenant.0,
        id.0,
        limit,
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(rows.into_iter().map(EventRow::event).collect())
}

/// The numbers of a trail's first and last batches that can be followed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    /// The last batch that is archived; 0: none is.
    pub archived: i64,
    /// The last batch; 0: there is none.
    pub last: i64,
}

/// How far the trail goes, and how far it is archived.
pub(super) async fn bounds(reading: &mut Reading, tenant: TenantId) -> Result<Bounds, Problem> {
    let bounds = sqlx::query_as!(
        Bounds,
        r#"-- trail::bounds
        select coalesce(a.batch_no, 0) as "archived!", h.batch_no as last
        from largesse.heads h
        left join largesse.archives a on a.tenant_id = h.tenant_id
        where h.tenant_id = $1"#,
        tenant.0
    )
    .fetch_optional(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(bounds.unwrap_or_default())
}

/// Whether anything of a batch comes after a place in it, archived or not.
pub(super) async fn goes_on(
    reading: &mut Reading,
    tenant: TenantId,
    after: Position,
) -> Result<bool, Problem> {
    let goes_on = sqlx::query_scalar!(
        r#"-- trail::goes_on
        select exists (
            select from largesse.batches b
            cross join lateral (
                select x.ordinal from largesse.events x
                where x.tenant_id = b.tenant_id and x.batch_id = b.batch_id and x.ordinal > $3
                union all
                select x.ordinal from largesse.archived_events x
                where x.tenant_id = b.tenant_id and x.batch_id = b.batch_id and x.ordinal > $3) e
            where b.tenant_id = $1 and b.batch_no = $2) as "goes_on!""#,
        tenant.0,
        after.batch,
        after.ordinal
    )
    .fetch_one(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(goes_on)
}

/// The same, in a transaction of its own.
pub(super) async fn last_batch(database: &Database, tenant: TenantId) -> Result<i64, Problem> {
    let mut reading = database.read(tenant).await?;
    Ok(bounds(&mut reading, tenant).await?.last)
}

/// Up to `limit` events that a consumer set aside (the consumer, of which gesture, only what is to be retried), oldest first.
pub(super) async fn list_set_aside(
    reading: &mut Reading,
    tenant: TenantId,
    (consumer, gesture, retry_due): (&str, Option<GestureId>, bool),
    after: Position,
    limit: i64,
) -> Result<Vec<SetAside>, Problem> {
    let rows = events!(
        "list_set_aside",
        r#"
                select s.batch_no, e.*, s.why, s.tries, s.set_aside_at, s.is_to_be_retried
                from largesse.set_aside s
                join largesse.batches b on b.tenant_id = s.tenant_id and b.batch_no = s.batch_no
                cross join lateral (
                    select x.* from largesse.events x
                    where x.tenant_id = b.tenant_id and x.batch_id = b.batch_id and x.ordinal = s.ordinal
                    union all
                    select x.* from largesse.archived_events x
                    where x.tenant_id = b.tenant_id and x.batch_id = b.batch_id and x.ordinal = s.ordinal
                    limit 1) e
                where s.tenant_id = $1 and s.consumer = $2 and (s.batch_no, s.ordinal) > ($3, $4)
                    and ($5::uuid is null or s.gesture_id = $5)
                    and (not $6 or s.is_to_be_retried)
                order by s.batch_no, s.ordinal
                limit $7"#,
        r#"
            cross join (select true as is_meant, 0::bigint as looked_at) m
            order by t.batch_no, t.ordinal"#,
        tenant.0,
        consumer,
        after.batch,
        after.ordinal,
        gesture.map(|gesture| gesture.0),
        retry_due,
        limit,
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let items = rows.into_iter().map(|row| SetAside {
        why: row.why.clone(),
        tries: row.tries,
        at: row.set_aside_at.unwrap_or_default(),
        is_retry_due: row.is_to_be_retried,
        event: row.event(),
    });
    Ok(items.collect())
}
