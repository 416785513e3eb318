//! Every statement that reads gestures. Nothing here writes: gestures are written by the kernel (`admission`).

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::Gesture;
use super::list::{ListFilter, Position};
use crate::admission::{Decision, Outcome, Reason, SimilarGesture, Terms};
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::money::{Currency, Money};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// How far back `similar` looks, in days.
const SIMILAR_DAYS: i32 = 90;
/// How many `similar` names.
const SIMILAR_MAX: i32 = 10;

/// A gesture, but for its question and what is personal.
pub(super) struct Found {
    pub gesture: Gesture,
    /// Whether anybody was ever asked about it.
    pub has_approval: bool,
}

/// A gesture, the event that answered its terms, and its tenant's zone, as Postgres has them.
struct GestureRow {
    gesture_id: Uuid,
    state: String,
    etag: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    requested_by: String,
    kind: String,
    amount_minor: i64,
    currency: String,
    customer_id: String,
    segment: Option<String>,
    case_id: Option<String>,
    occasion: Option<String>,
    budget_id: String,
    waived: String,
    promise_by: Option<DateTime<Utc>>,
    replaces: Option<Uuid>,
    is_glass: bool,
    terms_digest: Vec<u8>,
    decided_state: String,
    decided_authority: Option<String>,
    decided_actor: String,
    decided_at: DateTime<Utc>,
    decided_version: i32,
    decided_facts: Option<Json<Facts>>,
    has_approval: bool,
    time_zone: String,
}

/// What the event of a refusal says.
#[derive(Deserialize)]
struct Facts {
    #[serde(default)]
    reasons: Vec<Reason>,
}

/// One text for every statement that reads gestures; the last two texts say which of them, and in which order.
macro_rules! gestures {
    ($name:literal, $which:literal, $rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            GestureRow,
            "-- gesture::" + $name + r#"
            select g.gesture_id, g.state, g.etag, g.created_at, g.updated_at, g.requested_by as "requested_by!",
                g.kind as "kind!", g.amount_minor as "amount_minor!", g.currency as "currency!",
                g.customer_id as "customer_id!", g.segment, g.case_id, g.occasion, g.budget_id as "budget_id!",
                g.waived, g.promise_by, g.replaces, g.is_glass, g.terms_digest as "terms_digest!",
                e.state as "decided_state!", e.authority as decided_authority, e.actor as "decided_actor!",
                e.at as "decided_at!", e.configuration_version as "decided_version!",
                e.facts as "decided_facts: Json<Facts>",
                exists (
                    select from largesse.approvals a
                    where a.tenant_id = g.tenant_id and a.gesture_id = g.gesture_id) as "has_approval!",
                t.time_zone
            from largesse.gestures g
            cross join lateral (
                select x.* from largesse.events x
                where x.tenant_id = g.tenant_id and x.gesture_id = g.gesture_id and x.seq = g.decision_seq
                union all
                select x.* from largesse.archived_events x
                where x.tenant_id = g.tenant_id and x.gesture_id = g.gesture_id and x.seq = g.decision_seq
                limit 1) e
            join largesse.tenants t on t.tenant_id = g.tenant_id
            where g.tenant_id = $1 and g.state <> 'TOMBSTONE' and "# + $which + $rest,
            $($argument),*
        )
    };
}

/// A page of a list. Each leading filter has a statement of its own, so that each is planned on its own index.
macro_rules! page {
    ($leading:literal, $tenant:expr, $value:expr, $filter:expr, $after:expr, $limit:expr) => {
        gestures!(
            "list",
            $leading,
            r#"
                and (cardinality($3::text[]) = 0 or g.state = any ($3))
                and ($4::timestamptz is null or g.created_at >= $4)
                and ($5::timestamptz is null or g.created_at < $5)
                and ($6::timestamptz is null or g.promise_by >= $6)
                and ($7::timestamptz is null or g.promise_by < $7)
                and ($8::timestamptz is null or (g.created_at, g.gesture_id) < ($8, $9::uuid))
                and ($11::text is null or g.customer_id = $11)
                and ($12::text is null or g.requested_by = $12)
            order by g.created_at desc, g.gesture_id desc
            limit $10"#,
            $tenant.0,
            $value,
            &$filter.states,
            $filter.created.0,
            $filter.created.1,
            $filter.promised.0,
            $filter.promised.1,
            $after.map(|after| after.created_at),
            $after.map(|after| after.id.0),
            $limit,
            $filter.customer.as_ref().map(CustomerId::as_str),
            $filter.agent.as_ref().map(AgentId::as_str),
        )
    };
}

/// The gestures with these ids, in no order.
pub(super) async fn by_ids(
    reading: &mut Reading,
    tenant: TenantId,
    ids: &[GestureId],
) -> Result<Vec<Found>, Problem> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = gestures!("by_ids", "g.gesture_id = any ($2)", "", tenant.0, &ids)
        .fetch_all(&mut **reading)
        .await?;
    rows.into_iter().map(found).collect()
}

