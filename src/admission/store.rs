//! Every call of the kernel.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Reason, Request, Terms, plain_digest};
use crate::identity::Credential;
use crate::ids::{AgentId, GestureId, TenantId};
use crate::postgres::Database;
use crate::problem::Problem;

/// What `admit` says of an element that was not simply approved.
pub(super) struct AdmitException {
    pub outcome: String,
    pub reasons: Vec<Reason>,
    pub replayed: bool,
}

/// What `preview` says.
pub(super) struct Preview {
    pub outcome: String,
    pub reasons: Vec<Reason>,
    pub configuration_version: i32,
}

/// What `settle` says of an element that it did not simply settle.
pub(super) struct SettleException {
    pub outcome: String,
    pub state: Option<String>,
    pub etag: Option<i32>,
    pub by_agent: Option<String>,
}

/// What `revise` says.
pub(super) struct Revision {
    pub outcome: String,
    pub state: Option<String>,
    pub etag: Option<i32>,
    pub by_agent: Option<String>,
    pub reasons: Vec<Reason>,
    pub replayed: bool,
}

/// A batch of one, as the kernel takes it: an array per field.
struct Batch {
    id: Vec<Uuid>,
    agent: Vec<String>,
    kind: Vec<String>,
    amount: Vec<i64>,
    currency: Vec<String>,
    customer: Vec<String>,
    segment: Vec<Option<String>>,
    case: Vec<Option<String>>,
    occasion: Vec<Option<String>>,
    budget: Vec<Option<String>>,
    waived: Vec<String>,
    promise_by: Vec<Option<DateTime<Utc>>>,
    replaces: Vec<Option<Uuid>>,
    digest: Vec<Vec<u8>>,
    personal_digest: Vec<Vec<u8>>,
    sealed: Vec<Vec<u8>>,
    credential: Vec<String>,
    via: Vec<Option<String>>,
    is_glass: Vec<bool>,
}

impl From<Request> for Batch {
    fn from(request: Request) -> Self {
        let digest = plain_digest(&request.agent, &request.terms);
        let terms = request.terms;
        Self {
            id: vec![request.id.0],
            agent: vec![request.agent.as_str().to_owned()],
            amount: vec![terms.amount.minor()],
            currency: vec![terms.amount.currency().code().to_owned()],
            customer: vec![terms.customer.as_str().to_owned()],
            waived: vec![terms.waived_text()],
            kind: vec![terms.kind],
            segment: vec![terms.segment],
            case: vec![terms.case_id],
            occasion: vec![terms.occasion],
            budget: vec![terms.budget],
            promise_by: vec![terms.promise_by],
            replaces: vec![terms.replaces.map(|id| id.0)],
            digest: vec![digest],
            personal_digest: vec![request.personal.digest],
            sealed: vec![request.personal.sealed],
            credential: vec![request.credential.id],
            via: vec![request.credential.via],
            is_glass: vec![terms.is_glass],
        }
    }
}

/// Decides one request. None: it was approved just now.
pub(super) async fn admit(
    database: &Database,
    tenant: TenantId,
    request: Request,
) -> Result<Option<AdmitException>, Problem> {
    let batch = std::sync::Arc::new(Batch::from(request));
    let answer = database
        .write("admit", move |connection| {
            let batch = batch.clone();
            Box::pin(async move {
                sqlx::query!(
                    r#"-- admission::admit
                    select outcome as "outcome!", reasons as "reasons: Json<Vec<Reason>>", replayed as "replayed!"
                    from largesse.admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                        $18, $19, $20)"#,
                    tenant.0,
                    &batch.id,
                    &batch.agent,
                    &batch.kind,
                    &batch.amount,
                    &batch.currency,
                    &batch.customer,
                    &batch.segment as &[Option<String>],
                    &batch.case as &[Option<String>],
                    &batch.occasion as &[Option<String>],
                    &batch.budget as &[Option<String>],
                    &batch.waived,
                    &batch.promise_by as &[Option<DateTime<Utc>>],
                    &batch.replaces as &[Option<Uuid>],
                    &batch.digest,
                    &batch.personal_digest,
                    &batch.sealed,
                    &batch.credential,
                    &batch.via as &[Option<String>],
                    &batch.is_glass,
                )
                .fetch_optional(connection)
                .await
            })
        })
        .await?;
    Ok(answer.map(|row| AdmitException {
        outcome: row.outcome,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.replayed,
    }))
}

