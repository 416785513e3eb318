//! Cancelling: an approved gesture gives back what it holds, one that waits or was returned is withdrawn.

use super::{Gesture, Gestures};
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId};
use crate::problem::Problem;

impl Gestures {
    /// Ends a gesture. True: the same call was made before, and this is its answer again.
    ///
    /// # Errors
    /// [`Problem::AgentUnknown`], and those of [`crate::admission::Admission::cancel`].
    pub async fn cancel(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        id: GestureId,
        etag: i32,
    ) -> Result<(Gesture, bool), Problem> {
        let tenant = caller.tenant()?;
        let agent = self.authorities.acting(caller, agent).await?;
        let replayed = self
            .admission
            .cancel(tenant, id, &agent, etag, &caller.credential)
            .await?;
        let gesture = self.get(caller, id).await.map_err(Problem::after_writing)?;
        Ok((gesture, replayed))
    }
}
