//! Every statement that reads what became of questions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Answer, AnswerEvent, Approval, Asked, FirstAnswer, How, Purpose, Silence, Verdict};
use crate::approval::store::{agent, word};
use crate::ids::{GestureId, TenantId};
use crate::postgres::Reading;
use crate::problem::Problem;

/// What the event says that closed a question.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerFacts {
    on_silence: bool,
    reciprocal: bool,
    verdict: Option<String>,
    asked_minor: Option<i64>,
}

/// A question and the event that closed it, as Postgres has them.
struct ApprovalRow {
    gesture_id: Uuid,
    purpose: String,
    opened_at: DateTime<Utc>,
    is_open: bool,
    is_returned: bool,
    due_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    on_silence: Option<String>,
    amount_minor: Option<i64>,
    first_actor: Option<String>,
    first_authority: Option<String>,
    first_minor: Option<i64>,
    first_promise_by: Option<DateTime<Utc>>,
    first_at: Option<DateTime<Utc>>,
    answer_type: Option<String>,
    answer_seq: Option<i32>,
    answer_actor: Option<String>,
    answer_authority: Option<String>,
    answer_at: Option<DateTime<Utc>>,
    answer_minor: Option<i64>,
    answer_facts: Option<Json<AnswerFacts>>,
}

/// The questions of these gestures, without the asked.
pub(in crate::approval) async fn approvals(
    reading: &mut Reading,
    tenant: TenantId,
    gestures: &[GestureId],
) -> Result<HashMap<GestureId, Approval>, Problem> {
    let ids: Vec<Uuid> = gestures.iter().map(|gesture| gesture.0).collect();
    let rows = sqlx::query_as!(
        ApprovalRow,
        r#"-- approval::approvals
        select a.gesture_id, a.purpose, a.opened_at, a.closed_at is null as "is_open!",
            g.state = 'RETURNED' as "is_returned!", t.due_at as "due_at?", a.expires_at, r.on_silence as "on_silence?",
            g.amount_minor, a.first_actor, a.first_authority, a.first_minor, a.first_promise_by, a.first_at,
            e.type as "answer_type?", e.seq as answer_seq, e.actor as "answer_actor?", e.authority as answer_authority,
            e.at as "answer_at?", e.amount_minor as answer_minor, e.facts as "answer_facts: Json<AnswerFacts>"
        from largesse.approvals a
        join largesse.gestures g on g.tenant_id = a.tenant_id and g.gesture_id = a.gesture_id
        left join largesse.timers t
            on t.tenant_id = a.tenant_id and t.gesture_id = a.gesture_id and t.purpose = 'APPROVAL'
        left join lateral (
            select x.* from largesse.events x
            where x.tenant_id = a.tenant_id and x.gesture_id = a.gesture_id and x.seq = a.closed_seq
            union all
            select x.* from largesse.archived_events x
            where x.tenant_id = a.tenant_id and x.gesture_id = a.gesture_id and x.seq = a.closed_seq
            limit 1) e on true
        left join lateral (
            select x.on_silence
            from largesse.routing_of(a.tenant_id, g.kind, g.segment, g.occasion) x
            where a.purpose = 'DECISION' and a.closed_at is null) r on true
        where a.tenant_id = $1 and a.gesture_id = any ($2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await?;
    rows.into_iter()
        .map(|row| Ok((GestureId(row.gesture_id), approval(row)?)))
        .collect()
}

fn approval(row: ApprovalRow) -> Result<Approval, Problem> {
    let facts = row.answer_facts.map(|json| json.0).unwrap_or_default();
    let is_open = row.is_open;
    let first = match (
        row.first_actor,
        row.first_authority,
        row.first_minor,
        row.first_at,
    ) {
        (Some(actor), Some(authority), Some(amount_minor), Some(at)) => Some(FirstAnswer {
            actor,
            authority,
            amount_minor,
            at,
            promise_by: row.first_promise_by,
        }),
        _ => None,
    };
    let answer = match (
        row.answer_type,
        row.answer_seq,
        row.answer_actor,
        row.answer_at,
    ) {
        (Some(event), Some(seq), Some(actor), Some(at)) => {
            let event = word(&event, AnswerEvent::of_word)?;
            Some(Answer {
                event,
                seq,
                actor,
                authority: row.answer_authority,
                at,
                amount_minor: row.answer_minor.filter(|_| event == AnswerEvent::Approved),
                on_silence: facts.on_silence,
                is_reciprocal: facts.reciprocal,
                verdict: facts.verdict.as_deref().and_then(Verdict::of_word),
                note: None,
            })
        }
        _ => None,
    };
    let on_silence = match row.on_silence {
        Some(name) => Some(word(&name, Silence::of_word)?),
        None => row.is_returned.then_some(Silence::Expire),
    };
    Ok(Approval {
        purpose: word(&row.purpose, Purpose::of_word)?,
        opened_at: row.opened_at,
        asked: Vec::new(),
        next_step_at: row.due_at.filter(|_| is_open),
        expires_at: if is_open {
            row.expires_at
        } else {
            row.due_at.filter(|_| row.is_returned)
        },
        on_silence,
        first,
        answer,
        asked_minor: facts
            .asked_minor
            .filter(|asked| Some(*asked) != row.amount_minor),
    })
}

/// Who was asked these questions, first to last; of those who were asked at once, the nearest first, as the trail has it.
pub(in crate::approval) async fn asked(
    reading: &mut Reading,
    tenant: TenantId,
    gestures: &[GestureId],
) -> Result<Vec<(GestureId, Asked)>, Problem> {
    let ids: Vec<Uuid> = gestures.iter().map(|gesture| gesture.0).collect();
    let rows = sqlx::query!(
        r#"-- approval::asked
        select x.gesture_id, x.agent_id, x.how, x.asked_at, x.answer_by, x.closed_at is null as "is_open!",
            d.delegate_id as "delegate_id?", w.typical_wait_s
        from largesse.approvals a
        join largesse.asks x
            on x.tenant_id = a.tenant_id and x.gesture_id = a.gesture_id and x.opened_seq = a.opened_seq
        join largesse.gestures g on g.tenant_id = a.tenant_id and g.gesture_id = a.gesture_id
        left join lateral (
            select l.delegate_id
            from largesse.routing_of(a.tenant_id, g.kind, g.segment, g.occasion) r
            join largesse.delegations l
                on l.tenant_id = x.tenant_id and l.delegator_id = x.agent_id and l.starts_at <= r.at and r.at < l.ends_at
            join largesse.agents b on b.tenant_id = l.tenant_id and b.agent_id = l.delegate_id and b.is_active
            where x.closed_at is null and (l.kinds is null or g.kind = any (l.kinds))
            order by l.starts_at, l.delegation_id
            limit 1) d on true
        left join lateral (
            select case when count(*) >= 3 then percentile_disc(0.5) within group (order by s.s) end as typical_wait_s
            from largesse.approver_waits v
            cross join unnest(v.waits_s) s (s)
            where v.tenant_id = x.tenant_id and v.agent_id = x.agent_id) w on true
        left join lateral (
            select p.place
            from (
                select y.facts from largesse.events y
                where y.tenant_id = x.tenant_id and y.gesture_id = x.gesture_id and y.type = 'ASKED' and y.at = x.asked_at
                union all
                select y.facts from largesse.archived_events y
                where y.tenant_id = x.tenant_id and y.gesture_id = x.gesture_id and y.type = 'ASKED' and y.at = x.asked_at
                ) e
            cross join json_array_elements_text(e.facts -> 'agents') with ordinality p (agent_id, place)
            where p.agent_id = x.agent_id
            limit 1) n on true
        where a.tenant_id = $1 and a.gesture_id = any ($2)
        order by x.asked_at, n.place, x.agent_id"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await?;
    rows.into_iter()
        .map(|row| {
            let asked = Asked {
                agent: agent(row.agent_id)?,
                how: word(&row.how, How::of_word)?,
                asked_at: row.asked_at,
                answer_by: row.answer_by,
                is_open: row.is_open,
                delegate: row.delegate_id.map(agent).transpose()?,
                typical_wait_s: row.typical_wait_s,
            };
            Ok((GestureId(row.gesture_id), asked))
        })
        .collect()
}
