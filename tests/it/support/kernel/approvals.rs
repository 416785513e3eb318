//! Asking and answering, as the service does it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{Error, PgConnection, Row};
use uuid::Uuid;

use super::Asked;

/// A gesture as somebody saw it, from which they answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub id: Uuid,
    pub state: String,
    pub etag: i32,
    /// The number of its last event: what is sealed for the next one names it.
    pub seq: i32,
    pub terms: Vec<u8>,
}

/// How an act was taken: its outcome, and what whoever was refused may know.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub outcome: String,
    pub authority: Option<String>,
    pub state: Option<String>,
    pub etag: Option<i32>,
    pub by: Option<String>,
    pub reasons: Vec<Value>,
    pub replayed: bool,
}

impl Told {
    fn of(row: &PgRow) -> Self {
        let reasons: Option<Json<Vec<Value>>> = row.try_get("reasons").unwrap_or_default();
        Self {
            outcome: row.get("outcome"),
            authority: row.try_get("authority").unwrap_or_default(),
            state: row.get("state"),
            etag: row.get("etag"),
            by: row.get("by_agent"),
            reasons: reasons.map(|json| json.0).unwrap_or_default(),
            replayed: row.get("replayed"),
        }
    }

    /// The codes of the reasons.
    pub fn codes(&self) -> Vec<&str> {
        let reasons = self.reasons.iter();
        reasons
            .map(|reason| reason["code"].as_str().unwrap())
            .collect()
    }
}

/// A gesture as it is now, for whoever sees it. As superuser.
pub async fn seen(superuser: &mut PgConnection, id: Uuid) -> Seen {
    let row = sqlx::query(
        "select state, etag, seq, terms_digest from largesse.gestures where gesture_id = $1",
    )
    .bind(id)
    .fetch_one(superuser)
    .await
    .unwrap();
    Seen {
        id,
        state: row.get("state"),
        etag: row.get("etag"),
        seq: row.get("seq"),
        terms: row.get("terms_digest"),
    }
}

/// An answer to a question.
#[derive(Debug, Clone)]
pub struct Answering {
    pub id: Uuid,
    pub actor: String,
    pub authority: Option<String>,
    pub etag: i32,
    pub terms: Option<Vec<u8>>,
    pub answer: &'static str,
    pub amount: Option<i64>,
    pub promise_by: Option<DateTime<Utc>>,
    pub sealed: Option<Vec<u8>>,
    pub seq: Option<i32>,
}

impl Answering {
    /// A yes to what was seen.
    pub fn yes(actor: &str, seen: &Seen) -> Self {
        Self {
            id: seen.id,
            actor: actor.into(),
            authority: None,
            etag: seen.etag,
            terms: Some(seen.terms.clone()),
            answer: "APPROVE",
            amount: None,
            promise_by: None,
            sealed: None,
            seq: None,
        }
    }

    /// A no to what was seen.
    pub fn no(actor: &str, seen: &Seen) -> Self {
        Self {
            terms: None,
            answer: "DECLINE",
            sealed: Some(b"sealed".to_vec()),
            seq: Some(seen.seq + 1),
            ..Self::yes(actor, seen)
        }
    }

    /// Back to who asked.
    pub fn back(actor: &str, seen: &Seen) -> Self {
        Self {
            answer: "RETURN",
            ..Self::no(actor, seen)
        }
    }

    /// In this authority.
    pub fn in_the_authority_of(self, agent: &str) -> Self {
        Self {
            authority: Some(agent.into()),
            ..self
        }
    }

    /// To another amount.
    pub fn of_amount(self, amount: i64) -> Self {
        Self {
            amount: Some(amount),
            ..self
        }
    }
}

/// Answers a question.
pub async fn decide(
    connection: &mut PgConnection,
    tenant: Uuid,
    answering: &Answering,
) -> Result<Told, Error> {
    let row = sqlx::query(
        "select * from largesse.decide($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 't', null)",
    )
    .bind(tenant)
    .bind(answering.id)
    .bind(&answering.actor)
    .bind(&answering.authority)
    .bind(answering.etag)
    .bind(&answering.terms)
    .bind(answering.answer)
    .bind(answering.amount)
    .bind(answering.promise_by)
    .bind(&answering.sealed)
    .bind(answering.seq)
    .fetch_one(connection)
    .await?;
    Ok(Told::of(&row))
}

/// Puts other terms to a gesture as it was seen; who revises is the agent of the terms.
pub async fn revise(
    connection: &mut PgConnection,
    tenant: Uuid,
    seen: &Seen,
    terms: &Asked,
) -> Result<Told, Error> {
    let row = sqlx::query(
        "select * from largesse.revise($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            'sealed', $19, 't', null, null)",
    )
    .bind(tenant)
    .bind(seen.id)
    .bind(&terms.agent)
    .bind(seen.etag)
    .bind(seen.seq + 1)
    .bind(&terms.kind)
    .bind(terms.amount)
    .bind(&terms.currency)
    .bind(&terms.customer)
    .bind(&terms.segment)
    .bind(&terms.case_id)
    .bind(&terms.occasion)
    .bind(&terms.budget)
    .bind(terms.waived.join(" "))
    .bind(terms.promise_by)
    .bind(terms.replaces)
    .bind(terms.digest())
    .bind(b"nothing personal".to_vec())
    .bind(terms.is_glass)
    .fetch_one(connection)
    .await?;
    Ok(Told::of(&row))
}

/// Hands a question on to somebody, until then.
pub async fn reassign(
    connection: &mut PgConnection,
    tenant: Uuid,
    actor: &str,
    seen: &Seen,
    to: &str,
    answer_by: DateTime<Utc>,
) -> Result<Told, Error> {
    let row =
        sqlx::query("select * from largesse.reassign($1, $2, $3, null, $4, $5, $6, 't', null)")
            .bind(tenant)
            .bind(seen.id)
            .bind(actor)
            .bind(seen.etag)
            .bind(to)
            .bind(answer_by)
            .fetch_one(connection)
            .await?;
    Ok(Told::of(&row))
}

/// Reviews a broken glass.
pub async fn review(
    connection: &mut PgConnection,
    tenant: Uuid,
    actor: &str,
    seen: &Seen,
    verdict: &str,
) -> Result<Told, Error> {
    let row = sqlx::query(
        "select * from largesse.review($1, $2, $3, null, $4, $5, 'sealed', $6, 't', null)",
    )
    .bind(tenant)
    .bind(seen.id)
    .bind(actor)
    .bind(seen.etag)
    .bind(verdict)
    .bind(seen.seq + 1)
    .fetch_one(connection)
    .await?;
    Ok(Told::of(&row))
}

/// What a yes would get now: the outcome and the codes of its reasons; none: nothing is asked of them.
pub async fn standing(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    actor: &str,
    authority: &str,
) -> Result<Option<(String, Vec<String>)>, Error> {
    let row = sqlx::query("select outcome, reasons from largesse.standing($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id)
        .bind(actor)
        .bind(authority)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| {
        let reasons = row.get::<Json<Vec<Value>>, _>("reasons").0.into_iter();
        let codes = reasons.map(|reason| reason["code"].as_str().unwrap().to_owned());
        (row.get("outcome"), codes.collect())
    }))
}
