//! The entrances with all that they take and say, where `support::kernel` has what most callers need.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::super::words;
use super::model::{Answer, Candidate, Told};
use crate::support::kernel::{self, Answering, Asked, Seen};

/// What an act was answered, in the model's words.
pub fn told(told: kernel::Told) -> Told {
    let is_taken = [
        "APPROVED",
        "FIRST_YES",
        "DECLINED",
        "RETURNED",
        "REASSIGNED",
        "REVIEWED",
        "REFUSED",
        "SAME_PERSON",
    ]
    .contains(&told.outcome.as_str());
    Told {
        authority: told.authority.filter(|_| is_taken),
        mark: told
            .state
            .map(|state| (state, told.etag.unwrap(), told.by.unwrap())),
        reasons: told.reasons.iter().map(words::of_reason).collect(),
        replayed: told.replayed,
        outcome: told.outcome,
    }
}

/// An answer as `decide` takes it.
pub fn answering(answer: &Answer) -> Answering {
    Answering {
        id: answer.id,
        actor: answer.actor.clone(),
        authority: answer.authority.clone(),
        etag: answer.etag,
        terms: answer.terms.as_ref().map(Asked::terms),
        answer: answer.word,
        amount: answer.amount,
        promise_by: answer.promise_by,
        sealed: answer.seq.map(|_| b"sealed".to_vec()),
        seq: answer.seq,
    }
}

/// What is named to revise a gesture.
pub fn seen(id: Uuid, etag: i32, seq: i32) -> Seen {
    Seen {
        id,
        state: String::new(),
        etag,
        seq: seq - 1,
        terms: Vec::new(),
    }
}

fn of_row(row: &PgRow) -> Told {
    let reasons: Option<Json<Vec<Value>>> = row.try_get("reasons").unwrap_or_default();
    told(kernel::Told {
        outcome: row.get("outcome"),
        authority: row.get("authority"),
        state: row.get("state"),
        etag: row.get("etag"),
        by: row.get("by_agent"),
        reasons: reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.get("replayed"),
    })
}

pub async fn reassign(
    app: &mut PgConnection,
    tenant: Uuid,
    answer: &Answer,
    to: &str,
    answer_by: DateTime<Utc>,
) -> Told {
    let row = sqlx::query("select * from largesse.reassign($1, $2, $3, $4, $5, $6, $7, 't', null)")
        .bind(tenant)
        .bind(answer.id)
        .bind(&answer.actor)
        .bind(&answer.authority)
        .bind(answer.etag)
        .bind(to)
        .bind(answer_by)
        .fetch_one(app)
        .await
        .unwrap();
    let told = of_row(&row);
    // a replay does not say in whose authority
    Told {
        authority: told.authority.filter(|_| !told.replayed),
        ..told
    }
}

pub async fn review(app: &mut PgConnection, tenant: Uuid, answer: &Answer, verdict: &str) -> Told {
    let row = sqlx::query(
        "select * from largesse.review($1, $2, $3, $4, $5, $6, 'sealed', $7, 't', null)",
    )
    .bind(tenant)
    .bind(answer.id)
    .bind(&answer.actor)
    .bind(&answer.authority)
    .bind(answer.etag)
    .bind(verdict)
    .bind(answer.seq)
    .fetch_one(app)
    .await
    .unwrap();
    of_row(&row)
}

pub async fn set_away(
    app: &mut PgConnection,
    tenant: Uuid,
    agent: &str,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> String {
    sqlx::query_scalar("select largesse.set_away($1, $2, $2, $3, $4, 't', null)")
        .bind(tenant)
        .bind(agent)
        .bind(from)
        .bind(until)
        .fetch_one(app)
        .await
        .unwrap()
}

/// What a yes would get: the outcome and the reasons.
pub async fn standing(
    app: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    actor: &str,
    authority: &str,
) -> Option<(String, BTreeSet<String>)> {
    let row = sqlx::query("select outcome, reasons from largesse.standing($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id)
        .bind(actor)
        .bind(authority)
        .fetch_optional(app)
        .await
        .unwrap()?;
    let reasons = row.get::<Json<Vec<Value>>, _>("reasons").0;
    Some((
        row.get("outcome"),
        reasons.iter().map(words::of_reason).collect(),
    ))
}

/// In whose authority somebody may answer, and how.
pub async fn answers_for(
    app: &mut PgConnection,
    tenant: Uuid,
    agent: &str,
) -> BTreeSet<(String, String)> {
    sqlx::query_as("select how, authority from largesse.answers_for($1, $2)")
        .bind(tenant)
        .bind(agent)
        .fetch_all(app)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

/// Whether a question that an authority was asked is somebody's to answer.
pub async fn falls_to(
    app: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    authority: &str,
    agent: &str,
) -> bool {
    sqlx::query_scalar("select largesse.falls_to($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id)
        .bind(authority)
        .bind(agent)
        .fetch_one(app)
        .await
        .unwrap()
}

/// Who could say yes. `delegates` is the one that the kernel names, if any.
pub async fn candidates(app: &mut PgConnection, tenant: Uuid, asked: &Asked) -> Vec<Candidate> {
    let rows = sqlx::query(
        "select * from largesse.candidates($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tenant)
    .bind(&asked.agent)
    .bind(&asked.kind)
    .bind(asked.amount)
    .bind(&asked.currency)
    .bind(&asked.customer)
    .bind(&asked.segment)
    .bind(&asked.case_id)
    .bind(&asked.occasion)
    .bind(&asked.budget)
    .bind(asked.waived.join(" "))
    .fetch_all(app)
    .await
    .unwrap();
    rows.iter()
        .map(|row| Candidate {
            agent: row.get("agent_id"),
            how: match row.get("how") {
                "LINE" => "LINE",
                _ => "POOL",
            },
            person: row.get("person_id"),
            is_human: row.get::<&str, _>("type") == "HUMAN",
            is_active: row.get("is_active"),
            is_requester: row.get("is_requester"),
            is_able: row.get("is_able"),
            fits_now: row.get("fits_now"),
            is_reachable: row.get("is_reachable"),
            delegates: row
                .get::<Option<String>, _>("delegate_id")
                .into_iter()
                .collect(),
            needs_two: row.get("needs_two"),
            typical_wait_s: row.get::<Option<i32>, _>("typical_wait_s").map(i64::from),
        })
        .collect()
}
