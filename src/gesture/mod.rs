//! Gestures: the discretionary acts themselves, from the request to what became of them.
//!
//! [`Gestures`] offers the use cases, named like the RPCs. Each takes the [`Caller`] as a value; what moves authority
//! goes through `admission`, what is read comes from `store`. A gesture in the database is one row and its events; a
//! [`Gesture`] here is the row as it is now, the first event as its decision, and, for those who may see it, what was
//! said of people.
//!
//! **Invariant:** personal parts are attached in one place (`Gestures::shown_to`), which asks who is looking.

mod cancel;
mod list;
mod request;
pub mod state;
mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use list::{ListFilter, ListPage};

use crate::admission::{Admission, Decision, Terms};
use crate::identity::{ActsFor, Caller, Role};
use crate::ids::{AgentId, GestureId};
use crate::money::Currency;
use crate::paging::PageTokens;
use crate::postgres::Database;
use crate::problem::Problem;
use crate::vault::{Personal, Vault};

/// A gesture as it is now.
#[derive(Debug, Clone)]
pub struct Gesture {
    /// The client's request id.
    pub id: GestureId,
    /// What was asked.
    pub terms: Terms,
    /// What was said of people; none for those who may not see it, and after an erasure.
    pub personal: Option<Personal>,
    /// Where it stands, by its name in the design.
    pub state: String,
    /// Who asked.
    pub requested_by: AgentId,
    /// The decision as recorded.
    pub decision: Decision,
    /// The number of its last event.
    pub etag: i32,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The tenant's time zone, for the words of reasons.
    pub zone: Tz,
}

/// A decision that was not made, and what is needed to put it in words.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What would be decided now.
    pub decision: Decision,
    /// Of the amount.
    pub currency: Currency,
    /// The tenant's time zone.
    pub zone: Tz,
}

/// The use cases of gestures.
#[derive(Debug, Clone)]
pub struct Gestures {
    database: Database,
    admission: Admission,
    vault: Vault,
    tokens: PageTokens,
}

impl Gestures {
    /// The use cases in this database. `tokens` signs the cursors of lists.
    pub fn new(database: Database, tokens: PageTokens) -> Self {
        Self {
            admission: Admission::new(database.clone()),
            vault: Vault::new(database.clone()),
            database,
            tokens,
        }
    }

    /// One gesture.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`] where the tenant has none of this id.
    pub async fn get(&self, caller: &Caller, id: GestureId) -> Result<Gesture, Problem> {
        let found = self.batch_get(caller, vec![id]).await?;
        found.into_iter().next().ok_or(Problem::GestureNotFound(id))
    }

    /// Several gestures, in the order of the ids; those that do not exist are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn batch_get(
        &self,
        caller: &Caller,
        ids: Vec<GestureId>,
    ) -> Result<Vec<Gesture>, Problem> {
        let found = store::by_ids(&self.database, caller.tenant()?, &ids).await?;
        let mut by_id: HashMap<GestureId, Gesture> = found
            .into_iter()
            .map(|gesture| (gesture.id, gesture))
            .collect();
        let in_order = ids.iter().filter_map(|id| by_id.remove(id)).collect();
        self.shown_to(caller, in_order).await
    }

    /// Who acts, where nothing behind asks the roster: the gate asked it for the credential's subject, and knows nothing of the
    /// agent whom a service names.
    async fn acting(&self, caller: &Caller, named: Option<AgentId>) -> Result<AgentId, Problem> {
        let agent = caller.acting_as(named)?;
        if caller.agents == ActsFor::Itself
            || store::is_on_roster(&self.database, caller.tenant()?, &agent).await?
        {
            Ok(agent)
        } else {
            Err(Problem::AgentUnknown(agent))
        }
    }

    /// Attaches the personal parts that this caller may see: of gestures of their own, or as approver or auditor.
    async fn shown_to(
        &self,
        caller: &Caller,
        mut gestures: Vec<Gesture>,
    ) -> Result<Vec<Gesture>, Problem> {
        let visible: Vec<GestureId> = gestures
            .iter()
            .filter(|gesture| sees_people(caller, gesture))
            .map(|gesture| gesture.id)
            .collect();
        if visible.is_empty() {
            return Ok(gestures);
        }
        let mut opened: HashMap<_, _> = self
            .vault
            .open(caller.tenant()?, visible)
            .await?
            .into_iter()
            .collect();
        for gesture in &mut gestures {
            gesture.personal = opened.remove(&gesture.id);
        }
        Ok(gestures)
    }
}

fn sees_people(caller: &Caller, gesture: &Gesture) -> bool {
    let is_own = match &caller.agents {
        ActsFor::Itself => gesture.requested_by == caller.subject,
        ActsFor::These(agents) => agents.contains(&gesture.requested_by),
        ActsFor::Everybody => true,
    };
    (is_own && caller.has(Role::Requester))
        || caller.has(Role::Approver)
        || caller.has(Role::Auditor)
}
