//! Every statement of following: the trail page by page, and what is kept for named consumers.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::consumers::{Consumer, Lease, LeaseWish, Refused, SetAside};
use super::{Event, EventFilter, Position};
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::postgres::{Database, Failure, Reading};
use crate::problem::Problem;

/// How many events that a consumer has not taken are counted.
const BEHIND_MAX: i64 = 100_000;
/// How many consumers are listed.
const CONSUMERS_MAX: i64 = 1000;

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
                t.kind as "kind?", t.facts::text as facts, t.terms_digest, m.is_meant as "is_meant!",
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
    .await?;
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

/// The number of the last batch.
pub(super) async fn head(reading: &mut Reading, tenant: TenantId) -> Result<i64, Problem> {
    let number = sqlx::query_scalar!(
        r#"-- trail::last_batch
        select h.batch_no from largesse.heads h where h.tenant_id = $1"#,
        tenant.0
    )
    .fetch_optional(&mut **reading)
    .await?;
    Ok(number.unwrap_or_default())
}

/// The same, in a transaction of its own.
pub(super) async fn last_batch(database: &Database, tenant: TenantId) -> Result<i64, Problem> {
    let mut reading = database.read(tenant).await?;
    head(&mut reading, tenant).await
}

/// Where a consumer has come to; none: there is no such consumer.
pub(super) async fn consumer_position(
    reading: &mut Reading,
    tenant: TenantId,
    consumer: &str,
) -> Result<Option<Position>, Problem> {
    let row = sqlx::query!(
        r#"-- trail::consumer_position
        select c.batch_no, c.ordinal from largesse.consumers c where c.tenant_id = $1 and c.consumer = $2"#,
        tenant.0,
        consumer
    )
    .fetch_optional(&mut **reading)
    .await?;
    Ok(row.map(|row| Position {
        batch: row.batch_no,
        ordinal: row.ordinal,
    }))
}

/// Who holds the lease of a consumer.
pub(super) async fn holder(
    reading: &mut Reading,
    tenant: TenantId,
    consumer: &str,
) -> Result<Option<String>, Problem> {
    let holder = sqlx::query_scalar!(
        r#"-- trail::holder
        select c.holder from largesse.consumers c where c.tenant_id = $1 and c.consumer = $2"#,
        tenant.0,
        consumer
    )
    .fetch_optional(&mut **reading)
    .await?;
    Ok(holder.flatten())
}

/// Every consumer, by name, with what lies between it and the end of the trail.
pub(super) async fn consumers(
    reading: &mut Reading,
    tenant: TenantId,
) -> Result<Vec<Consumer>, Problem> {
    let rows = sqlx::query!(
        r#"-- trail::consumers
        select c.consumer, c.batch_no, c.ordinal, c.acked_at, c.failure, c.failed_at,
            case when c.leased_until > now() then c.holder end as holder,
            case when c.leased_until > now() then c.leased_until end as leased_until,
            h.batch_no - least(c.batch_no, h.batch_no) as "batches_behind!", u.events as "events_behind!",
            extract(epoch from now() - u.oldest)::bigint as behind_for_s,
            (select count(*) from largesse.set_aside s
             where s.tenant_id = c.tenant_id and s.consumer = c.consumer) as "set_aside!"
        from largesse.consumers c
        join largesse.heads h on h.tenant_id = c.tenant_id
        cross join lateral (
            select count(*) as events, min(n.at) as oldest
            from (
                select b.at
                from largesse.batches b
                cross join lateral (
                    select x.ordinal
                    from largesse.events x
                    where x.tenant_id = b.tenant_id and x.batch_id = b.batch_id
                        and (b.batch_no > c.batch_no or x.ordinal > c.ordinal)
                    limit $2) e
                where b.tenant_id = c.tenant_id and b.batch_no >= c.batch_no
                order by b.batch_no
                limit $2) n) u
        where c.tenant_id = $1
        order by c.consumer
        limit $3"#,
        tenant.0,
        BEHIND_MAX,
        CONSUMERS_MAX
    )
    .fetch_all(&mut **reading)
    .await?;
    let consumers = rows.into_iter().map(|row| Consumer {
        name: row.consumer,
        position: Position {
            batch: row.batch_no,
            ordinal: row.ordinal,
        },
        acked_at: row.acked_at,
        batches_behind: row.batches_behind,
        events_behind: row.events_behind,
        behind_for_s: row.behind_for_s,
        holder: row.holder,
        leased_until: row.leased_until,
        failure: row.failure,
        failed_at: row.failed_at,
        set_aside: row.set_aside,
    });
    Ok(consumers.collect())
}

/// What came of an acknowledgement.
pub(super) struct Acked {
    pub outcome: String,
    pub position: Position,
}