/// Up to `limit` gestures that pass the filter, newest first, from `after` on. The most selective filter leads.
pub(super) async fn list(
    reading: &mut Reading,
    tenant: TenantId,
    filter: &ListFilter,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Found>, Problem> {
    let customer = filter.customer.as_ref().map(CustomerId::as_str);
    let agent = filter.agent.as_ref().map(AgentId::as_str);
    let rows = if let Some(case) = filter.case_id.as_deref() {
        page!("g.case_id = $2", tenant, case, filter, after, limit)
            .fetch_all(&mut **reading)
            .await
    } else if let Some(customer) = customer {
        page!("g.customer_id = $2", tenant, customer, filter, after, limit)
            .fetch_all(&mut **reading)
            .await
    } else if let Some(agent) = agent {
        page!("g.requested_by = $2", tenant, agent, filter, after, limit)
            .fetch_all(&mut **reading)
            .await
    } else {
        page!(
            "$2::text is null",
            tenant,
            None::<&str>,
            filter,
            after,
            limit
        )
        .fetch_all(&mut **reading)
        .await
    }?;
    rows.into_iter().map(found).collect()
}

/// The number of a gesture's last event; none: there is no such gesture.
pub(super) async fn seq(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
) -> Result<Option<i32>, Problem> {
    let mut reading = database.read(tenant).await?;
    let found = sqlx::query_scalar!(
        r#"-- gesture::seq
            select g.seq from largesse.gestures g
            where g.tenant_id = $1 and g.gesture_id = $2 and g.state <> 'TOMBSTONE'"#,
        tenant.0,
        id.0
    )
    .fetch_optional(&mut *reading)
    .await?;
    Ok(found)
}

/// What this customer or case was lately given by anybody or waits for, newest first, but for the gesture itself.
pub(super) async fn similar(
    database: &Database,
    tenant: TenantId,
    terms: &Terms,
    but_for: Option<GestureId>,
) -> Result<Vec<SimilarGesture>, Problem> {
    let (customer, case) = (terms.customer.as_str(), terms.case_id.as_deref());
    let mut reading = database.read(tenant).await?;
    let rows = sqlx::query_as!(
        SimilarGesture,
        r#"-- gesture::similar
            select s.gesture_id as "id!", s.kind as "kind!", s.amount_minor as "amount_minor!",
                s.currency as "currency!", s.state as "state!", s.requested_by as "requested_by!",
                s.created_at as "created_at!"
            from (
                (select g.* from largesse.gestures g
                 where g.tenant_id = $1 and g.customer_id = $2
                    and g.created_at > now() - make_interval(days => $5)
                    and g.state in ('APPROVED', 'PENDING_APPROVAL', 'RETURNED', 'CANCELLED')
                 order by g.created_at desc, g.gesture_id desc limit $6 + 1)
                union
                (select g.* from largesse.gestures g
                 where g.tenant_id = $1 and g.case_id = $3
                    and g.created_at > now() - make_interval(days => $5)
                    and g.state in ('APPROVED', 'PENDING_APPROVAL', 'RETURNED', 'CANCELLED')
                 order by g.created_at desc, g.gesture_id desc limit $6 + 1)
            ) s
            where s.gesture_id is distinct from $4
            order by s.created_at desc, s.gesture_id desc
            limit $6"#,
        tenant.0,
        customer,
        case,
        but_for.map(|id| id.0),
        SIMILAR_DAYS,
        SIMILAR_MAX,
    )
    .fetch_all(&mut *reading)
    .await?;
    Ok(rows)
}

/// The tenant's time zone.
pub(super) async fn time_zone(database: &Database, tenant: TenantId) -> Result<Tz, Problem> {
    let mut reading = database.read(tenant).await?;
    let name = sqlx::query_scalar!(
        r#"-- gesture::time_zone
            select t.time_zone from largesse.tenants t where t.tenant_id = $1"#,
        tenant.0
    )
    .fetch_one(&mut *reading)
    .await?;
    Ok(zone(&name))
}

/// Only words depend on it here: Postgres computes windows. What it knows and we do not is told in UTC.
fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

fn found(row: GestureRow) -> Result<Found, Problem> {
    Ok(Found {
        has_approval: row.has_approval,
        gesture: gesture(row)?,
    })
}

fn gesture(row: GestureRow) -> Result<Gesture, Problem> {
    let broken = |what| move || Problem::defect(what);
    let outcome = Outcome::of_state(&row.decided_state).ok_or_else(broken(
        "the event that answered a gesture's terms decides nothing",
    ))?;
    let is_approved = outcome == Outcome::Approved;
    let currency: Currency = row
        .currency
        .parse()
        .map_err(|_| Problem::defect("a stored currency is not known"))?;
    Ok(Gesture {
        id: GestureId(row.gesture_id),
        terms: Terms {
            kind: row.kind,
            amount: Money::new(row.amount_minor, currency)
                .map_err(|_| Problem::defect("a stored amount is no money"))?,
            customer: CustomerId::new(row.customer_id)
                .ok_or_else(broken("a stored customer is no id"))?,
            segment: row.segment,
            case_id: row.case_id,
            occasion: row.occasion,
            promise_by: row.promise_by,
            waived: row
                .waived
                .split(' ')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            budget: Some(row.budget_id),
            replaces: row.replaces.map(GestureId),
            is_glass: row.is_glass,
        },
        personal: None,
        approval: None,
        terms_digest: row.terms_digest,
        state: row.state,
        requested_by: AgentId::new(row.requested_by)
            .ok_or_else(broken("a stored agent is no id"))?,
        decision: Decision {
            outcome,
            decided_by: is_approved.then_some(row.decided_actor),
            authority: row.decided_authority.filter(|_| is_approved),
            decided_at: Some(row.decided_at),
            configuration_version: row.decided_version,
            reasons: row
                .decided_facts
                .map(|facts| facts.0.reasons)
                .unwrap_or_default(),
            similar: Vec::new(),
            approvers: Vec::new(),
        },
        etag: row.etag,
        created_at: row.created_at,
        updated_at: row.updated_at,
        zone: zone(&row.time_zone),
    })
}
