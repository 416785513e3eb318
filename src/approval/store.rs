//! The statements of routing: the facts that it reads, and the ends that come by themselves. (The steps go through the lanes.)

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use sqlx::types::Json;

use super::How;
use super::deadline::Rule;
use super::routing::Candidate;
use crate::admission::Terms;
use crate::calendar::{Calendar, Clock, WorkingHours, WorkingTime};
use crate::ids::{AgentId, GestureId, TenantId};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;
use crate::telemetry::traces;

/// What routing needs of the terms.
#[derive(Debug, Clone)]
pub(super) struct CandidateTerms {
    agent: String,
    kind: String,
    amount_minor: i64,
    currency: String,
    customer: String,
    segment: Option<String>,
    case_id: Option<String>,
    occasion: Option<String>,
    budget: Option<String>,
    waived: String,
}

impl CandidateTerms {
    /// Of what an agent asks for.
    pub(super) fn of(agent: &AgentId, terms: &Terms) -> Self {
        Self {
            agent: agent.as_str().to_owned(),
            kind: terms.kind.clone(),
            amount_minor: terms.amount.minor(),
            currency: terms.amount.currency().code().to_owned(),
            customer: terms.customer.as_str().to_owned(),
            segment: terms.segment.clone(),
            case_id: terms.case_id.clone(),
            occasion: terms.occasion.clone(),
            budget: terms.budget.clone(),
            waived: terms.waived_text(),
        }
    }
}

/// What waits to be taken further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuestionPurpose {
    /// An open question for a decision.
    Decision,
    /// An open question for a review.
    Review,
    /// No question: what was returned waits for its requester, and only time can end it.
    Returned,
}

/// An open question as routing sees it.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub purpose: QuestionPurpose,
    pub step: i32,
    pub opened_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub is_due: bool,
    pub terms: CandidateTerms,
    pub asked: Vec<AgentId>,
}

/// The rule in force for a question, and the instant at which it was read.
pub(super) struct Ruling {
    pub rule: Rule,
    pub now: DateTime<Utc>,
}

/// Who might be asked.
pub(super) struct Facts {
    pub candidates: Vec<Candidate>,
    pub needs_two: bool,
}

