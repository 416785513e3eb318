//! Every statement of fulfilment that is not a report: leases, what there is to do, and the look at a promise.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::leasing::Wanted;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::money::{Currency, Money};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;
use crate::telemetry::traces;

/// A lease, given just now.
pub(super) struct Lease {
    pub id: GestureId,
    pub token: i32,
    pub until: DateTime<Utc>,
    pub failed_tries: i32,
    pub order: Option<String>,
}

/// What is to be done, but for what is personal.
pub(super) struct Work {
    pub kind: String,
    pub amount: Money,
    pub hold_minor: i64,
    pub customer: CustomerId,
    pub promise_by: Option<DateTime<Utc>>,
    pub recipient_fields: Vec<String>,
}

/// What `extend_lease` says.
pub(super) struct Extension {
    pub outcome: String,
    pub leased_until: Option<DateTime<Utc>>,
    pub state: Option<String>,
}

/// Leases up to so many tasks.
pub(super) async fn lease(
    database: &Database,
    tenant: TenantId,
    wanted: &Wanted,
    holder: &AgentId,
    count: i32,
) -> Result<Vec<Lease>, Problem> {
    let (channel, holder) = (wanted.channel.clone(), holder.as_str().to_owned());
    let lasting = seconds(wanted.lasting);
    let rows = database
        .write("lease", move |connection| {
            let (channel, holder) = (channel.clone(), holder.clone());
            Box::pin(async move {
                sqlx::query!(
                    r#"-- fulfilment::lease
                    select gesture_id as "gesture_id!", token as "token!", leased_until as "leased_until!",
                        tries as "tries!", order_ref
                    from largesse.lease($1, $2, $3, $4, $5)"#,
                    tenant.0,
                    channel,
                    holder,
                    count,
                    lasting,
                )
                .fetch_all(connection)
                .await
            })
        })
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Lease {
            id: GestureId(row.gesture_id),
            token: row.token,
            until: row.leased_until,
            failed_tries: row.tries,
            order: row.order_ref,
        })
        .collect())
}

/// Makes a lease last longer.
pub(super) async fn extend(
    database: &Database,
    tenant: TenantId,
    (task, token): (GestureId, i32),
    holder: &AgentId,
    lasting: Duration,
) -> Result<Extension, Problem> {
    let holder: Arc<str> = holder.as_str().into();
    let lasting = seconds(lasting);
    let row = database
        .write("extend_lease", move |connection| {
            let holder = holder.clone();
            Box::pin(async move {
                sqlx::query_as!(
                    Extension,
                    r#"-- fulfilment::extend
                    select outcome as "outcome!", leased_until, state
                    from largesse.extend_lease($1, $2, $3, $4, $5)"#,
                    tenant.0,
                    task.0,
                    token,
                    &*holder,
                    lasting,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(row)
}

/// How many tasks of a channel can be taken now, counted no further than `most`.
pub(super) async fn ready(
    database: &Database,
    tenant: TenantId,
    channel: &str,
    most: i32,
) -> Result<i32, Problem> {
    let mut reading = database.read(tenant).await?;
    let count = sqlx::query_scalar!(
        r#"-- fulfilment::ready
        select largesse.ready($1, $2, $3) as "count!""#,
        tenant.0,
        channel,
        most,
    )
    .fetch_one(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(count)
}

/// What there is to be done for these gestures.
pub(super) async fn works(
    reading: &mut Reading,
    tenant: TenantId,
    ids: &[GestureId],
) -> Result<HashMap<GestureId, Work>, Problem> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"-- fulfilment::works
        select g.gesture_id, g.kind as "kind!", g.amount_minor as "amount_minor!", g.hold_minor as "hold_minor!",
            g.currency as "currency!", g.customer_id as "customer_id!", g.promise_by,
            coalesce(i.recipient_fields, '{}') as "recipient_fields!"
        from largesse.gestures g
        left join largesse.catalog_items i
            on i.tenant_id = g.tenant_id and i.kind = g.kind and i.currency = g.currency
        where g.tenant_id = $1 and g.gesture_id = any ($2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    rows.into_iter()
        .map(|row| {
            let currency: Currency = row
                .currency
                .parse()
                .map_err(|_| Problem::defect("a stored currency is not known"))?;
            let work = Work {
                kind: row.kind,
                amount: Money::new(row.amount_minor, currency)
                    .map_err(|_| Problem::defect("a stored amount is no money"))?,
                hold_minor: row.hold_minor,
                customer: CustomerId::new(row.customer_id)
                    .ok_or_else(|| Problem::defect("a stored customer is no id"))?,
                promise_by: row.promise_by,
                recipient_fields: row.recipient_fields,
            };
            Ok((GestureId(row.gesture_id), work))
        })
        .collect()
}

/// Looks at a promise.
pub(super) async fn watch_promise(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
) -> Result<(), Problem> {
    database
        .write("watch_promise", move |connection| {
            Box::pin(async move {
                sqlx::query!(
                    r#"-- fulfilment::watch_promise
                    select largesse.watch_promise(largesse.traced($1, $3), $2)"#,
                    tenant.0,
                    id.0,
                    traces::here(),
                )
                .fetch_one(connection)
                .await
                .map(drop)
            })
        })
        .await?;
    Ok(())
}

/// Whole seconds; transport bounded them.
fn seconds(lasting: Duration) -> i32 {
    i32::try_from(lasting.as_secs()).unwrap_or(i32::MAX)
}
