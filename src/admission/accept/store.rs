//! The call of `accept_cost`.

use std::sync::Arc;

use sqlx::types::Json;

use crate::admission::{Lanes, Reason};
use crate::identity::Credential;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::problem::Problem;
use crate::vault::SealedPersonal;

/// A cost that is to be accepted.
pub(super) struct Acceptance {
    pub id: GestureId,
    pub about: GestureId,
    pub actor: AgentId,
    pub rest_minor: i64,
    pub digest: Vec<u8>,
    pub sealed: SealedPersonal,
    pub credential: Credential,
}

/// What `accept_cost` says.
pub(super) struct AcceptAnswer {
    pub outcome: String,
    pub reasons: Vec<Reason>,
    pub replayed: bool,
}

/// Accepts what a gesture cost above its hold.
pub(super) async fn accept_cost(
    lanes: &Lanes,
    tenant: TenantId,
    asked: Acceptance,
) -> Result<AcceptAnswer, Problem> {
    let whose = (asked.actor.clone(), asked.id);
    let asked = Arc::new(asked);
    let row = lanes
        .write(tenant, whose, "accept_cost", move |connection| {
            let asked = asked.clone();
            Box::pin(async move {
                sqlx::query!(
                    r#"-- admission::accept_cost
                    select outcome as "outcome!", reasons as "reasons: Json<Vec<Reason>>", replayed as "replayed!"
                    from largesse.accept_cost(largesse.traced($1, $11), $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
                    tenant.0,
                    asked.id.0,
                    asked.about.0,
                    asked.actor.as_str(),
                    asked.rest_minor,
                    asked.digest,
                    asked.sealed.digest,
                    asked.sealed.sealed,
                    asked.credential.id,
                    asked.credential.via.as_deref(),
                    asked.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(AcceptAnswer {
        outcome: row.outcome,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.replayed,
    })
}
