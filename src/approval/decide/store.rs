//! Every statement that carries an answer.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Saying, Seen};
use crate::admission::{Lanes, Reason};
use crate::approval::Verdict;
use crate::approval::told::Open;
use crate::identity::Credential;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::money::Money;
use crate::postgres::Reading;
use crate::problem::Problem;

/// What an answer needs to know of its gesture beforehand.
pub(super) struct Place {
    pub customer: CustomerId,
    pub currency: String,
    /// The number of the gesture's last event.
    pub seq: i32,
    /// The configuration in force.
    pub configuration_version: i32,
    /// Its question; none: none is open.
    pub open: Option<Open>,
}

/// What every answer says.
#[derive(Clone)]
pub(super) struct Call {
    pub tenant: TenantId,
    pub actor: AgentId,
    pub seen: Seen,
    pub credential: Credential,
}

impl Call {
    /// In whose turn.
    fn whose(&self) -> (AgentId, GestureId) {
        (self.actor.clone(), self.seen.id)
    }

    fn authority(&self) -> Option<&str> {
        self.seen.authority.as_ref().map(AgentId::as_str)
    }
}

/// What Postgres says to an answer.
pub(super) struct Given {
    pub outcome: String,
    pub authority: Option<String>,
    pub state: Option<String>,
    pub etag: Option<i32>,
    pub by_agent: Option<String>,
    pub reasons: Vec<Reason>,
    pub replayed: bool,
}

/// Where a gesture stands; none: there is no such gesture.
pub(super) async fn place(
    reading: &mut Reading,
    tenant: TenantId,
    id: GestureId,
) -> Result<Option<Place>, Problem> {
    let row = sqlx::query!(
        r#"-- approval::place
        select g.customer_id as "customer_id!", g.currency as "currency!", g.seq, t.configuration_version,
            a.step as "step?", extract(epoch from clock_timestamp() - a.opened_at)::float8 as waited_s
        from largesse.gestures g
        join largesse.tenants t on t.tenant_id = g.tenant_id
        left join lateral (
            select x.step, x.opened_at from largesse.approvals x
            where x.tenant_id = g.tenant_id and x.gesture_id = g.gesture_id and x.purpose = 'DECISION' and x.closed_at is null
            limit 1) a on true
        where g.tenant_id = $1 and g.gesture_id = $2 and g.state <> 'TOMBSTONE'"#,
        tenant.0,
        id.0
    )
    .fetch_optional(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    let Some(row) = row else { return Ok(None) };
    let customer = CustomerId::new(row.customer_id)
        .ok_or_else(|| Problem::defect("a stored customer is no id"))?;
    Ok(Some(Place {
        customer,
        currency: row.currency,
        seq: row.seq,
        configuration_version: row.configuration_version,
        open: row
            .step
            .zip(row.waited_s)
            .map(|(step, waited_s)| Open { step, waited_s }),
    }))
}

/// Answers a question.
pub(super) async fn decide(
    lanes: &Lanes,
    call: Call,
    saying: &Saying,
    sealed: Option<Vec<u8>>,
    seq: i32,
) -> Result<Given, Problem> {
    let (word, terms, amount, promise_by) = match saying {
        Saying::Approve {
            terms,
            amount,
            promise_by,
        } => ("APPROVE", Some(terms.clone()), *amount, *promise_by),
        Saying::Decline(_) => ("DECLINE", None, None, None),
        Saying::Return(_) => ("RETURN", None, None, None),
    };
    // What is sealed is sealed for an event; a yes says nothing that would be.
    let seq = sealed.as_ref().map(|_| seq);
    let (tenant, whose) = (call.tenant, call.whose());
    let row = lanes
        .write(tenant, whose, "decide", move |connection| {
            let (call, terms, sealed) = (call.clone(), terms.clone(), sealed.clone());
            Box::pin(async move {
                sqlx::query!(
                    r#"-- approval::decide
                    select outcome as "outcome!", authority, state, etag, by_agent, reasons as "reasons: Json<Vec<Reason>>",
                        replayed as "replayed!"
                    from largesse.decide(largesse.traced($1, $14), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"#,
                    call.tenant.0,
                    call.seen.id.0,
                    call.actor.as_str(),
                    call.authority(),
                    call.seen.etag,
                    terms,
                    word,
                    amount.map(Money::minor),
                    promise_by,
                    sealed,
                    seq,
                    call.credential.id,
                    call.credential.via,
                    call.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(Given {
        outcome: row.outcome,
        authority: row.authority,
        state: row.state,
        etag: row.etag,
        by_agent: row.by_agent,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.replayed,
    })
}

/// Hands a question on.
pub(super) async fn reassign(
    lanes: &Lanes,
    call: Call,
    to: &AgentId,
    answer_by: DateTime<Utc>,
) -> Result<Given, Problem> {
    let to = to.clone();
    let (tenant, whose) = (call.tenant, call.whose());
    let row = lanes
        .write(tenant, whose, "reassign", move |connection| {
            let (call, to) = (call.clone(), to.clone());
            Box::pin(async move {
                sqlx::query!(
                    r#"-- approval::reassign
                    select outcome as "outcome!", authority, state, etag, by_agent, reasons as "reasons: Json<Vec<Reason>>",
                        replayed as "replayed!"
                    from largesse.reassign(largesse.traced($1, $10), $2, $3, $4, $5, $6, $7, $8, $9)"#,
                    call.tenant.0,
                    call.seen.id.0,
                    call.actor.as_str(),
                    call.authority(),
                    call.seen.etag,
                    to.as_str(),
                    answer_by,
                    call.credential.id,
                    call.credential.via,
                    call.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(Given {
        outcome: row.outcome,
        authority: row.authority,
        state: row.state,
        etag: row.etag,
        by_agent: row.by_agent,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.replayed,
    })
}

/// Reviews a broken glass.
pub(super) async fn review(
    lanes: &Lanes,
    call: Call,
    verdict: Verdict,
    sealed: Option<Vec<u8>>,
    seq: i32,
) -> Result<Given, Problem> {
    let seq = sealed.as_ref().map(|_| seq);
    let (tenant, whose) = (call.tenant, call.whose());
    let row = lanes
        .write(tenant, whose, "review", move |connection| {
            let (call, sealed) = (call.clone(), sealed.clone());
            Box::pin(async move {
                sqlx::query!(
                    r#"-- approval::review
                    select outcome as "outcome!", authority, state, etag, by_agent, replayed as "replayed!"
                    from largesse.review(largesse.traced($1, $11), $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
                    call.tenant.0,
                    call.seen.id.0,
                    call.actor.as_str(),
                    call.authority(),
                    call.seen.etag,
                    verdict.word(),
                    sealed,
                    seq,
                    call.credential.id,
                    call.credential.via,
                    call.credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(Given {
        outcome: row.outcome,
        authority: row.authority,
        state: row.state,
        etag: row.etag,
        by_agent: row.by_agent,
        reasons: Vec::new(),
        replayed: row.replayed,
    })
}
