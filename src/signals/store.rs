//! The statements whose answers become gauges.

use chrono::{DateTime, Utc};

use crate::ids::TenantId;
use crate::postgres::Database;
use crate::problem::Problem;

/// How long a queue is.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    pub kind: String,
    pub label: String,
    pub count: i64,
    pub oldest_s: Option<f64>,
}

/// Every queue of all tenants; none: another replica looks just now.
pub(super) async fn signals(database: &Database) -> Result<Vec<Signal>, Problem> {
    let mut reading = database.read_global().await?;
    let found = sqlx::query_as!(
        Signal,
        r#"-- signals::signals
        select kind as "kind!", label as "label!", count as "count!", oldest_s from largesse.signals()"#
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found)
}

/// The tenant that comes after this one.
pub(super) async fn next_tenant(
    database: &Database,
    after: Option<TenantId>,
) -> Result<Option<TenantId>, Problem> {
    let mut reading = database.read_global().await?;
    let found = sqlx::query_scalar!(
        r#"-- signals::next_tenant
        select n.tenant_id
        from largesse.tenant_names n
        order by coalesce(n.tenant_id <= $1, false), n.tenant_id
        limit 1"#,
        after.map(|tenant| tenant.0),
    )
    .fetch_optional(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found.map(TenantId))
}

/// What a tenant has that breaks invariants 1 to 4, by their number.
pub(super) async fn violations(
    database: &Database,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<Vec<(i32, i64)>, Problem> {
    let mut reading = database.read(tenant).await?;
    let found = sqlx::query!(
        r#"-- signals::violations
        select number as "number!", count as "count!" from largesse.violations($1, $2)"#,
        tenant.0,
        since,
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found
        .into_iter()
        .map(|row| (row.number, row.count))
        .collect())
}
