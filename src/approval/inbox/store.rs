//! Every statement that reads an inbox.

use sqlx::types::Json;

use super::{InboxFilter, InboxItem, Position};
use crate::admission::Reason;
use crate::approval::Purpose;
use crate::approval::store::{agent as stored_agent, word};
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::postgres::Reading;
use crate::problem::Problem;

/// What a yes in one authority would get now.
pub(super) struct StandingRow {
    pub authority: AgentId,
    pub outcome: String,
    pub reasons: Vec<Reason>,
    pub configuration_version: i32,
    pub is_asked: bool,
}

/// Up to `limit` questions that wait for an agent, soonest deadline first, from `after` on.
///
/// Each authority's questions are one range of `asks_open`, read in its order and no further than the page goes. Whose they are
/// to answer at this instant says `falls_to`: what is lent is with the delegate, and back with its owner when that ends. A
/// question that waits for several authorities of one agent is told once, where it is due first.
pub(super) async fn inbox(
    reading: &mut Reading,
    tenant: TenantId,
    agent: &AgentId,
    filter: &InboxFilter,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<InboxItem>, Problem> {
    let rows = sqlx::query!(
        r#"-- approval::inbox
        with mine as materialized (
            select distinct h.authority from largesse.answers_for($1, $2) h)
        select i.gesture_id as "gesture_id!", i.authority as "authority!", i.answer_by as "answer_by!",
            i.purpose as "purpose!"
        from mine h
        cross join lateral (
            select x.gesture_id, x.agent_id as authority, x.answer_by, a.purpose
            from largesse.asks x
            join largesse.approvals a on a.tenant_id = x.tenant_id and a.gesture_id = x.gesture_id
            join largesse.gestures g on g.tenant_id = x.tenant_id and g.gesture_id = x.gesture_id
            where x.tenant_id = $1 and x.agent_id = h.authority and x.closed_at is null
                and ($3::timestamptz is null or (x.answer_by, x.gesture_id) > ($3, $4::uuid))
                and ($5::text is null or a.purpose = $5)
                and (cardinality($6::text[]) = 0 or g.kind = any ($6))
                and ($7::text is null or g.requested_by = $7)
                and ($8::text is null or g.customer_id = $8)
                and largesse.falls_to($1, x.gesture_id, h.authority, $2)
                and not exists (
                    select from mine m
                    join largesse.asks y on y.tenant_id = $1 and y.gesture_id = x.gesture_id and y.agent_id = m.authority
                    where y.closed_at is null and (y.answer_by, y.agent_id) < (x.answer_by, x.agent_id)
                        and largesse.falls_to($1, y.gesture_id, m.authority, $2))
            order by x.answer_by, x.gesture_id
            limit $9) i
        order by i.answer_by, i.gesture_id
        limit $9"#,
        tenant.0,
        agent.as_str(),
        after.map(|after| after.answer_by),
        after.map(|after| after.gesture.0),
        filter.purpose.map(Purpose::word),
        &filter.kinds,
        filter.requested_by.as_ref().map(AgentId::as_str),
        filter.customer.as_ref().map(CustomerId::as_str),
        limit,
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    rows.into_iter()
        .map(|row| {
            Ok(InboxItem {
                gesture: GestureId(row.gesture_id),
                authority: stored_agent(row.authority)?,
                answer_by: row.answer_by,
                purpose: word(&row.purpose, Purpose::of_word)?,
            })
        })
        .collect()
}

/// Who asked for a gesture, and whether anybody was ever asked about it. None: there is no such gesture.
pub(super) async fn asked_by(
    reading: &mut Reading,
    tenant: TenantId,
    id: GestureId,
) -> Result<Option<(AgentId, bool)>, Problem> {
    let row = sqlx::query!(
        r#"-- approval::asked_by
        select g.requested_by as "requested_by!", a.gesture_id is not null as "is_asked!"
        from largesse.gestures g
        left join largesse.approvals a on a.tenant_id = g.tenant_id and a.gesture_id = g.gesture_id
        where g.tenant_id = $1 and g.gesture_id = $2 and g.state <> 'TOMBSTONE'"#,
        tenant.0,
        id.0
    )
    .fetch_optional(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    row.map(|row| Ok((stored_agent(row.requested_by)?, row.is_asked)))
        .transpose()
}

/// What a yes would get in each authority in which an agent could answer: their own first, then what is lent, then the pool's.
/// None about their own request.
pub(super) async fn standings(
    reading: &mut Reading,
    tenant: TenantId,
    id: GestureId,
    actor: &AgentId,
) -> Result<Vec<StandingRow>, Problem> {
    let rows = sqlx::query!(
        r#"-- approval::standings
        select h.authority as "authority!", s.outcome as "outcome!", s.reasons as "reasons: Json<Vec<Reason>>",
            s.configuration_version as "configuration_version!", s.is_asked as "is_asked!"
        from (
            select x.authority, min(case x.how when 'OWN' then 1 when 'DELEGATE' then 2 else 3 end) as place
            from largesse.answers_for($1, $3) x
            group by x.authority) h
        cross join lateral largesse.standing($1, $2, $3, h.authority) s
        where not exists (
            select from largesse.gestures g
            join largesse.agents q on q.tenant_id = g.tenant_id and q.agent_id = g.requested_by
            join largesse.agents o on o.tenant_id = g.tenant_id and o.person_id = q.person_id
            where g.tenant_id = $1 and g.gesture_id = $2 and o.agent_id in ($3, h.authority))
        order by h.place, h.authority"#,
        tenant.0,
        id.0,
        actor.as_str(),
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    rows.into_iter()
        .map(|row| {
            Ok(StandingRow {
                authority: stored_agent(row.authority)?,
                outcome: row.outcome,
                reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
                configuration_version: row.configuration_version,
                is_asked: row.is_asked,
            })
        })
        .collect()
}
