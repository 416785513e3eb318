//! Every statement that reads gestures. Nothing here writes: gestures are written by the kernel (`admission`).

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::list::{ListFilter, Position};
use super::{Fulfilment, Gesture, Promise};
use crate::admission::{Decision, Outcome, Reason, Terms};
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::money::{Currency, Money};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// A gesture, but for its question and what is personal.
pub(super) struct Found {
    pub gesture: Gesture,
    /// Whether anybody was ever asked about it.
    pub has_approval: bool,
    /// Whether something has happened to it since it was approved.
    pub may_have_outcomes: bool,
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
    seq: i32,
    promise: Option<String>,
    about: Option<Uuid>,
    actual_minor: Option<i64>,
    captured_minor: Option<i64>,
    channel: Option<String>,
    leased_by: Option<String>,
    tries: Option<i32>,
    failure: Option<String>,
    ready_at: Option<DateTime<Utc>>,
    order_ref: Option<String>,
    proof_ref: Option<String>,
    dispatched_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    rest_minor: Option<i64>,
}

/// What the event of a refusal says.
#[derive(Deserialize)]
struct Facts {
    #[serde(default)]
    reasons: Vec<Reason>,
}

/// Which gestures are on a page of a list. Each leading filter has a statement of its own, so that each is planned on its own
/// index.
macro_rules! page {
    ($leading:literal, $tenant:expr, $value:expr, $filter:expr, $after:expr, $limit:expr) => {
        sqlx::query_scalar!(
            r#"-- gesture::list
            select g.gesture_id
            from largesse.gestures g
            where g.tenant_id = $1 and g.state <> 'TOMBSTONE' and "#
                + $leading
                + r#"
                and (cardinality($3::text[]) = 0 or g.state = any ($3))
                and ($4::timestamptz is null or g.created_at >= $4)
                and ($5::timestamptz is null or g.created_at < $5)
                and ($6::timestamptz is null or g.promise_by >= $6)
                and ($7::timestamptz is null or g.promise_by < $7)
                and ($8::timestamptz is null or (g.created_at, g.gesture_id) < ($8, $9::uuid))
                and ($11::text is null or g.customer_id = $11)
                and ($12::text is null or g.requested_by = $12)
                and ($13::text is null or g.promise = $13)
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
            $filter.promise.map(Promise::name),
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
    let rows = sqlx::query_as!(
        GestureRow,
        r#"-- gesture::by_ids
            select gesture_id as "gesture_id!", state as "state!", etag as "etag!", created_at as "created_at!",
                updated_at as "updated_at!", requested_by as "requested_by!", kind as "kind!",
                amount_minor as "amount_minor!", currency as "currency!", customer_id as "customer_id!", segment, case_id,
                occasion, budget_id as "budget_id!", waived as "waived!", promise_by, replaces, is_glass as "is_glass!",
                terms_digest as "terms_digest!", decided_state as "decided_state!", decided_authority,
                decided_actor as "decided_actor!", decided_at as "decided_at!", decided_version as "decided_version!",
                decided_facts as "decided_facts: Json<Facts>", has_approval as "has_approval!", time_zone as "time_zone!",
                seq as "seq!", promise, about, actual_minor, captured_minor, channel, leased_by, tries, failure, ready_at,
                order_ref, proof_ref, dispatched_at, delivered_at, rest_minor
            from largesse.gestures_of($1, $2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
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
    let gone_wrong = filter
        .promise
        .filter(|promise| promise.may_have_gone_wrong());
    let ids = if let Some(case) = filter.case_id.as_deref() {
        page!("g.case_id = $2", tenant, case, filter, after, limit)
            .fetch_all(&mut **reading)
            .await
            .map_err(|error| reading.failed(error))
    } else if let Some(customer) = customer {
        page!("g.customer_id = $2", tenant, customer, filter, after, limit)
            .fetch_all(&mut **reading)
            .await
            .map_err(|error| reading.failed(error))
    } else if let Some(agent) = agent {
        page!("g.requested_by = $2", tenant, agent, filter, after, limit)
            .fetch_all(&mut **reading)
            .await
            .map_err(|error| reading.failed(error))
    } else if let Some(promise) = gone_wrong.map(Promise::name) {
        page!(
            "g.promise = $2 and g.promise in ('AT_RISK', 'LATE', 'BROKEN')",
            tenant,
            promise,
            filter,
            after,
            limit
        )
        .fetch_all(&mut **reading)
        .await
        .map_err(|error| reading.failed(error))
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
        .map_err(|error| reading.failed(error))
    }?;
    let ids: Vec<GestureId> = ids.into_iter().map(GestureId).collect();
    let mut found = by_ids(reading, tenant, &ids).await?;
    found.sort_by_key(|found| Reverse((found.gesture.created_at, found.gesture.id)));
    Ok(found)
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
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found)
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
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(zone(&name))
}

/// Only words depend on it here: Postgres computes windows. What it knows and we do not is told in UTC.
fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

fn found(row: GestureRow) -> Result<Found, Problem> {
    Ok(Found {
        has_approval: row.has_approval,
        may_have_outcomes: row.channel.is_some() && row.seq > 1,
        gesture: gesture(row)?,
    })
}

fn gesture(row: GestureRow) -> Result<Gesture, Problem> {
    let broken = |what| move || Problem::defect(what);
    let outcome = Outcome::of_state(&row.decided_state).ok_or_else(broken(
        "the event that answered a gesture's terms decides nothing",
    ))?;
    let is_approved = outcome == Outcome::Approved;
    let promise = row
        .promise
        .as_deref()
        .map(|name| Promise::named(name).ok_or_else(broken("a stored promise is not known")))
        .transpose()?;
    let fulfilment = row.channel.map(|channel| Fulfilment {
        channel,
        fulfiller: row.leased_by,
        failed_tries: row.tries.unwrap_or_default(),
        last_failure: row.failure,
        next_try_at: row.ready_at,
        order: row.order_ref,
        proof: row.proof_ref,
        dispatched_at: row.dispatched_at,
        delivered_at: row.delivered_at,
        actual_minor: row.actual_minor,
        captured_minor: row.captured_minor,
        in_question_minor: row.rest_minor,
    });
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
        promise,
        fulfilment,
        outcomes: Vec::new(),
        about: row.about.map(GestureId),
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
