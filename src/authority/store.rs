//! Every statement about the roster, the catalog and what is left of authority.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Agent, CatalogItem, ItemAuthority, LimitUse, Override, PauseScope, RemainingQuestion};
use crate::identity::Caller;
use crate::ids::{AgentId, TenantId};
use crate::postgres::{Database, Failure};
use crate::problem::{Problem, Wrong};

/// The tenant of a name. The one look-up before a tenant is known.
pub(super) async fn tenant_named(
    database: &Database,
    name: &str,
) -> Result<Option<TenantId>, Problem> {
    let mut reading = database.read_global().await?;
    let found = sqlx::query_scalar!(
        r#"-- authority::tenant_named
            select n.tenant_id from largesse.tenant_names n where n.name = $1"#,
        name
    )
    .fetch_optional(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(found.map(TenantId))
}

/// The database's clock.
pub(super) async fn now(database: &Database) -> Result<DateTime<Utc>, Problem> {
    let mut reading = database.read_global().await?;
    let now = sqlx::query_scalar!(
        r#"-- authority::now
            select clock_timestamp() as "now!""#
    )
    .fetch_one(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(now)
}

/// An agent as Postgres has it.
struct AgentRow {
    agent_id: String,
    r#type: String,
    person_id: String,
    level: String,
    manager_id: Option<String>,
    budget_id: String,
    own_customer_ids: Vec<String>,
    overrides: Json<Vec<Override>>,
    is_active: bool,
}

impl From<AgentRow> for Agent {
    fn from(row: AgentRow) -> Self {
        Self {
            id: row.agent_id,
            kind: row.r#type,
            person: row.person_id,
            level: row.level,
            manager: row.manager_id,
            budget: row.budget_id,
            own_customers: row.own_customer_ids,
            overrides: row.overrides.0,
            is_suspended: !row.is_active,
        }
    }
}

/// One text for every statement that reads agents; the last part says which of them, and in which order. Overrides are
/// told with the currency of their limit.
macro_rules! agents {
    ($name:literal, $which:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            AgentRow,
            "-- authority::" + $name + r#"
            select a.agent_id, a.type, a.person_id, a.level, a.manager_id, a.budget_id, a.own_customer_ids,
                (select coalesce(jsonb_agg(o.value || jsonb_build_object('currency', l.currency)), '[]')
                 from jsonb_array_elements(a.overrides) o
                 left join largesse.limits l on l.tenant_id = a.tenant_id and l.name = o.value ->> 'limit'
                    and not l.is_retired and l.subject <> 'BUDGET') as "overrides!: Json<Vec<Override>>",
                a.is_active as "is_active!"
            from largesse.agents a
            where a.tenant_id = $1 and "# + $which,
            $($argument),*
        )
    };
}

/// Agents after an id, by id.
pub(super) async fn agents(
    database: &Database,
    tenant: TenantId,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<Agent>, Problem> {
    let mut reading = database.read(tenant).await?;
    let rows = agents!(
        "agents",
        "($2::text is null or a.agent_id > $2) order by a.agent_id limit $3",
        tenant.0,
        after,
        limit
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(rows.into_iter().map(Agent::from).collect())
}

/// One agent.
pub(super) async fn agent(
    database: &Database,
    tenant: TenantId,
    id: &str,
) -> Result<Option<Agent>, Problem> {
    let mut reading = database.read(tenant).await?;
    let row = agents!("agent", "a.agent_id = $2", tenant.0, id)
        .fetch_optional(&mut *reading)
        .await
        .map_err(|error| reading.failed(error))?;
    Ok(row.map(Agent::from))
}

/// Entries of the catalog after a key "kind currency", by kind and currency.
pub(super) async fn catalog(
    database: &Database,
    tenant: TenantId,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<CatalogItem>, Problem> {
    let (kind, currency) = match after.as_deref().and_then(|key| key.split_once(' ')) {
        Some((kind, currency)) => (Some(kind), Some(currency)),
        None => (None, None),
    };
    let mut reading = database.read(tenant).await?;
    let rows = sqlx::query_as!(
            CatalogItem,
            r#"-- authority::catalog
            select i.kind, i.currency, i.is_offered, i.min_minor, i.max_minor, i.recipient_fields, i.channel,
                i.lead_time_s, i.tolerance_bp, i.late_cancel_bp,
                array(
                    select p.scope from largesse.pauses p
                    where p.tenant_id = i.tenant_id and (p.scope = 'TENANT'
                        or (p.scope = 'KIND' and p.name = i.kind) or (p.scope = 'CHANNEL' and p.name = i.channel))
                    order by p.scope) as "paused_by!"
            from largesse.catalog_items i
            where i.tenant_id = $1 and ($2::text is null or (i.kind, i.currency) > ($2, $3::text))
            order by i.kind, i.currency
            limit $4"#,
            tenant.0,
            kind,
            currency,
            limit
        )
        .fetch_all(&mut *reading)
        .await
        .map_err(|error| reading.failed(error))?;
    Ok(rows)
}

/// What an agent may still give, and the version of the configuration that says so.
pub(super) async fn remaining(
    database: &Database,
    tenant: TenantId,
    agent: &AgentId,
    question: &RemainingQuestion,
) -> Result<(Vec<ItemAuthority>, i32), Problem> {
    let mut reading = database.read(tenant).await?;
    let rows = sqlx::query!(
            r#"-- authority::remaining
            select kind as "kind!", currency as "currency!", is_offered as "is_offered!",
                is_paused as "is_paused!", min_minor as "min_minor!", max_minor as "max_minor!", problems,
                largest_now, limits as "limits: Json<Vec<LimitUse>>",
                configuration_version as "configuration_version!"
            from largesse.remaining($1, $2, $3, $4, $5, $6, $7, $8)"#,
            tenant.0,
            agent.as_str(),
            question.customer.as_deref(),
            question.case_id.as_deref(),
            question.segment.as_deref(),
            question.occasion.as_deref(),
            question.budget.as_deref(),
            question.at,
        )
        .fetch_all(&mut *reading)
        .await
        .map_err(|error| reading.failed(error))?;
    let version = rows
        .first()
        .map(|row| row.configuration_version)
        .unwrap_or_default();
    let items = rows
        .into_iter()
        .map(|row| ItemAuthority {
            kind: row.kind,
            currency: row.currency,
            is_offered: row.is_offered,
            is_paused: row.is_paused,
            min_minor: row.min_minor,
            max_minor: row.max_minor,
            problems: row.problems.unwrap_or_default(),
            largest_now: row.largest_now,
            limits: row.limits.map(|json| json.0).unwrap_or_default(),
        })
        .collect();
    Ok((items, version))
}

/// Suspends or reinstates.
pub(super) async fn suspend(
    database: &Database,
    tenant: TenantId,
    caller: &Caller,
    agent: &AgentId,
    is_suspended: bool,
) -> Result<bool, Problem> {
    let (caller, id) = (caller.clone(), agent.as_str().to_owned());
    let answer = database
        .write("suspend", move |connection| {
            let (caller, id) = (caller.clone(), id.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- authority::suspend
                    select largesse.suspend(largesse.traced($1, $7), $2, $3, $4, $5, $6) as "changed!""#,
                    tenant.0,
                    caller.subject.as_str(),
                    caller.credential.id,
                    caller.credential.via,
                    id,
                    is_suspended,
                    caller.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await;
    answer.map_err(|failure| match failure {
        Failure::Raised { code, .. } if code == "LG404" => Problem::AgentNotFound(agent.clone()),
        Failure::Raised { code, .. } if code == "LG412" => Problem::AgentLeft(agent.clone()),
        other => other.into(),
    })
}

/// Pauses or resumes.
pub(super) async fn pause(
    database: &Database,
    tenant: TenantId,
    caller: &Caller,
    scope: &PauseScope,
    is_paused: bool,
) -> Result<bool, Problem> {
    let (word, name) = match scope {
        PauseScope::Tenant => ("TENANT", ""),
        PauseScope::Kind(kind) => ("KIND", kind.as_str()),
        PauseScope::Channel(channel) => ("CHANNEL", channel.as_str()),
    };
    let (caller, owned_name) = (caller.clone(), name.to_owned());
    let answer = database
        .write("pause", move |connection| {
            let (caller, name) = (caller.clone(), owned_name.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- authority::pause
                    select largesse.pause(largesse.traced($1, $8), $2, $3, $4, $5, $6, $7) as "changed!""#,
                    tenant.0,
                    caller.subject.as_str(),
                    caller.credential.id,
                    caller.credential.via,
                    word,
                    name,
                    is_paused,
                    caller.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await;
    answer.map_err(|failure| match failure {
        Failure::Raised { code, .. } if code == "LG404" => Problem::invalid(
            word.to_lowercase(),
            if word == "KIND" {
                Wrong::KindUnknown
            } else {
                Wrong::ChannelUnknown
            },
            "the catalog has none of this name; ListCatalogItems shows what it has",
        ),
        other => other.into(),
    })
}
