//! Every statement about follow-ups.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{FollowUpPurpose, Position};
use crate::identity::Credential;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// A follow-up, without its gesture.
pub(super) struct FollowUpRow {
    pub gesture: GestureId,
    pub purpose: FollowUpPurpose,
    pub agent: AgentId,
    pub opened_at: DateTime<Utc>,
    pub rest_minor: Option<i64>,
}

/// Up to `limit` open follow-ups of an agent, or of everybody, oldest first, from `after` on.
pub(super) async fn follow_ups(
    reading: &mut Reading,
    tenant: TenantId,
    agent: Option<&AgentId>,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<FollowUpRow>, Problem> {
    let rows = sqlx::query!(
        r#"-- gesture::follow_ups
        select f.gesture_id, f.purpose, f.agent_id, f.opened_at, f.rest_minor
        from largesse.follow_ups f
        where f.tenant_id = $1 and f.closed_at is null and ($2::text is null or f.agent_id = $2)
            and ($3::timestamptz is null or (f.opened_at, f.gesture_id, f.purpose) > ($3, $4::uuid, $5::text))
        order by f.opened_at, f.gesture_id, f.purpose
        limit $6"#,
        tenant.0,
        agent.map(AgentId::as_str),
        after.map(|after| after.opened_at),
        after.map(|after| after.id.0),
        after.map(|after| after.purpose.name()),
        limit,
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    rows.into_iter()
        .map(|row| {
            Ok(FollowUpRow {
                gesture: GestureId(row.gesture_id),
                purpose: FollowUpPurpose::named(&row.purpose)
                    .ok_or_else(|| Problem::defect("a follow-up is for nothing"))?,
                agent: AgentId::new(row.agent_id)
                    .ok_or_else(|| Problem::defect("a stored agent is no id"))?,
                opened_at: row.opened_at,
                rest_minor: row.rest_minor,
            })
        })
        .collect()
}

/// Closes a follow-up: what `close_follow_up` says, and whether it was said before.
pub(super) async fn close_follow_up(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
    purpose: FollowUpPurpose,
    actor: AgentId,
    credential: Credential,
) -> Result<(String, bool), Problem> {
    let asked = Arc::new((actor, credential));
    let row = database
        .write("close_follow_up", move |connection| {
            let asked = asked.clone();
            Box::pin(async move {
                let (actor, credential) = &*asked;
                sqlx::query!(
                    r#"-- gesture::close_follow_up
                    select outcome as "outcome!", replayed as "replayed!"
                    from largesse.close_follow_up(largesse.traced($1, $7), $2, $3, $4, $5, $6)"#,
                    tenant.0,
                    id.0,
                    purpose.name(),
                    actor.as_str(),
                    credential.id,
                    credential.via.as_deref(),
                    credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok((row.outcome, row.replayed))
}
