//! Every statement about configurations. They are written by `apply` and `put_agents` alone.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::diff::LimitIdentity;
use super::versions::AbandonedLimit;
use crate::identity::Caller;
use crate::ids::TenantId;
use crate::postgres::{Database, Failure};
use crate::problem::{Problem, Wrong};

/// A version as Postgres has it.
pub(super) struct VersionRow {
    pub version: i32,
    pub document: Value,
    pub applied_by: String,
    pub applied_at: DateTime<Utc>,
    pub is_in_force: bool,
}

/// A version; none named: the one in force.
pub(super) async fn version(
    database: &Database,
    tenant: TenantId,
    number: Option<i32>,
) -> Result<Option<VersionRow>, Problem> {
    let mut reading = database.read(tenant).await?;
    let row = sqlx::query_as!(
        VersionRow,
        r#"-- configuration::version
            select c.version, c.document, c.applied_by, c.applied_at,
                c.version = t.configuration_version as "is_in_force!"
            from largesse.tenants t
            join largesse.configurations c
                on c.tenant_id = t.tenant_id and c.version = coalesce($2, t.configuration_version)
            where t.tenant_id = $1"#,
        tenant.0,
        number
    )
    .fetch_optional(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(row)
}

/// The roster in force, in the shape of the document's section.
pub(super) async fn roster(database: &Database, tenant: TenantId) -> Result<Value, Problem> {
    let mut reading = database.read(tenant).await?;
    let agents = sqlx::query_scalar!(
            r#"-- configuration::roster
            select coalesce(jsonb_agg(jsonb_build_object(
                'id', a.agent_id, 'type', a.type, 'person', nullif(a.person_id, a.agent_id), 'level', a.level,
                'manager', a.manager_id, 'budget', a.budget_id, 'own_customers', a.own_customer_ids,
                'overrides', a.overrides) order by a.agent_id), '[]') as "agents!"
            from largesse.agents a
            where a.tenant_id = $1 and a.is_listed"#,
            tenant.0
        )
        .fetch_one(&mut *reading)
        .await
        .map_err(|error| reading.failed(error))?;
    Ok(agents)
}

/// Of these limits, those with counters in use in windows that have not ended.
pub(super) async fn counters_in_use(
    database: &Database,
    tenant: TenantId,
    limits: Vec<LimitIdentity>,
) -> Result<Vec<AbandonedLimit>, Problem> {
    let names: Vec<String> = limits.iter().map(|limit| limit.name.clone()).collect();
    let subjects: Vec<String> = limits
        .iter()
        .map(|limit| limit.subject.word().to_owned())
        .collect();
    let spans: Vec<String> = limits
        .iter()
        .map(|limit| limit.window.word().to_owned())
        .collect();
    let currencies: Vec<String> = limits
        .iter()
        .map(|limit| limit.currency.to_string())
        .collect();
    let mut reading = database.read(tenant).await?;
    let rows = sqlx::query!(
            r#"-- configuration::counters_in_use
            select q.ord as "ord!", count(*) as "counter_count!",
                least(sum(k.held_minor + k.captured_minor), 9223372036854775807)::bigint as "used_minor!"
            from unnest($2::text[], $3::text[], $4::text[], $5::text[])
                with ordinality q (name, subject, span, currency, ord)
            join largesse.limits l on l.tenant_id = $1 and l.name = q.name and l.subject = q.subject
                and l.span = q.span and l.currency = q.currency
            join largesse.counters k on k.tenant_id = $1 and k.limit_id = l.limit_id
            join largesse.tenants t on t.tenant_id = $1
            where (k.held_minor + k.captured_minor > 0 or k.used_count > 0)
                and (q.span = 'EVER' or k.window_on + (case q.span when 'DAY' then interval '1 day'
                    when 'WEEK' then interval '7 days' when 'MONTH' then interval '1 month'
                    when 'QUARTER' then interval '3 months' else interval '1 year' end)
                    > clock_timestamp() at time zone t.time_zone)
            group by q.ord
            order by q.ord"#,
            tenant.0,
            &names,
            &subjects,
            &spans,
            &currencies,
        )
        .fetch_all(&mut *reading)
        .await
        .map_err(|error| reading.failed(error))?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let place = usize::try_from(row.ord).ok()?.checked_sub(1)?;
            let limit = limits.get(place)?.clone();
            Some(AbandonedLimit {
                limit,
                counter_count: row.counter_count,
                used_minor: row.used_minor,
            })
        })
        .collect())
}

/// Puts a document in force.
pub(super) async fn apply(
    database: &Database,
    caller: &Caller,
    expected_version: i32,
    document: Value,
    source: String,
) -> Result<(TenantId, i32), Problem> {
    let (known, caller, fresh) = (caller.tenant, caller.clone(), Uuid::now_v7());
    let answer = database
        .write("apply", move |connection| {
            let (caller, document, source) = (caller.clone(), document.clone(), source.clone());
            Box::pin(async move {
                sqlx::query!(
                    r#"-- configuration::apply
                    select tenant_id as "tenant_id!", version as "version!"
                    from largesse.apply($1, largesse.traced($2, $9), $3, $4, $5, $6, $7, $8)"#,
                    caller.tenant_name,
                    fresh,
                    caller.subject.as_str(),
                    caller.credential.id,
                    caller.credential.via,
                    expected_version,
                    document,
                    source,
                    caller.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await;
    match answer {
        Ok(answer) => Ok((TenantId(answer.tenant_id), answer.version)),
        Err(failure) if is_stale(&failure) => Err(stale(database, known, expected_version).await),
        Err(failure) => Err(refusal("document", failure)),
    }
}

/// Puts agents on the roster.
pub(super) async fn put_agents(
    database: &Database,
    tenant: TenantId,
    caller: &Caller,
    expected_version: Option<i32>,
    agents: Value,
) -> Result<i32, Problem> {
    let caller = caller.clone();
    let answer = database
        .write("put_agents", move |connection| {
            let (caller, agents) = (caller.clone(), agents.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- configuration::put_agents
                    select largesse.put_agents(largesse.traced($1, $7), $2, $3, $4, $5, $6) as "version!""#,
                    tenant.0,
                    caller.subject.as_str(),
                    caller.credential.id,
                    caller.credential.via,
                    expected_version,
                    agents,
                    caller.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await;
    match answer {
        Err(failure) if is_stale(&failure) => {
            Err(stale(database, Some(tenant), expected_version.unwrap_or_default()).await)
        }
        other => other.map_err(|failure| refusal("agents", failure)),
    }
}

fn is_stale(failure: &Failure) -> bool {
    matches!(failure, Failure::Raised { code, .. } if code == "LG409")
}

/// Says which version is in force; where it cannot be read, the refusal stands without it.
async fn stale(database: &Database, tenant: Option<TenantId>, expected: i32) -> Problem {
    let in_force = match tenant {
        Some(tenant) => version(database, tenant, None).await.ok().flatten(),
        None => None,
    };
    Problem::VersionStale {
        expected,
        in_force: in_force.map(|row| row.version),
    }
}

/// What the functions raise, as problems: a rule is broken that our own check let pass, or there is no such tenant.
fn refusal(field: &str, failure: Failure) -> Problem {
    match failure {
        Failure::Raised { code, message } if code == "LG422" => {
            Problem::invalid(field, Wrong::DocumentMistake, message)
        }
        Failure::Raised { code, .. } if code == "LG404" => Problem::TenantUnknown,
        other => other.into(),
    }
}
