//! Follow-ups: gestures that somebody is to look at, because they cost too much or a promise was broken.

mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Gesture, Gestures};
use crate::identity::{Caller, Role};
use crate::ids::{AgentId, GestureId};
use crate::problem::Problem;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpPurpose {
    /// It cost more than was held: who accepts the rest?
    Cost,
    /// What was promised did not happen: what do we do for the customer?
    Promise,
}

impl FollowUpPurpose {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cost => "COST",
            Self::Promise => "PROMISE",
        }
    }

    /// The purpose of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Cost, Self::Promise]
            .into_iter()
            .find(|purpose| purpose.name() == name)
    }
}

/// A gesture that somebody is to look at.
#[derive(Debug, Clone)]
pub struct FollowUp {
    /// As it is now.
    pub gesture: Gesture,
    /// What is asked.
    pub purpose: FollowUpPurpose,
    /// Who is asked.
    pub agent: AgentId,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// What is in question, in minor units of the gesture's currency.
    pub rest_minor: Option<i64>,
}

/// A page of follow-ups.
#[derive(Debug)]
pub struct FollowUpPage {
    /// Oldest first.
    pub follow_ups: Vec<FollowUp>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy)]
struct Position {
    opened_at: DateTime<Utc>,
    id: GestureId,
    purpose: FollowUpPurpose,
}

impl Gestures {
    /// A page of what an agent is to look at, oldest first. An auditor who names nobody sees everybody's.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`]; [`Problem::Invalid`] where the token is of another list.
    pub async fn follow_ups(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<FollowUpPage, Problem> {
        let tenant = caller.tenant()?;
        let agent = match agent {
            named if caller.has(Role::Auditor) => named,
            named => Some(caller.acting_as(named)?),
        };
        let scope = format!("follow-ups {tenant} {} {agent:?}", caller.subject);
        let after = token
            .map(|token| {
                self.tokens
                    .read(&scope, token)
                    .and_then(|text| position(&text))
            })
            .transpose()?;
        // One more than asked tells whether there is another page.
        let mut reading = self.database.read(tenant).await?;
        let mut found =
            store::follow_ups(&mut reading, tenant, agent.as_ref(), after, page_size + 1).await?;
        drop(reading);
        let has_more = found.len() as i64 > page_size;
        found.truncate(page_size as usize);
        let next = found.last().filter(|_| has_more).map(|last| {
            let (at, purpose) = (last.opened_at.timestamp_micros(), last.purpose.name());
            self.tokens
                .sign(&scope, &format!("{at} {} {purpose}", last.gesture))
        });
        // One gesture may be there for both purposes.
        let ids = found.iter().map(|row| row.gesture).collect();
        let gestures = self.batch_get(caller, ids).await?;
        let follow_ups = found.into_iter().filter_map(|row| {
            let gesture = gestures.iter().find(|gesture| gesture.id == row.gesture)?;
            Some(FollowUp {
                gesture: gesture.clone(),
                purpose: row.purpose,
                agent: row.agent,
                opened_at: row.opened_at,
                rest_minor: row.rest_minor,
            })
        });
        Ok(FollowUpPage {
            follow_ups: follow_ups.collect(),
            next,
        })
    }

    /// Closes a follow-up: it was looked at, and nothing more is given. True: the same call was made before.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::NotYourGesture`], [`Problem::NothingInQuestion`].
    pub async fn close_follow_up(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        id: GestureId,
        purpose: FollowUpPurpose,
    ) -> Result<bool, Problem> {
        let tenant = caller.tenant()?;
        let actor = self.authorities.acting(caller, agent).await?;
        let credential = caller.credential.clone();
        let (outcome, replayed) =
            store::close_follow_up(&self.database, tenant, id, purpose, actor, credential).await?;
        match outcome.as_str() {
            "CLOSED" => Ok(replayed),
            "UNKNOWN" => Err(Problem::GestureNotFound(id)),
            "FORBIDDEN" => Err(Problem::NotYourGesture(id)),
            "NOT_ALLOWED" => Err(Problem::NothingInQuestion(id)),
            other => Err(Problem::defect(&format!(
                "close_follow_up answered {other}"
            ))),
        }
    }
}

fn position(text: &str) -> Result<Position, Problem> {
    let parse = || {
        let mut parts = text.split(' ');
        let (at, id, purpose) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Position {
            opened_at: DateTime::from_timestamp_micros(at.parse().ok()?)?,
            id: GestureId(Uuid::parse_str(id).ok()?),
            purpose: FollowUpPurpose::named(purpose)?,
        })
    };
    parse().ok_or_else(|| Problem::defect("a page token that we signed cannot be read"))
}
