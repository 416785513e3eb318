//! Gestures: the discretionary acts themselves, from the request to what became of them.
//!
//! [`Gestures`] offers the use cases, named like the RPCs. Each takes the [`Caller`] as a value; what moves authority
//! goes through `admission`, what is read comes from `store`. A gesture in the database is one row and its events; a
//! [`Gesture`] here is the row as it is now, the event that answered its terms as its decision, its question with what became
//! of it (`approval`), and, for those who may see it, what was said of people. All of it is read at one moment.
//!
//! **Invariant:** personal parts are attached in one place (`Gestures::shown_to`), which asks who is looking.

mod cancel;
mod cost;
mod follow_up;
mod list;
mod outcome;
mod request;
mod revise;
pub mod state;
mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use cost::AcceptedCost;
pub use follow_up::{FollowUp, FollowUpPage, FollowUpPurpose};
pub use list::{ListFilter, ListPage};
pub use outcome::{Outcome, OutcomeWord};

use crate::admission::{Admission, Decision, SimilarGesture, Terms};
use crate::approval::{Approval, Approvals};
use crate::authority::Authorities;
use crate::identity::{Caller, Role};
use crate::ids::{AgentId, GestureId, TenantId};
use crate::money::Currency;
use crate::paging::PageTokens;
use crate::postgres::{Database, Reading};
use crate::problem::Problem;
use crate::vault::{Personal, Vault};
use store::Found;

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
    /// What has become of what was promised; none: nothing is, or not any more.
    pub promise: Option<Promise>,
    /// Who makes it real; none: it was never approved.
    pub fulfilment: Option<Fulfilment>,
    /// What the customer said or did, in the order in which it was recorded.
    pub outcomes: Vec<Outcome>,
    /// The gesture whose cost in question this one accepted.
    pub about: Option<GestureId>,
    /// The question that was put to others; none: nobody was ever asked.
    pub approval: Option<Approval>,
    /// What identifies the terms in force.
    pub terms_digest: Vec<u8>,
    /// The number of the last event that changed the gesture itself.
    pub etag: i32,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The tenant's time zone, for the words of reasons.
    pub zone: Tz,
}

/// What has become of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// Nothing speaks against it yet.
    Pending,
    /// Not dispatched, although it must be by now.
    AtRisk,
    /// Its time has passed, or it came too late.
    Late,
    /// It came in time.
    Kept,
    /// It will not come, or came one lead time too late.
    Broken,
}

impl Promise {
    /// Every one.
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::AtRisk,
        Self::Late,
        Self::Kept,
        Self::Broken,
    ];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::AtRisk => "AT_RISK",
            Self::Late => "LATE",
            Self::Kept => "KEPT",
            Self::Broken => "BROKEN",
        }
    }

    /// Whether somebody may look for those of which this has become: they are few, and have an index.
    fn may_have_gone_wrong(self) -> bool {
        matches!(self, Self::AtRisk | Self::Late | Self::Broken)
    }

    /// The promise of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Who makes a gesture real, and how far that has come. Amounts in minor units of the gesture's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fulfilment {
    /// The channel.
    pub channel: String,
    /// Who has the last lease, or had it.
    pub fulfiller: Option<String>,
    /// How often it was tried in vain.
    pub failed_tries: i32,
    /// Why it failed last, in a word.
    pub last_failure: Option<String>,
    /// When it may be tried again, or when the lease ends.
    pub next_try_at: Option<DateTime<Utc>>,
    /// The fulfiller's own order.
    pub order: Option<String>,
    /// Where the proof of delivery is.
    pub proof: Option<String>,
    /// When it was dispatched.
    pub dispatched_at: Option<DateTime<Utc>>,
    /// When it was delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    /// What it cost in the end.
    pub actual_minor: Option<i64>,
    /// What was captured of the hold.
    pub captured_minor: Option<i64>,
    /// What it cost above the hold, and nobody has accepted or closed.
    pub in_question_minor: Option<i64>,
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
    authorities: Authorities,
    approvals: Approvals,
    vault: Vault,
    tokens: PageTokens,
}

