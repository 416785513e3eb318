//! Every statement about outcomes.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Outcome, OutcomeWord};
use crate::identity::Credential;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// What is recorded of a customer.
pub(super) struct OutcomeRecord {
    pub id: GestureId,
    pub record: Uuid,
    pub actor: AgentId,
    pub word: OutcomeWord,
    pub sealed: Option<Vec<u8>>,
    pub seq: i32,
    pub credential: Credential,
}

/// What `record_outcome` says.
pub(super) struct OutcomeAnswer {
    pub outcome: String,
    pub seq: Option<i32>,
    pub state: Option<String>,
    pub replayed: bool,
}

/// Records what a customer said or did.
pub(super) async fn record_outcome(
    database: &Database,
    tenant: TenantId,
    asked: OutcomeRecord,
) -> Result<OutcomeAnswer, Problem> {
    let asked = Arc::new(asked);
    let answer = database
        .write("record_outcome", move |connection| {
            let asked = asked.clone();
            Box::pin(async move {
                sqlx::query_as!(
                    OutcomeAnswer,
                    r#"-- gesture::record_outcome
                    select outcome as "outcome!", seq, state, replayed as "replayed!"
                    from largesse.record_outcome(largesse.traced($1, $10), $2, $3, $4, $5, $6, $7, $8, $9)"#,
                    tenant.0,
                    asked.id.0,
                    asked.record,
                    asked.actor.as_str(),
                    asked.word.name(),
                    asked.sealed,
                    asked.seq,
                    asked.credential.id,
                    asked.credential.via.as_deref(),
                    asked.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(answer)
}

/// What the event of a record says.
#[derive(Debug, Deserialize)]
struct RecordFacts {
    record: Uuid,
    word: String,
}

/// What was recorded about these gestures, in order, without the notes.
pub(super) async fn outcomes(
    reading: &mut Reading,
    tenant: TenantId,
    ids: &[GestureId],
) -> Result<HashMap<GestureId, Vec<Outcome>>, Problem> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"-- gesture::outcomes
        select e.gesture_id as "gesture_id!", e.seq as "seq!", e.actor as "actor!", e.at as "at!",
            e.facts as "facts!: Json<RecordFacts>"
        from (select x.* from largesse.events x union all select x.* from largesse.archived_events x) e
        where e.tenant_id = $1 and e.gesture_id = any ($2) and e.type = 'OUTCOME_RECORDED'
        order by e.gesture_id, e.seq"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let mut outcomes: HashMap<GestureId, Vec<Outcome>> = HashMap::new();
    for row in rows {
        let word = OutcomeWord::named(&row.facts.word)
            .ok_or_else(|| Problem::defect("a recorded word is not known"))?;
        let found = outcomes.entry(GestureId(row.gesture_id)).or_default();
        found.push(Outcome {
            id: row.facts.record,
            word,
            note: None,
            recorded_by: row.actor,
            recorded_at: row.at,
            seq: row.seq,
        });
    }
    Ok(outcomes)
}