/// The open question of a gesture.
pub(super) async fn question(
    reading: &mut Reading,
    tenant: TenantId,
    id: GestureId,
) -> Result<Option<Question>, Problem> {
    let row = sqlx::query!(
        r#"-- approval::question
        select purpose as "purpose!", step as "step!", opened_at as "opened_at!", expires_at, is_due as "is_due!",
            requested_by as "requested_by!", kind as "kind!", amount_minor as "amount_minor!", currency as "currency!",
            customer_id as "customer_id!", segment, case_id, occasion, budget_id, waived as "waived!", asked as "asked!"
        from largesse.question($1, $2)"#,
        tenant.0,
        id.0
    )
    .fetch_optional(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let Some(row) = row else { return Ok(None) };
    let purpose = match row.purpose.as_str() {
        "DECISION" => QuestionPurpose::Decision,
        "REVIEW" => QuestionPurpose::Review,
        "RETURNED" => QuestionPurpose::Returned,
        other => return Err(Problem::defect(&format!("a question is for {other}"))),
    };
    Ok(Some(Question {
        purpose,
        step: row.step,
        opened_at: row.opened_at,
        expires_at: row.expires_at,
        is_due: row.is_due,
        terms: CandidateTerms {
            agent: row.requested_by,
            kind: row.kind,
            amount_minor: row.amount_minor,
            currency: row.currency,
            customer: row.customer_id,
            segment: row.segment,
            case_id: row.case_id,
            occasion: row.occasion,
            budget: row.budget_id,
            waived: row.waived,
        },
        asked: row.asked.into_iter().map(agent).collect::<Result<_, _>>()?,
    }))
}

/// The rule by which such a gesture's question is asked.
pub(super) async fn ruling(
    reading: &mut Reading,
    tenant: TenantId,
    terms: &CandidateTerms,
) -> Result<Ruling, Problem> {
    ruling_of(
        reading,
        tenant,
        &terms.kind,
        terms.segment.as_deref(),
        terms.occasion.as_deref(),
    )
    .await
}

/// The same for the terms in force of a gesture; none: there is no such gesture.
pub(super) async fn ruling_of_gesture(
    reading: &mut Reading,
    tenant: TenantId,
    id: GestureId,
) -> Result<Option<Ruling>, Problem> {
    let row = sqlx::query!(
        r#"-- approval::ruling_of_gesture
        select g.kind as "kind!", g.segment, g.occasion
        from largesse.gestures g
        where g.tenant_id = $1 and g.gesture_id = $2 and g.state <> 'TOMBSTONE'"#,
        tenant.0,
        id.0
    )
    .fetch_optional(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let Some(row) = row else { return Ok(None) };
    let (segment, occasion) = (row.segment.as_deref(), row.occasion.as_deref());
    ruling_of(reading, tenant, &row.kind, segment, occasion)
        .await
        .map(Some)
}

async fn ruling_of(
    reading: &mut Reading,
    tenant: TenantId,
    kind: &str,
    segment: Option<&str>,
    occasion: Option<&str>,
) -> Result<Ruling, Problem> {
    let row = sqlx::query!(
        r#"-- approval::ruling_of
        select answer_within_s as "answer_within_s!", expire_after_s as "expire_after_s!", clock as "clock!",
            review_within_s as "review_within_s!", working_hours as "working_hours: Json<WorkingHours>",
            holidays as "holidays!: Vec<NaiveDate>", time_zone as "time_zone!", at as "at!"
        from largesse.routing_of($1, $2, $3, $4)"#,
        tenant.0,
        kind,
        segment,
        occasion,
    )
    .fetch_one(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let seconds = |seconds: i32| TimeDelta::seconds(i64::from(seconds));
    let holidays = row.holidays;
    let working_time = row.working_hours.map(|hours| WorkingTime {
        working_hours: hours.0,
        holidays,
    });
    Ok(Ruling {
        rule: Rule {
            answer_within: seconds(row.answer_within_s),
            expire_after: seconds(row.expire_after_s),
            review_within: seconds(row.review_within_s),
            clock: Clock::of_word(&row.clock)
                .ok_or_else(|| Problem::defect("a rule's clock is not known"))?,
            // What Postgres knows and we do not is counted in UTC, as everywhere.
            calendar: Calendar::new(working_time, row.time_zone.parse().unwrap_or(Tz::UTC)),
        },
        now: row.at,
    })
}

/// Everybody who might be asked, nearest first.
pub(super) async fn candidates(
    reading: &mut Reading,
    tenant: TenantId,
    terms: &CandidateTerms,
) -> Result<Facts, Problem> {
    let rows = sqlx::query!(
        r#"-- approval::candidates
        select agent_id as "agent_id!", how as "how!", person_id as "person_id!", type = 'HUMAN' as "is_human!",
            is_active as "is_active!", is_requester as "is_requester!", is_able as "is_able!", fits_now as "fits_now!",
            is_reachable as "is_reachable!", needs_two as "needs_two!", typical_wait_s
        from largesse.candidates($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        order by place"#,
        tenant.0,
        terms.agent,
        terms.kind,
        terms.amount_minor,
        terms.currency,
        terms.customer,
        terms.segment.as_deref(),
        terms.case_id.as_deref(),
        terms.occasion.as_deref(),
        terms.budget.as_deref(),
        terms.waived,
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let needs_two = rows.iter().any(|row| row.needs_two);
    let candidates = rows
        .into_iter()
        .map(|row| {
            Ok(Candidate {
                agent: agent(row.agent_id)?,
                how: word(&row.how, How::of_word)?,
                person: row.person_id,
                is_human: row.is_human,
                is_active: row.is_active,
                is_requester: row.is_requester,
                is_able: row.is_able,
                fits_now: row.fits_now,
                is_reachable: row.is_reachable,
                typical_wait_s: row.typical_wait_s,
            })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Facts {
        candidates,
        needs_two,
    })
}

/// Says no at once, because nobody could ever say yes: DECLINED, ABLE or STALE.
pub(super) async fn decline_unanswerable(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
) -> Result<String, Problem> {
    let word = database
        .write("decline_unanswerable", move |connection| {
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- approval::decline_unanswerable
                    select largesse.decline_unanswerable(largesse.traced($1, $3), $2, 0) as "word!""#,
                    tenant.0,
                    id.0,
                    traces::here(),
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(word)
}

/// Time is up: APPROVED, EXPIRED or STALE.
pub(super) async fn lapse(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
    step: i32,
) -> Result<String, Problem> {
    let word = database
        .write("lapse", move |connection| {
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- approval::lapse
                    select largesse.lapse(largesse.traced($1, $4), $2, $3) as "word!""#,
                    tenant.0,
                    id.0,
                    step,
                    traces::here(),
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(word)
}

/// A stored agent.
pub(super) fn agent(id: String) -> Result<AgentId, Problem> {
    AgentId::new(id).ok_or_else(|| Problem::defect("a stored agent is no id"))
}

/// The value of a stored word.
pub(super) fn word<T>(word: &str, of_word: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    of_word(word).ok_or_else(|| Problem::defect(&format!("a stored word is not known: {word}")))
}
