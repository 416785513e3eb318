//! Revising: other terms for a gesture that waits or was returned, or the glass broken for it.

use super::request::Help;
use super::{Gesture, Gestures, store};
use crate::admission::{Request, Revised, Terms};
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId};
use crate::problem::Problem;
use crate::vault::{Personal, SEALS_MAX};

impl Gestures {
    /// Puts other terms to a gesture, which are decided as if they were asked for the first time. True: the same call was made
    /// before, and this is its answer again.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every violated field, and those of [`crate::admission::Admission::revise`].
    pub async fn revise(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        (id, etag): (GestureId, i32),
        terms: Terms,
        personal: Personal,
    ) -> Result<(Gesture, bool), Problem> {
        let tenant = caller.tenant()?;
        let agent = self.authorities.acting(caller, agent).await?;
        let seq = store::seq(&self.database, tenant, id).await?;
        let mut seq = seq.ok_or(Problem::GestureNotFound(id))? + 1;
        for _ in 0..SEALS_MAX {
            let request = Request {
                id,
                agent: agent.clone(),
                terms: terms.clone(),
                personal: personal.clone(),
                credential: caller.credential.clone(),
            };
            match self.admission.revise(tenant, request, etag, seq).await? {
                Revised::Moved(next) => seq = next,
                revised @ (Revised::Now | Revised::Replayed) => {
                    let mut help = Help::default();
                    if revised == Revised::Now {
                        help.approvers = self.ask_at_once(tenant, id).await;
                    }
                    let gesture = self.answered(caller, tenant, id, help).await;
                    let gesture = gesture.map_err(Problem::after_writing)?;
                    return Ok((gesture, revised == Revised::Replayed));
                }
            }
        }
        Err(Problem::Overloaded)
    }
}
