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
        select gesture_id as "gesture_id!", purpose as "purpose!", opened_at as "opened_at!", is_open as "is_open!",
            is_returned as "is_returned!", due_at, expires_at, on_silence, amount_minor, first_actor, first_authority,
            first_minor, first_promise_by, first_at, answer_type, answer_seq, answer_actor, answer_authority, answer_at,
            answer_minor, answer_facts as "answer_facts: Json<AnswerFacts>"
        from largesse.approvals_of($1, $2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
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
        select gesture_id as "gesture_id!", agent_id as "agent_id!", how as "how!", asked_at as "asked_at!",
            answer_by as "answer_by!", is_open as "is_open!", delegate_id, typical_wait_s
        from largesse.asked_of($1, $2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
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
