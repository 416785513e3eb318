//! Accepting what a gesture cost above its hold: an admission of its own, in the authority of whoever accepts.

mod store;

use ring::digest;

use super::{Admission, GestureId, Reason};
use crate::identity::Credential;
use crate::ids::{AgentId, CustomerId, TenantId};
use crate::problem::Problem;
use crate::vault::{Personal, SealedPlace};
use store::Acceptance;

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum CostAnswer {
    /// It was accepted; true: the same call had been made before.
    Accepted(bool),
    /// It does not fit, for these reasons; nothing was written.
    Refused(Vec<Reason>),
}

impl Admission {
    /// Accepts the cost in question of `about`, as a gesture with the id `id`.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::NotYourGesture`], [`Problem::NothingInQuestion`], [`Problem::CostMoved`],
    /// [`Problem::RequestIdReused`].
    pub async fn accept_cost(
        &self,
        tenant: TenantId,
        (id, about): (GestureId, GestureId),
        rest_minor: i64,
        customer: &CustomerId,
        actor: &AgentId,
        credential: &Credential,
    ) -> Result<CostAnswer, Problem> {
        let place = SealedPlace {
            tenant,
            gesture: id,
            seq: 1,
        };
        // Nothing is said of people; what is sealed says so, like every request.
        let sealed = self
            .vault
            .seal(tenant, customer, place, &Personal::default())
            .await?;
        let asked = Acceptance {
            id,
            about,
            actor: actor.clone(),
            rest_minor,
            digest: digest_of(about, rest_minor, actor),
            sealed,
            credential: credential.clone(),
        };
        let answer = store::accept_cost(&self.lanes, tenant, asked).await?;
        match answer.outcome.as_str() {
            "ACCEPTED" => Ok(CostAnswer::Accepted(answer.replayed)),
            "REFUSED" => Ok(CostAnswer::Refused(answer.reasons)),
            "UNKNOWN" => Err(Problem::GestureNotFound(about)),
            "FORBIDDEN" => Err(Problem::NotYourGesture(about)),
            "NOT_ALLOWED" => Err(Problem::NothingInQuestion(about)),
            "STALE" => Err(Problem::CostMoved(about)),
            "REUSED" => Err(Problem::RequestIdReused(id)),
            other => Err(Problem::defect(&format!("accept_cost answered {other}"))),
        }
    }
}

/// By what a retry is known, should it come as a request.
fn digest_of(about: GestureId, rest_minor: i64, actor: &AgentId) -> Vec<u8> {
    let text = format!("accept {about} {rest_minor} {actor}");
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}
