//! Every statement of named consumers. What they set aside is listed with the events (`events::store`).

use super::{Consumer, Lease, LeaseWish, Refused};
use crate::identity::Caller;
use crate::ids::{GestureId, TenantId};
use crate::postgres::{Database, Failure, Reading};
use crate::problem::Problem;
use crate::trail::events::Position;

/// How many events that a consumer has not taken are counted.
const BEHIND_MAX: i64 = 100_000;
/// How many consumers are listed.
const CONSUMERS_MAX: i64 = 1000;

/// Where a consumer has come to; none: there is no such consumer.
pub(super) async fn position(
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
    .await
    .map_err(|error| reading.failed(error))?;
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
    .await
    .map_err(|error| reading.failed(error))?;
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
    .await
    .map_err(|error| reading.failed(error))?;
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

/// What came of a deletion.
pub(super) struct Deleted {
    pub outcome: String,
    pub set_aside: i64,
}

/// Forgets a consumer, in the name of whoever calls.
pub(super) async fn delete(
    database: &Database,
    tenant: TenantId,
    caller: &Caller,
    consumer: &str,
) -> Result<Deleted, Failure> {
    let (caller, consumer) = (caller.clone(), consumer.to_owned());
    let answer = database.write("delete_consumer", move |connection| {
        let (caller, consumer) = (caller.clone(), consumer.clone());
        Box::pin(async move {
            sqlx::query!(
                r#"-- trail::delete_consumer
                select outcome as "outcome!", set_aside_count as "set_aside_count!"
                from largesse.delete_consumer(largesse.traced($1, $6), $2, $3, $4, $5)"#,
                tenant.0,
                caller.subject.as_str(),
                caller.credential.id,
                caller.credential.via,
                consumer,
                caller.credential.trace,
            )
            .fetch_one(connection)
            .await
        })
    });
    let row = answer.await?;
    Ok(Deleted {
        outcome: row.outcome,
        set_aside: row.set_aside_count,
    })
}

/// Places as Postgres takes them.
fn columns(places: &[Position]) -> (Vec<i64>, Vec<i32>) {
    let pairs = places.iter().map(|place| (place.batch, place.ordinal));
    pairs.unzip()
}
