//! Every statement about timers.

use crate::ids::{GestureId, TenantId};
use crate::postgres::Database;
use crate::problem::Problem;

/// A timer that was claimed.
pub(super) struct Claimed {
    pub gesture: GestureId,
    pub purpose: String,
}

/// The tenants in which some timer is due. The one look that names no tenant.
pub(super) async fn due_tenants(database: &Database) -> Result<Vec<TenantId>, Problem> {
    let mut reading = database.read_global().await?;
    let found = sqlx::query_scalar!(
        r#"-- timers::due_tenants
        select t as "t!" from largesse.due_tenants() t"#
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found.into_iter().map(TenantId).collect())
}

/// Claims timers that are due, soonest first.
pub(super) async fn claim(
    database: &Database,
    tenant: TenantId,
    count_max: i32,
    for_s: i32,
) -> Result<Vec<Claimed>, Problem> {
    let claimed = database
        .write("claim_timers", move |connection| {
            Box::pin(async move {
                sqlx::query!(
                    r#"-- timers::claim
                    select gesture_id as "gesture_id!", purpose as "purpose!" from largesse.claim_timers($1, $2, $3)"#,
                    tenant.0,
                    count_max,
                    for_s,
                )
                .fetch_all(connection)
                .await
            })
        })
        .await?;
    let of_row = claimed.into_iter().map(|row| Claimed {
        gesture: GestureId(row.gesture_id),
        purpose: row.purpose,
    });
    Ok(of_row.collect())
}

/// How many seconds ago each of them was due, with its gesture and its purpose.
pub(super) async fn lateness(
    database: &Database,
    tenant: TenantId,
    claimed: &[Claimed],
) -> Result<Vec<(GestureId, String, f64)>, Problem> {
    let ids: Vec<_> = claimed.iter().map(|timer| timer.gesture.0).collect();
    let purposes: Vec<_> = claimed.iter().map(|timer| timer.purpose.clone()).collect();
    let mut reading = database.read(tenant).await?;
    let found = sqlx::query!(
        r#"-- timers::lateness
        select c.gesture_id as "gesture_id!", t.purpose as "purpose!", extract(epoch from clock_timestamp() - t.due_at)::float8 as "late_s!"
        from unnest($2::uuid[], $3::text[]) c (gesture_id, purpose)
        cross join lateral (
            select x.purpose, x.due_at
            from largesse.timers x
            where x.tenant_id = $1 and x.gesture_id = c.gesture_id and x.purpose = c.purpose
            limit 1) t"#,
        tenant.0,
        &ids,
        &purposes,
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found
        .into_iter()
        .map(|row| (GestureId(row.gesture_id), row.purpose, row.late_s.max(0.0)))
        .collect())
}