/// A consumer has taken everything up to a place.
pub(super) async fn ack(
    database: &Database,
    tenant: TenantId,
    consumer: &str,
    position: Position,
    lease: Option<i64>,
) -> Result<Acked, Failure> {
    let consumer = consumer.to_owned();
    let answer = database.write("ack_events", move |connection| {
        let consumer = consumer.clone();
        Box::pin(async move {
            sqlx::query!(
                r#"-- trail::ack
                select outcome as "outcome!", batch_no as "batch_no!", ordinal as "ordinal!"
                from largesse.ack_events($1, $2, $3, $4, $5)"#,
                tenant.0,
                consumer,
                position.batch,
                position.ordinal,
                lease
            )
            .fetch_one(connection)
            .await
        })
    });
    let row = answer.await?;
    Ok(Acked {
        outcome: row.outcome,
        position: Position {
            batch: row.batch_no,
            ordinal: row.ordinal,
        },
    })
}

/// Takes, renews or gives back a lease; none: somebody else holds it, or has held it since.
pub(super) async fn lease(
    database: &Database,
    tenant: TenantId,
    wish: LeaseWish,
) -> Result<Option<Lease>, Failure> {
    let for_s = i32::try_from(wish.duration.as_secs()).unwrap_or(i32::MAX);
    let answer = database.write("lease_consumer", move |connection| {
        let wish = wish.clone();
        Box::pin(async move {
            sqlx::query!(
                r#"-- trail::lease
                select outcome as "outcome!", lease as "lease!", leased_until, batch_no as "batch_no!",
                    ordinal as "ordinal!", is_retry_due as "is_retry_due!"
                from largesse.lease_consumer($1, $2, $3, $4, $5, $6, $7)"#,
                tenant.0,
                wish.consumer,
                wish.holder,
                wish.lease,
                for_s,
                wish.from_latest,
                wish.failure
            )
            .fetch_one(connection)
            .await
        })
    });
    let row = answer.await?;
    let is_ours = row.outcome == "LEASED" || row.outcome == "GIVEN_BACK";
    Ok(is_ours.then_some(Lease {
        held: row.leased_until.map(|until| (row.lease, until)),
        position: Position {
            batch: row.batch_no,
            ordinal: row.ordinal,
        },
        is_retry_due: row.is_retry_due,
    }))
}

/// Sets events aside; the outcome.
pub(super) async fn set_aside(
    database: &Database,
    tenant: TenantId,
    consumer: &str,
    lease: Option<i64>,
    places: Vec<Position>,
    refused: Vec<Refused>,
) -> Result<String, Failure> {
    let consumer = consumer.to_owned();
    let answer = database.write("set_events_aside", move |connection| {
        let (batches, ordinals) = columns(&places);
        let why: Vec<String> = refused.iter().map(|one| one.why.clone()).collect();
        let tries: Vec<i32> = refused.iter().map(|one| one.tries).collect();
        let consumer = consumer.clone();
        Box::pin(async move {
            sqlx::query_scalar!(
                r#"-- trail::set_aside
                select largesse.set_events_aside($1, $2, $3, $4, $5, $6, $7) as "outcome!""#,
                tenant.0,
                consumer,
                lease,
                &batches,
                &ordinals,
                &why,
                &tries
            )
            .fetch_one(connection)
            .await
        })
    });
    answer.await
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
                    select x.*
                    from largesse.events x
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
    .await?;
    let items = rows.into_iter().map(|row| SetAside {
        why: row.why.clone(),
        tries: row.tries,
        at: row.set_aside_at.unwrap_or_default(),
        is_retry_due: row.is_to_be_retried,
        event: row.event(),
    });
    Ok(items.collect())
}

/// Asks that what was set aside be brought again; how much that is.
pub(super) async fn retry_set_aside(
    database: &Database,
    tenant: TenantId,
    consumer: &str,
    gesture: Option<GestureId>,
) -> Result<i64, Failure> {
    let consumer = consumer.to_owned();
    let answer = database.write("retry_set_aside", move |connection| {
        let consumer = consumer.clone();
        Box::pin(async move {
            sqlx::query_scalar!(
                r#"-- trail::retry_set_aside
                select largesse.retry_set_aside($1, $2, $3) as "count!""#,
                tenant.0,
                consumer,
                gesture.map(|gesture| gesture.0)
            )
            .fetch_one(connection)
            .await
        })
    });
    answer.await
}

/// Takes events from the list of what is set aside; false: somebody else holds the lease.
pub(super) async fn drop_set_aside(
    database: &Database,
    tenant: TenantId,
    consumer: &str,
    lease: Option<i64>,
    places: Vec<Position>,
) -> Result<bool, Failure> {
    let consumer = consumer.to_owned();
    let answer = database.write("drop_set_aside", move |connection| {
        let (batches, ordinals) = columns(&places);
        let consumer = consumer.clone();
        Box::pin(async move {
            sqlx::query_scalar!(
                r#"-- trail::drop_set_aside
                select largesse.drop_set_aside($1, $2, $3, $4, $5) as "outcome!""#,
                tenant.0,
                consumer,
                lease,
                &batches,
                &ordinals
            )
            .fetch_one(connection)
            .await
        })
    });
    Ok(answer.await? == "DROPPED")
}

/// Places as Postgres takes them.
fn columns(places: &[Position]) -> (Vec<i64>, Vec<i32>) {
    let pairs = places.iter().map(|place| (place.batch, place.ordinal));
    pairs.unzip()
}
