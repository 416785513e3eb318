//! What most teams would write: one transaction per request, counters locked with SELECT … FOR UPDATE.
//!
//! Behind the same gate and listener as the service, reading the same messages, sealing the same personal part under the
//! same customer's key, writing the same tables. It is meant to be as good as a competent team would make it: locks in one order, a
//! statement for all counters at once, prepared statements, a pool of 32, deadlocks tried again, and nothing read back.
//!
//! It has less to do than the service: no hash and no seal in the trail, no time zones but through `date_trunc`, no
//! conversion, no names of refused limits, nobody else who is asked. What an agent may not give alone is declined.

mod store;

use anyhow::Result;
use chrono::Utc;
use ring::digest::{SHA256, digest};
use tonic::Request;

use crate::admission::{Decision, Outcome, Terms, plain_digest};
use crate::gesture::Gesture;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::pb;
use crate::problem::Problem;
use crate::rpc::form::Form;
use crate::rpc::{caller, convert};
use crate::vault::{Personal, fresh_key};

pub use store::Ledger;

/// RequestGesture as one transaction; the other methods are not there.
pub struct TransactionRpc {
    ledger: Ledger,
}

/// A request as it is written.
#[derive(Debug, Clone)]
struct Asked {
    tenant: TenantId,
    id: GestureId,
    agent: AgentId,
    terms: Terms,
    personal: Personal,
    digest: Vec<u8>,
    credential: String,
    fresh_key: Vec<u8>,
}

/// What became of it.
#[derive(Debug, Clone)]
struct Written {
    outcome: Outcome,
    replayed: bool,
    configuration_version: i32,
    terms_digest: Vec<u8>,
}

impl TransactionRpc {
    /// Over a pool of 32 connections, as the owner of the tables.
    ///
    /// # Errors
    /// The URL is none.
    pub fn open(owner_url: &str) -> Result<Self> {
        Ok(Self {
            ledger: Ledger::open(owner_url)?,
        })
    }

    /// Decides one request.
    ///
    /// # Errors
    /// As the service's.
    pub async fn request(
        &self,
        request: Request<pb::RequestGestureRequest>,
    ) -> Result<pb::RequestGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("request_id", &message.request_id);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let asked = form.asked(message.gesture, message.break_glass);
        let (id, (terms, personal)) = form.whole(id.zip(asked))?;
        let agent = caller.acting_as(agent)?;
        let asked = Asked {
            tenant: caller.tenant()?,
            id,
            digest: plain_digest(&agent, &terms),
            agent,
            terms,
            personal,
            credential: caller.credential.id.clone(),
            fresh_key: fresh_key()?,
        };
        let written = self.ledger.write(asked.clone()).await?;
        Ok(pb::RequestGestureResponse {
            replayed: written.replayed,
            gesture: Some(convert::gesture(answer(asked, written))),
        })
    }
}

/// The gesture as it was just written; nothing is read back.
fn answer(asked: Asked, written: Written) -> Gesture {
    let now = Utc::now();
    Gesture {
        id: asked.id,
        terms: asked.terms,
        personal: Some(asked.personal),
        state: state(written.outcome).to_owned(),
        requested_by: asked.agent.clone(),
        decision: Decision {
            outcome: written.outcome,
            decided_by: None,
            authority: Some(asked.agent.as_str().to_owned()),
            decided_at: Some(now),
            configuration_version: written.configuration_version,
            reasons: Vec::new(),
            similar: Vec::new(),
            approvers: Vec::new(),
        },
        approval: None,
        promise: None,
        fulfilment: None,
        outcomes: Vec::new(),
        about: None,
        terms_digest: written.terms_digest,
        etag: 1,
        created_at: now,
        updated_at: now,
        zone: chrono_tz::UTC,
    }
}

/// The state that an outcome leads to; nobody else is asked here.
fn state(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "APPROVED",
        Outcome::NeedsApproval | Outcome::Declined => "DECLINED",
    }
}

/// What a decision is about: the plain and the personal part.
fn terms_digest(plain: &[u8], personal: &[u8]) -> Vec<u8> {
    digest(&SHA256, &[plain, personal].concat())
        .as_ref()
        .to_vec()
}
