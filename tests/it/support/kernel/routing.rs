//! Routing and time, as the service does it: who is asked, who could be, and what happens by itself.

use chrono::{DateTime, Utc};
use sqlx::{Error, PgConnection, Row};
use uuid::Uuid;

use super::Asked;

/// Until when somebody is asked, when something happens next, and when the question ends.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    pub answer_by: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A step of a question: these agents are asked, and how (`LINE`, `POOL`).
#[derive(Debug, Clone)]
pub struct Step<'s> {
    pub id: Uuid,
    pub step: i32,
    pub agents: Vec<(&'s str, &'s str)>,
    pub until: Until,
}

/// The next step of one question.
pub async fn ask(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    step: i32,
    agents: &[(&str, &str)],
    until: Until,
) -> Result<String, Error> {
    let step = Step {
        id,
        step,
        agents: agents.to_vec(),
        until,
    };
    let mut words = ask_all(connection, tenant, &[step]).await?;
    Ok(words.remove(0))
}

/// The next steps of several questions, in one statement.
pub async fn ask_all(
    connection: &mut PgConnection,
    tenant: Uuid,
    steps: &[Step<'_>],
) -> Result<Vec<String>, Error> {
    fn each<T>(steps: &[Step<'_>], field: impl Fn(&Step<'_>) -> T) -> Vec<T> {
        steps.iter().map(field).collect()
    }
    let joined = |words: Vec<&str>| words.join(" ");
    sqlx::query_scalar("select outcome from largesse.ask($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(tenant)
        .bind(each(steps, |it| it.id))
        .bind(each(steps, |it| it.step))
        .bind(each(steps, |it| {
            joined(it.agents.iter().map(|(agent, _)| *agent).collect())
        }))
        .bind(each(steps, |it| {
            joined(it.agents.iter().map(|(_, how)| *how).collect())
        }))
        .bind(each(steps, |it| it.until.answer_by))
        .bind(each(steps, |it| it.until.due_at))
        .bind(each(steps, |it| it.until.expires_at))
        .fetch_all(connection)
        .await
}

/// Nobody answered in time.
pub async fn lapse(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    step: i32,
) -> Result<String, Error> {
    sqlx::query_scalar("select largesse.lapse($1, $2, $3)")
        .bind(tenant)
        .bind(id)
        .bind(step)
        .fetch_one(connection)
        .await
}

/// Nobody could ever say yes.
pub async fn decline_unanswerable(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    step: i32,
) -> Result<String, Error> {
    sqlx::query_scalar("select largesse.decline_unanswerable($1, $2, $3)")
        .bind(tenant)
        .bind(id)
        .bind(step)
        .fetch_one(connection)
        .await
}

/// Somebody who stands above a requester, or the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub agent: String,
    pub is_able: bool,
    pub fits_now: bool,
    pub is_reachable: bool,
    pub delegate: Option<String>,
    pub needs_two: bool,
}

/// Who could say yes to these terms, nearest first.
pub async fn candidates(
    connection: &mut PgConnection,
    tenant: Uuid,
    asked: &Asked,
) -> Result<Vec<Candidate>, Error> {
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
    .fetch_all(connection)
    .await?;
    Ok(rows
        .iter()
        .map(|row| Candidate {
            agent: row.get("agent_id"),
            is_able: row.get("is_able"),
            fits_now: row.get("fits_now"),
            is_reachable: row.get("is_reachable"),
            delegate: row.get("delegate_id"),
            needs_two: row.get("needs_two"),
        })
        .collect())
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub purpose: String,
    pub step: i32,
    pub due_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub is_due: bool,
    pub asked: Vec<String>,
}

/// The open question of a gesture, if there is one.
pub async fn question(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
) -> Result<Option<Question>, Error> {
    let row = sqlx::query("select * from largesse.question($1, $2)")
        .bind(tenant)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| Question {
        purpose: row.get("purpose"),
        step: row.get("step"),
        due_at: row.get("due_at"),
        expires_at: row.get("expires_at"),
        is_due: row.get("is_due"),
        asked: row.get("asked"),
    }))
}

/// Takes so many due timers, for a minute; the gestures that they are about.
pub async fn claim_timers(
    connection: &mut PgConnection,
    tenant: Uuid,
    count: i32,
) -> Result<Vec<Uuid>, Error> {
    sqlx::query_scalar("select gesture_id from largesse.claim_timers($1, $2, 60)")
        .bind(tenant)
        .bind(count)
        .fetch_all(connection)
        .await
}

/// The tenants in which something is due.
pub async fn due_tenants(connection: &mut PgConnection) -> Result<Vec<Uuid>, Error> {
    sqlx::query_scalar("select x.* from largesse.due_tenants() x")
        .fetch_all(connection)
        .await
}
