//! What the service proposes: its own pure code (`largesse::approval::routing`, `deadline`), over the facts that the kernel
//! tells.

use chrono::{TimeDelta, Utc};
use largesse::approval::How;
use largesse::approval::deadline::Rule;
use largesse::approval::routing::{Candidate, Next, next_decider, next_reviewer};
use largesse::calendar::{Calendar, Clock};
use largesse::ids::AgentId;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::calls;
use super::model::{self, Gesture, Route};
use crate::support::kernel::{self, Asked};

/// The next step of a question that is due.
pub async fn proposed(app: &mut PgConnection, tenant: Uuid, id: Uuid, gesture: &Gesture) -> Route {
    let question = kernel::question(app, tenant, id).await.unwrap().unwrap();
    let asked = Asked {
        budget: Some(gesture.budget.clone()),
        ..gesture.terms().clone()
    };
    let (rule, now) = rule(app, tenant, &asked).await;
    let is_over = question.expires_at.is_some_and(|end| end <= now);
    if question.purpose == "RETURNED" || is_over {
        return Route::Lapse;
    }
    let found = calls::candidates(app, tenant, &asked).await;
    let needs_two = found.iter().any(|one| one.needs_two);
    let candidates: Vec<Candidate> = found.into_iter().map(candidate).collect();
    let before: Vec<AgentId> = question.asked.iter().map(|agent| id_of(agent)).collect();
    let is_review = question.purpose == "REVIEW";
    let next = match is_review {
        true => next_reviewer(&candidates, &before),
        false => next_decider(&candidates, &before, question.step, needs_two),
    };
    let (these, is_somebody_left) = match next {
        Next::Nobody => return Route::Nobody,
        Next::Wait => (Vec::new(), false),
        Next::Ask {
            these,
            is_somebody_left,
        } => (these, is_somebody_left),
    };
    let until = match is_review {
        true => rule.of_review(now, is_somebody_left),
        false => rule.of_decision(now, question.expires_at, is_somebody_left),
    };
    let (due_at, expires_at) = (until.due_at, until.expires_at);
    if these.is_empty() {
        return Route::Wait { due_at, expires_at };
    }
    let named = |one: &Candidate| {
        let how = if one.how == How::Pool { "POOL" } else { "LINE" };
        (one.agent.to_string(), how)
    };
    Route::Ask {
        agents: these.into_iter().map(named).collect(),
        answer_by: until.answer_by,
        due_at,
        expires_at,
    }
}

fn candidate(found: model::Candidate) -> Candidate {
    Candidate {
        agent: id_of(&found.agent),
        how: if found.how == "POOL" {
            How::Pool
        } else {
            How::Line
        },
        person: found.person,
        is_human: found.is_human,
        is_active: found.is_active,
        is_requester: found.is_requester,
        is_able: found.is_able,
        fits_now: found.fits_now,
        is_reachable: found.is_reachable,
        typical_wait_s: None,
    }
}

fn id_of(agent: &str) -> AgentId {
    AgentId::new(agent).unwrap()
}

/// The rule in force, and the instant.
async fn rule(
    app: &mut PgConnection,
    tenant: Uuid,
    asked: &Asked,
) -> (Rule, chrono::DateTime<Utc>) {
    let row = sqlx::query("select * from largesse.routing_of($1, $2, $3, $4)")
        .bind(tenant)
        .bind(&asked.kind)
        .bind(&asked.segment)
        .bind(&asked.occasion)
        .fetch_one(app)
        .await
        .unwrap();
    let seconds = |column: &str| TimeDelta::seconds(row.get::<i32, _>(column).into());
    let zone = row.get::<String, _>("time_zone").parse().unwrap();
    let rule = Rule {
        answer_within: seconds("answer_within_s"),
        expire_after: seconds("expire_after_s"),
        review_within: seconds("review_within_s"),
        clock: Clock::Always,
        calendar: Calendar::new(None, zone),
    };
    (rule, row.get("at"))
}