impl Gestures {
    /// The use cases in this database. `tokens` signs the cursors of lists; `admission` decides.
    pub fn new(
        database: Database,
        authorities: Authorities,
        approvals: Approvals,
        tokens: PageTokens,
        admission: Admission,
    ) -> Self {
        Self {
            admission,
            vault: Vault::new(database.clone()),
            authorities,
            approvals,
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
        let mut reading = self.database.read(caller.tenant()?).await?;
        let found = store::by_ids(&mut reading, caller.tenant()?, &ids).await?;
        let mut by_id: HashMap<GestureId, Found> = found
            .into_iter()
            .map(|found| (found.gesture.id, found))
            .collect();
        let in_order = ids.iter().filter_map(|id| by_id.remove(id)).collect();
        self.shown_to(caller, &mut reading, in_order).await
    }

    /// What the customer or the case of a gesture was lately given by anybody, but for the gesture itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn similar_to(
        &self,
        caller: &Caller,
        gesture: &Gesture,
    ) -> Result<Vec<SimilarGesture>, Problem> {
        let (tenant, but_for) = (caller.tenant()?, Some(gesture.id));
        self.admission
            .similar(tenant, &gesture.terms, but_for)
            .await
    }

    /// Attaches the questions, and the personal parts that this caller may see: of gestures of their own, or as approver or
    /// auditor.
    async fn shown_to(
        &self,
        caller: &Caller,
        reading: &mut Reading,
        found: Vec<Found>,
    ) -> Result<Vec<Gesture>, Problem> {
        let tenant = caller.tenant()?;
        let ids = |is_meant: &dyn Fn(&Found) -> bool| -> Vec<GestureId> {
            let meant = found.iter().filter(|found| is_meant(found));
            meant.map(|found| found.gesture.id).collect()
        };
        let asked_about = ids(&|found| found.has_approval);
        let visible = ids(&|found| sees_people(caller, &found.gesture));
        let lived = ids(&|found| found.may_have_outcomes);
        let mut approvals = self.approvals.of(reading, tenant, &asked_about).await?;
        let mut outcomes = self.outcomes_of(reading, tenant, &lived, &visible).await?;
        let mut opened = HashMap::new();
        if !visible.is_empty() {
            self.say_notes(reading, tenant, &visible, &mut approvals)
                .await?;
            opened.extend(self.vault.open(reading, tenant, visible).await?);
        }
        let show = |found: Found| Gesture {
            personal: opened.remove(&found.gesture.id),
            approval: approvals.remove(&found.gesture.id),
            outcomes: outcomes.remove(&found.gesture.id).unwrap_or_default(),
            ..found.gesture
        };
        Ok(found.into_iter().map(show).collect())
    }

    /// Attaches what approvers said with the answers of these gestures.
    async fn say_notes(
        &self,
        reading: &mut Reading,
        tenant: TenantId,
        visible: &[GestureId],
        approvals: &mut HashMap<GestureId, Approval>,
    ) -> Result<(), Problem> {
        let said_with = |id: &GestureId| {
            let answer = approvals.get(id)?.answer.as_ref()?;
            answer.may_say_something().then_some((*id, answer.seq))
        };
        let events: Vec<(GestureId, i32)> = visible.iter().filter_map(said_with).collect();
        if events.is_empty() {
            return Ok(());
        }
        for ((id, _), note) in self.vault.open_notes(reading, tenant, events).await? {
            let answer = approvals.get_mut(&id).and_then(|one| one.answer.as_mut());
            if let Some(answer) = answer {
                answer.note = Some(note);
            }
        }
        Ok(())
    }
}

fn sees_people(caller: &Caller, gesture: &Gesture) -> bool {
    (caller.covers(&gesture.requested_by) && caller.has(Role::Requester))
        || caller.has(Role::Approver)
        || caller.has(Role::Auditor)
}
