//! Every statement about lent authority and absences.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Absence, Delegation, Lending, Position};
use crate::approval::store::agent as stored_agent;
use crate::identity::Credential;
use crate::ids::{AgentId, DelegationId, TenantId};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// What is lent, by whom, and who says so.
#[derive(Clone)]
pub(super) struct Lent {
    pub tenant: TenantId,
    pub actor: AgentId,
    pub delegator: AgentId,
    /// None: now.
    pub starts_at: Option<DateTime<Utc>>,
    pub lending: Lending,
    pub credential: Credential,
}

/// What Postgres says to it.
pub(super) struct Made {
    pub outcome: String,
    /// An agent, or a kind.
    pub who: Option<String>,
    pub until: Option<DateTime<Utc>>,
    pub at_most: Option<i64>,
}

/// A delegation as Postgres has it.
struct DelegationRow {
    delegation_id: Uuid,
    delegator_id: String,
    delegate_id: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    kinds: Option<Vec<String>>,
    lent_minor: Option<i64>,
    lent_currency: Option<String>,
    created_at: DateTime<Utc>,
    created_by: String,
    revoked_at: Option<DateTime<Utc>>,
    revoked_by: Option<String>,
    is_active: bool,
}

impl TryFrom<DelegationRow> for Delegation {
    type Error = Problem;

    fn try_from(row: DelegationRow) -> Result<Self, Problem> {
        Ok(Self {
            id: DelegationId(row.delegation_id),
            delegator: stored_agent(row.delegator_id)?,
            delegate: stored_agent(row.delegate_id)?,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            kinds: row.kinds.unwrap_or_default(),
            lent_max: row.lent_minor.zip(row.lent_currency),
            created_at: row.created_at,
            created_by: row.created_by,
            revoked: row.revoked_at.zip(row.revoked_by),
            is_active: row.is_active,
        })
    }
}

/// One text for every statement that reads delegations; the last part says which of them, and in which order. What is in
/// force is told by the clock of the kernel, which tells the time with any rule.
macro_rules! delegations {
    ($name:literal, $which:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            DelegationRow,
            "-- approval::" + $name + r#"
            select d.delegation_id, d.delegator_id, d.delegate_id, d.starts_at, d.ends_at, d.kinds, d.lent_minor,
                d.lent_currency, d.created_at, d.created_by, d.revoked_at, d.revoked_by,
                d.starts_at <= r.at and r.at < d.ends_at as "is_active!"
            from largesse.routing_of($1, '', null, null) r
            cross join largesse.delegations d
            where d.tenant_id = $1 and "# + $which,
            $($argument),*
        )
    };
}

