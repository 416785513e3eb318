//! Approvals: who is asked where an agent's own authority does not suffice, and what becomes of the question.
//!
//! A request that needs approval, or breaks the glass, opens a question in the same transaction (`admission`). From there:
//!
//! - `asking` routes it: facts of one instant → [`routing`] (who is next, pure) and [`deadline`] (until when, pure) → one
//!   step in Postgres, which takes it against the step that was seen. Whoever wrote the question routes it at once;
//!   [`crate::timers`] does so again whenever a deadline has passed. People are added and never replaced: somebody who does not
//!   answer keeps nobody waiting.
//! - `decide` carries the answers of those who were asked. A yes is an admission in the authority that says it.
//! - `inbox` is what an approver sees; `delegation` lends authority, and knows who is away.
//!
//! **Invariant:** nothing here decides. Postgres holds every answer against the asked, the terms, the etag and all the rules
//! (`decide`, `lapse`), so that a wrong route costs time and never money.
//!
//! Knows nothing of `gesture`: `gesture` has its questions routed and shows them.

mod asking;
pub mod deadline;
mod decide;
mod delegation;
mod inbox;
mod question;
pub mod routing;
mod store;
mod told;

use std::collections::HashMap;

pub use decide::{Answered, Answering, CameTo, Saying, Seen};
pub use delegation::{Absence, Delegation, DelegationPage, Lending};
pub use inbox::{InboxFilter, InboxItem, InboxPage, Standing, YesResult};
pub use question::{
    Answer, AnswerEvent, Approval, Asked, FirstAnswer, How, Purpose, Silence, Verdict,
};

use crate::admission::{Approver, Lanes, Terms};
use crate::authority::Authorities;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::paging::PageTokens;
use crate::postgres::{Database, Reading};
use crate::problem::Problem;
use crate::vault::Vault;

/// How many approvers an answer names.
const APPROVERS_MAX: usize = 5;

/// The use cases of approvals.
#[derive(Debug, Clone)]
pub struct Approvals {
    database: Database,
    lanes: Lanes,
    authorities: Authorities,
    vault: Vault,
    tokens: PageTokens,
}

impl Approvals {
    /// The use cases in this database. Answers take their turn in `lanes`; `tokens` signs the cursors of lists.
    pub fn new(
        database: Database,
        lanes: Lanes,
        authorities: Authorities,
        tokens: PageTokens,
    ) -> Self {
        Self {
            vault: Vault::new(database.clone()),
            database,
            lanes,
            authorities,
            tokens,
        }
    }

    /// The questions of these gestures, without what was said with the answers. A gesture about which nobody was ever asked has
    /// none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(
        &self,
        reading: &mut Reading,
        tenant: TenantId,
        gestures: &[GestureId],
    ) -> Result<HashMap<GestureId, Approval>, Problem> {
        if gestures.is_empty() {
            return Ok(HashMap::new());
        }
        let mut approvals = question::store::approvals(reading, tenant, gestures).await?;
        for (gesture, asked) in question::store::asked(reading, tenant, gestures).await? {
            if let Some(approval) = approvals.get_mut(&gesture) {
                approval.asked.push(asked);
            }
        }
        Ok(approvals)
    }

    /// Who could say yes to these terms of an agent, in the order in which they would be asked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn able(
        &self,
        tenant: TenantId,
        agent: &AgentId,
        terms: &Terms,
    ) -> Result<Vec<Approver>, Problem> {
        let mut reading = self.database.read(tenant).await?;
        let terms = store::CandidateTerms::of(agent, terms);
        let facts = store::candidates(&mut reading, tenant, &terms).await?;
        Ok(facts.approvers())
    }
}

impl store::Facts {
    /// The first of those who could say yes.
    fn approvers(&self) -> Vec<Approver> {
        routing::able(&self.candidates, self.needs_two)
            .into_iter()
            .take(APPROVERS_MAX)
            .map(|candidate| Approver {
                agent: candidate.agent.clone(),
                typical_wait_s: candidate.typical_wait_s,
            })
            .collect()
    }
}
