//! Outcomes: what the customer said or did about a gesture.

mod store;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Gesture, Gestures};
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::postgres::Reading;
use crate::problem::Problem;
use crate::vault::{Private, SEALS_MAX, SealedPlace};

/// What happened, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeWord {
    /// Said thank you.
    Thanked,
    /// Was not content.
    ComplainedAgain,
    /// Told others.
    SharedPublicly,
    /// Sent it back.
    Returned,
    /// Something else.
    Other,
}

impl OutcomeWord {
    const ALL: [Self; 5] = [
        Self::Thanked,
        Self::ComplainedAgain,
        Self::SharedPublicly,
        Self::Returned,
        Self::Other,
    ];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Thanked => "THANKED",
            Self::ComplainedAgain => "COMPLAINED_AGAIN",
            Self::SharedPublicly => "SHARED_PUBLICLY",
            Self::Returned => "RETURNED",
            Self::Other => "OTHER",
        }
    }

    /// The word of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name() == name)
    }
}

/// What a customer said or did, as somebody recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The record's id.
    pub id: Uuid,
    /// What happened.
    pub word: OutcomeWord,
    /// In their words; none: not said, or not for this caller.
    pub note: Option<Private>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// The number of its event.
    seq: i32,
}

impl Gestures {
    /// Records what the customer said or did. True: the same call was made before.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::AgentSuspended`], [`Problem::StateForbids`], [`Problem::OutcomeIdReused`].
    pub async fn record_outcome(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        (id, record): (GestureId, Uuid),
        word: OutcomeWord,
        note: Private,
    ) -> Result<(Gesture, bool), Problem> {
        let tenant = caller.tenant()?;
        let agent = self.authorities.acting(caller, agent).await?;
        let found = self.get(caller, id).await?;
        let seq = super::store::seq(&self.database, tenant, id).await?;
        let mut seq = seq.ok_or(Problem::GestureNotFound(id))? + 1;
        for _ in 0..SEALS_MAX {
            let sealed = if note.is_empty() {
                None
            } else {
                let place = SealedPlace {
                    tenant,
                    gesture: id,
                    seq,
                };
                let customer = &found.terms.customer;
                Some(self.vault.seal_note(tenant, customer, place, &note).await?)
            };
            let asked = store::OutcomeRecord {
                id,
                record,
                actor: agent.clone(),
                word,
                sealed,
                seq,
                credential: caller.credential.clone(),
            };
            let answer = store::record_outcome(&self.database, tenant, asked).await?;
            match answer.outcome.as_str() {
                "RECORDED" => {
                    let gesture = self.get(caller, id).await.map_err(Problem::after_writing)?;
                    return Ok((gesture, answer.replayed));
                }
                "MOVED" => seq = answer.seq.unwrap_or_default(),
                "UNKNOWN" => return Err(Problem::GestureNotFound(id)),
                "FORBIDDEN" => return Err(Problem::AgentSuspended(agent)),
                "REUSED" => return Err(Problem::OutcomeIdReused(record)),
                "NOT_ALLOWED" => {
                    return Err(Problem::StateForbids {
                        id,
                        state: answer.state.unwrap_or_default(),
                        by: None,
                        needed: "APPROVED, DISPATCHED, DELIVERED, FAILED, CANCELLED",
                    });
                }
                other => {
                    return Err(Problem::defect(&format!("record_outcome answered {other}")));
                }
            }
        }
        Err(Problem::Overloaded)
    }

    /// What was recorded about these gestures; with the notes of those that are visible.
    pub(super) async fn outcomes_of(
        &self,
        reading: &mut Reading,
        tenant: TenantId,
        gestures: &[GestureId],
        visible: &[GestureId],
    ) -> Result<HashMap<GestureId, Vec<Outcome>>, Problem> {
        if gestures.is_empty() {
            return Ok(HashMap::new());
        }
        let mut outcomes = store::outcomes(reading, tenant, gestures).await?;
        let said: Vec<(GestureId, i32)> = outcomes
            .iter()
            .filter(|(id, _)| visible.contains(id))
            .flat_map(|(id, found)| found.iter().map(|outcome| (*id, outcome.seq)))
            .collect();
        if said.is_empty() {
            return Ok(outcomes);
        }
        for ((id, seq), note) in self.vault.open_notes(reading, tenant, said).await? {
            let mut found = outcomes.get_mut(&id).into_iter().flatten();
            if let Some(outcome) = found.find(|outcome| outcome.seq == seq) {
                outcome.note = Some(note);
            }
        }
        Ok(outcomes)
    }
}