/// Lends authority.
pub(super) async fn delegate(database: &Database, lent: Lent) -> Result<Made, Problem> {
    let made = database
        .write("delegate", move |connection| {
            let lent = lent.clone();
            Box::pin(async move {
                let lending = &lent.lending;
                // A set: the same kinds in another order are the same delegation.
                let kinds: BTreeSet<&String> = lending.kinds.iter().collect();
                let kinds: Vec<String> = kinds.into_iter().cloned().collect();
                let kinds = Some(kinds).filter(|kinds| !kinds.is_empty());
                sqlx::query_as!(
                    Made,
                    r#"-- approval::delegate
                    select outcome as "outcome!", who, until, at_most
                    from largesse.delegate(largesse.traced($1, $13), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"#,
                    lent.tenant.0,
                    lent.actor.as_str(),
                    lending.id.0,
                    lent.delegator.as_str(),
                    lending.delegate.as_str(),
                    lent.starts_at,
                    lending.ends_at,
                    kinds.as_deref(),
                    lending.lent_max.map(|money| money.minor()),
                    lending.lent_max.map(|money| money.currency().code()),
                    lent.credential.id,
                    lent.credential.via,
                    lent.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(made)
}

/// One delegation.
pub(super) async fn by_id(
    reading: &mut Reading,
    tenant: TenantId,
    id: DelegationId,
) -> Result<Option<Delegation>, Problem> {
    let row = delegations!("delegation", "d.delegation_id = $2", tenant.0, id.0)
        .fetch_optional(&mut **reading)
        .await
        .map_err(|error| reading.failed(error))?;
    row.map(Delegation::try_from).transpose()
}

/// Up to `limit` delegations of an agent, or of everybody, latest end first, from `after` on.
pub(super) async fn list(
    reading: &mut Reading,
    tenant: TenantId,
    agent: Option<&AgentId>,
    include_ended: bool,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Delegation>, Problem> {
    let rows = delegations!(
        "delegations",
        "($2::text is null or $2 in (d.delegator_id, d.delegate_id)) and ($3 or r.at < d.ends_at)
                and ($4::timestamptz is null or d.ends_at < $4 or (d.ends_at = $4 and d.delegation_id > $5::uuid))
            order by d.ends_at desc, d.delegation_id
            limit $6",
        tenant.0,
        agent.map(AgentId::as_str),
        include_ended,
        after.map(|after| after.ends_at),
        after.map(|after| after.id.0),
        limit,
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    rows.into_iter().map(Delegation::try_from).collect()
}

/// What was lent comes back: REVOKED, ENDED or UNKNOWN.
pub(super) async fn revoke(
    database: &Database,
    tenant: TenantId,
    actor: &AgentId,
    id: DelegationId,
    credential: &Credential,
) -> Result<String, Problem> {
    let (actor, credential) = (actor.clone(), credential.clone());
    let word = database
        .write("revoke_delegation", move |connection| {
            let (actor, credential) = (actor.clone(), credential.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- approval::revoke
                    select largesse.revoke_delegation(largesse.traced($1, $6), $2, $3, $4, $5) as "word!""#,
                    tenant.0,
                    actor.as_str(),
                    id.0,
                    credential.id,
                    credential.via,
                    credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(word)
}

/// Says who is away, from when and until when: SET, CLEARED, UNCHANGED, AGENT_UNKNOWN or PAST.
pub(super) async fn set_away(
    database: &Database,
    tenant: TenantId,
    actor: &AgentId,
    agent: &AgentId,
    period: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    credential: &Credential,
) -> Result<String, Problem> {
    let (actor, agent, credential) = (actor.clone(), agent.clone(), credential.clone());
    let word = database
        .write("set_away", move |connection| {
            let (actor, agent, credential) = (actor.clone(), agent.clone(), credential.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- approval::set_away
                    select largesse.set_away(largesse.traced($1, $8), $2, $3, $4, $5, $6, $7) as "word!""#,
                    tenant.0,
                    actor.as_str(),
                    agent.as_str(),
                    period.0,
                    period.1,
                    credential.id,
                    credential.via,
                    credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(word)
}

/// Absences that are not over, of an agent or of everybody.
pub(super) async fn absences(
    reading: &mut Reading,
    tenant: TenantId,
    agent: Option<&AgentId>,
) -> Result<Vec<Absence>, Problem> {
    let rows = sqlx::query!(
        r#"-- approval::absences
        select b.agent_id, b.away_from, b.away_until
        from largesse.routing_of($1, '', null, null) r
        cross join largesse.absences b
        where b.tenant_id = $1 and ($2::text is null or b.agent_id = $2) and r.at < b.away_until
        order by b.agent_id"#,
        tenant.0,
        agent.map(AgentId::as_str),
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    rows.into_iter()
        .map(|row| {
            Ok(Absence {
                agent: stored_agent(row.agent_id)?,
                starts_at: row.away_from,
                ends_at: row.away_until,
            })
        })
        .collect()
}

/// The kernel's clock.
pub(super) async fn now(reading: &mut Reading, tenant: TenantId) -> Result<DateTime<Utc>, Problem> {
    let now = sqlx::query_scalar!(
        r#"-- approval::now
        select at as "at!" from largesse.routing_of($1, '', null, null)"#,
        tenant.0
    )
    .fetch_one(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(now)
}