/// What would be decided now.
pub(super) async fn preview(
    database: &Database,
    tenant: TenantId,
    agent: &AgentId,
    terms: &Terms,
) -> Result<Preview, Problem> {
    let mut reading = database.read(tenant).await?;
    let row = sqlx::query!(
        r#"-- admission::preview
            select outcome as "outcome!", reasons as "reasons: Json<Vec<Reason>>",
                configuration_version as "configuration_version!"
            from largesse.preview($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"#,
        tenant.0,
        agent.as_str(),
        terms.kind,
        terms.amount.minor(),
        terms.amount.currency().code(),
        terms.customer.as_str(),
        terms.segment.as_deref(),
        terms.case_id.as_deref(),
        terms.occasion.as_deref(),
        terms.budget.as_deref(),
        terms.waived_text(),
        terms.promise_by,
        terms.replaces.map(|id| id.0),
        terms.is_glass,
    )
    .fetch_one(&mut *reading)
    .await?;
    Ok(Preview {
        outcome: row.outcome,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        configuration_version: row.configuration_version,
    })
}

/// Puts other terms to one gesture.
pub(super) async fn revise(
    database: &Database,
    tenant: TenantId,
    request: Request,
    etag: i32,
    seq: i32,
) -> Result<Revision, Problem> {
    let digest = plain_digest(&request.agent, &request.terms);
    let asked = std::sync::Arc::new((request, digest));
    let row = database
        .write("revise", move |connection| {
            let asked = asked.clone();
            Box::pin(async move {
                let (request, digest) = &*asked;
                let terms = &request.terms;
                sqlx::query!(
                    r#"-- admission::revise
                    select outcome as "outcome!", state, etag, by_agent, reasons as "reasons: Json<Vec<Reason>>",
                        replayed as "replayed!"
                    from largesse.revise($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                        $18, $19, $20, $21, $22)"#,
                    tenant.0,
                    request.id.0,
                    request.agent.as_str(),
                    etag,
                    seq,
                    terms.kind,
                    terms.amount.minor(),
                    terms.amount.currency().code(),
                    terms.customer.as_str(),
                    terms.segment.as_deref(),
                    terms.case_id.as_deref(),
                    terms.occasion.as_deref(),
                    terms.budget.as_deref(),
                    terms.waived_text(),
                    terms.promise_by,
                    terms.replaces.map(|id| id.0),
                    digest,
                    request.personal.digest,
                    request.personal.sealed,
                    terms.is_glass,
                    request.credential.id,
                    request.credential.via.as_deref(),
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(Revision {
        outcome: row.outcome,
        state: row.state,
        etag: row.etag,
        by_agent: row.by_agent,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.replayed,
    })
}

/// Cancels one gesture. None: it was cancelled just now.
pub(super) async fn cancel(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
    actor: &AgentId,
    etag: i32,
    credential: &Credential,
) -> Result<Option<SettleException>, Problem> {
    let (actor, credential) = (actor.as_str().to_owned(), credential.clone());
    let answer = database
        .write("settle", move |connection| {
            let (actor, credential) = (actor.clone(), credential.clone());
            Box::pin(async move {
                sqlx::query_as!(
                    SettleException,
                    r#"-- admission::cancel
                    select outcome as "outcome!", state, etag, by_agent
                    from largesse.settle($1, $2, $3, $4, array['CANCELLED'], $5, $6)"#,
                    tenant.0,
                    &[id.0],
                    &[actor],
                    &[etag],
                    &[credential.id],
                    &[credential.via] as &[Option<String>],
                )
                .fetch_optional(connection)
                .await
            })
        })
        .await?;
    Ok(answer)
}

/// DONE, NEVER_HAPPENED or OTHERS.
pub(super) async fn resolve(
    database: &Database,
    tenant: TenantId,
    id: GestureId,
    actor: &AgentId,
    credential: &Credential,
) -> Result<String, Problem> {
    let (actor, credential) = (actor.as_str().to_owned(), credential.clone());
    let answer = database
        .write("resolve", move |connection| {
            let (actor, credential) = (actor.clone(), credential.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- admission::resolve
                    select outcome as "outcome!" from largesse.resolve($1, $2, $3, $4, $5)"#,
                    tenant.0,
                    id.0,
                    actor,
                    credential.id,
                    credential.via,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(answer)
}
