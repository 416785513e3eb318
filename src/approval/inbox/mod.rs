//! What an approver sees: the questions that wait for them, soonest deadline first, and how they stand to one of them.

mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Approvals, Purpose};
use crate::admission::{Decision, Outcome, Reason, reason_code};
use crate::identity::{Caller, Role};
use crate::ids::{AgentId, CustomerId, GestureId};
use crate::problem::Problem;

/// Which questions; unset fields do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// For this purpose.
    pub purpose: Option<Purpose>,
    /// Of one of these kinds; empty: of any.
    pub kinds: Vec<String>,
    /// Asked in this agent's name.
    pub requested_by: Option<AgentId>,
    /// For this customer.
    pub customer: Option<CustomerId>,
}

/// A question that waits for an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxItem {
    /// Which gesture.
    pub gesture: GestureId,
    /// In whose authority it would be answered.
    pub authority: AgentId,
    /// By when.
    pub answer_by: DateTime<Utc>,
    /// What it is about.
    pub purpose: Purpose,
}

/// A page of an inbox.
#[derive(Debug)]
pub struct InboxPage {
    /// Soonest deadline first.
    pub items: Vec<InboxItem>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy)]
struct Position {
    answer_by: DateTime<Utc>,
    gesture: GestureId,
}

/// What a yes comes to, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YesResult {
    /// It is admitted and spends.
    Approved,
    /// It is the first of two.
    FirstYes,
    /// It does not fit.
    Refused,
}

/// How an agent stands to a question, in one authority.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Whose maxima and counters a yes would use.
    pub authority: AgentId,
    /// What a yes would come to now.
    pub result: YesResult,
    /// And why, where it would not fit.
    pub decision: Decision,
    /// Whether this authority was asked, and may answer.
    pub is_asked: bool,
}

impl Approvals {
    /// ListApprovals: a page of what waits for an agent: in their own authority, in what is lent to them, in the pool's.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`], [`Problem::AgentUnknown`]; [`Problem::Invalid`] where the token is of another list.
    pub async fn list(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        filter: InboxFilter,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<InboxPage, Problem> {
        let (tenant, agent) = (
            caller.tenant()?,
            self.authorities.acting(caller, agent).await?,
        );
        let scope = format!("inbox {tenant} {} {agent} {filter:?}", caller.subject);
        let after = token
            .map(|token| {
                self.tokens
                    .read(&scope, token)
                    .and_then(|text| position(&text))
            })
            .transpose()?;
        let mut reading = self.database.read(tenant).await?;
        // One more than asked tells whether there is another page.
        let mut items =
            store::inbox(&mut reading, tenant, &agent, &filter, after, page_size + 1).await?;
        let has_more = items.len() as i64 > page_size;
        items.truncate(page_size as usize);
        let next = items.last().filter(|_| has_more).map(|last| {
            let at = last.answer_by.timestamp_micros();
            self.tokens.sign(&scope, &format!("{at} {}", last.gesture))
        });
        Ok(InboxPage { items, next })
    }

    /// GetApproval: how the caller stands to a question, in each authority in which they could answer, their own first. For
    /// whoever answers nothing it is empty.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::ApprovalNotFound`]; [`Problem::NotYourGesture`] for a requester who asks about
    /// somebody else's.
    pub async fn standings(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        id: GestureId,
    ) -> Result<Vec<Standing>, Problem> {
        let tenant = caller.tenant()?;
        let mut reading = self.database.read(tenant).await?;
        let (requested_by, is_asked) = store::asked_by(&mut reading, tenant, id)
            .await?
            .ok_or(Problem::GestureNotFound(id))?;
        drop(reading);
        let sees_everything = caller.has(Role::Approver) || caller.has(Role::Auditor);
        if !sees_everything && !caller.covers(&requested_by) {
            return Err(Problem::NotYourGesture(id));
        }
        if !is_asked {
            return Err(Problem::ApprovalNotFound(id));
        }
        if !caller.has(Role::Approver) {
            return Ok(Vec::new());
        }
        let actor = self.authorities.acting(caller, agent).await?;
        let mut reading = self.database.read(tenant).await?;
        let rows = store::standings(&mut reading, tenant, id, &actor).await?;
        Ok(rows.into_iter().map(standing).collect())
    }
}

fn standing(row: store::StandingRow) -> Standing {
    let mut reasons = row.reasons;
    let result = match row.outcome.as_str() {
        "APPROVED" => YesResult::Approved,
        "FIRST_YES" => YesResult::FirstYes,
        _ => YesResult::Refused,
    };
    if row.outcome == "SAME_PERSON" {
        reasons.push(Reason {
            code: reason_code::SECOND_PERSON_NEEDED.into(),
            ..Reason::default()
        });
    }
    Standing {
        authority: row.authority,
        result,
        decision: Decision {
            outcome: Outcome::of_reasons(&reasons),
            decided_by: None,
            authority: None,
            decided_at: None,
            configuration_version: row.configuration_version,
            reasons,
            similar: Vec::new(),
            approvers: Vec::new(),
        },
        is_asked: row.is_asked,
    }
}

fn position(text: &str) -> Result<Position, Problem> {
    let parse = || {
        let (at, id) = text.split_once(' ')?;
        Some(Position {
            answer_by: DateTime::from_timestamp_micros(at.parse().ok()?)?,
            gesture: GestureId(Uuid::parse_str(id).ok()?),
        })
    };
    parse().ok_or_else(|| Problem::defect("a page token that we signed cannot be read"))
}
