//! Every call of the kernel.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Lanes, Reason, Recorded, Request, SimilarGesture, Terms, plain_digest};
use crate::identity::Credential;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::postgres::{Database, Failure};
use crate::problem::Problem;
use crate::vault::SealedPersonal;

/// What `admit` says of an element.
pub(super) struct AdmitAnswer {
    pub outcome: String,
    pub reasons: Vec<Reason>,
    pub replayed: bool,
    /// What is told of a decision; none: it is invalid, in a way that leaves nothing to tell.
    pub recorded: Option<Recorded>,
    /// What was lately given, for who did not hear a yes just now.
    pub similar: Vec<SimilarGesture>,
}

impl AdmitAnswer {
    /// The outcome as signals have it.
    pub fn outcome_name(&self) -> &'static str {
        match self.outcome.as_str() {
            "APPROVED" => "approved",
            "NEEDS_APPROVAL" => "needs_approval",
            "DECLINED" => "declined",
            _ => "invalid",
        }
    }

    /// Whether it was refused, or needs somebody else, as of just now.
    pub fn is_new_no(&self) -> bool {
        !self.replayed && matches!(self.outcome.as_str(), "DECLINED" | "NEEDS_APPROVAL")
    }
}

/// Whom a request concerns: what `similar` looks for.
#[derive(Debug, Clone)]
pub(super) struct Concerned {
    /// Left out; none: there is no gesture yet.
    pub but_for: Option<GestureId>,
    pub customer: CustomerId,
    pub case_id: Option<String>,
}

impl Concerned {
    pub fn of(terms: &Terms, but_for: Option<GestureId>) -> Self {
        Self {
            but_for,
            customer: terms.customer.clone(),
            case_id: terms.case_id.clone(),
        }
    }
}

/// What these customers and cases were lately given by anybody or wait for, newest first, but for the gestures themselves; for each
/// in its place.
pub(super) async fn similar(
    database: &Database,
    tenant: TenantId,
    concerned: &[Concerned],
) -> Result<Vec<Vec<SimilarGesture>>, Problem> {
    let mut found: Vec<Vec<SimilarGesture>> = concerned.iter().map(|_| Vec::new()).collect();
    let ids: Vec<Option<Uuid>> = concerned.iter().map(|x| x.but_for.map(|id| id.0)).collect();
    let customers: Vec<&str> = concerned.iter().map(|x| x.customer.as_str()).collect();
    let cases: Vec<Option<&str>> = concerned.iter().map(|x| x.case_id.as_deref()).collect();
    let mut reading = database.read(tenant).await?;
    let rows = sqlx::query!(
        r#"-- admission::similar
            select ord as "ord!", gesture_id as "id!", kind as "kind!", amount_minor as "amount_minor!",
                currency as "currency!", state as "state!", requested_by as "requested_by!", created_at as "created_at!"
            from largesse.similar_of($1, $2, $3, $4)"#,
        tenant.0,
        &ids as &[Option<Uuid>],
        &customers as &[&str],
        &cases as &[Option<&str>],
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    for row in rows {
        let place = usize::try_from(row.ord - 1).unwrap_or(usize::MAX);
        if let Some(found) = found.get_mut(place) {
            found.push(SimilarGesture {
                id: row.id,
                kind: row.kind,
                amount_minor: row.amount_minor,
                currency: row.currency,
                state: row.state,
                requested_by: row.requested_by,
                created_at: row.created_at,
            });
        }
    }
    Ok(found)
}

/// A gesture that is to be cancelled.
#[derive(Debug, Clone)]
pub(super) struct Cancellation {
    pub id: GestureId,
    pub actor: AgentId,
    pub etag: i32,
    pub credential: Credential,
}

/// None: it was settled just now.
pub(super) type SettleAnswer = Option<SettleException>;

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

/// Requests that are decided together, and what is personal of each, sealed.
pub(super) type Sealed = Vec<(Request, SealedPersonal)>;

/// A field of every element of a batch, as the kernel takes it: an array.
pub(super) fn each<'b, E, T>(batch: &'b [E], field: impl Fn(&'b E) -> T) -> Vec<T> {
    batch.iter().map(field).collect()
}

/// A field of every request.
fn all<'b, T>(batch: &'b Sealed, field: impl Fn(&'b Request) -> T) -> Vec<T> {
    each(batch, |(request, _)| field(request))
}

/// What is personal of every request.
fn all_sealed(batch: &Sealed, field: impl Fn(&SealedPersonal) -> &[u8]) -> Vec<&[u8]> {
    each(batch, |(_, personal)| field(personal))
}

/// Decides requests of one tenant together. An answer for each, in their order.
pub(super) async fn admit(
    database: &Database,
    tenant: TenantId,
    batch: Arc<Sealed>,
) -> Result<Vec<AdmitAnswer>, Failure> {
    let rows = database
        .write("admit", move |connection| {
            let batch = batch.clone();
            Box::pin(async move {
                let r = &*batch;
                sqlx::query_as!(
                    AdmitRow,
                    r#"-- admission::admit
                    select outcome as "outcome!", reasons as "reasons: Json<Vec<Reason>>", replayed as "replayed!",
                        decided_at as "decided_at!", configuration_version, budget_id, terms_digest,
                        time_zone as "time_zone!", channel
                    from largesse.admit(largesse.traced_each($1, $2, $22), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                        $18, $19, $20, $21)"#,
                    tenant.0,
                    &all(r, |x| x.id.0),
                    &all(r, |x| x.agent.as_str()) as &[&str],
                    &all(r, |x| x.terms.kind.as_str()) as &[&str],
                    &all(r, |x| x.terms.amount.minor()),
                    &all(r, |x| x.terms.amount.currency().code()) as &[&str],
                    &all(r, |x| x.terms.customer.as_str()) as &[&str],
                    &all(r, |x| x.terms.segment.as_deref()) as &[Option<&str>],
                    &all(r, |x| x.terms.case_id.as_deref()) as &[Option<&str>],
                    &all(r, |x| x.terms.occasion.as_deref()) as &[Option<&str>],
                    &all(r, |x| x.terms.budget.as_deref()) as &[Option<&str>],
                    &all(r, |x| x.terms.waived_text()),
                    &all(r, |x| x.terms.promise_by) as &[Option<DateTime<Utc>>],
                    &all(r, |x| x.terms.replaces.map(|id| id.0)) as &[Option<Uuid>],
                    &all(r, |x| plain_digest(&x.agent, &x.terms)),
                    &all_sealed(r, |x| &x.digest) as &[&[u8]],
                    &all_sealed(r, |x| &x.sealed) as &[&[u8]],
                    &all(r, |x| x.credential.id.as_str()) as &[&str],
                    &all(r, |x| x.credential.via.as_deref()) as &[Option<&str>],
                    &all(r, |x| x.terms.is_glass),
                    &all(r, |x| x.personal.recipient_fields()),
                    &all(r, |x| x.credential.trace.as_deref()) as &[Option<&str>],
                )
                .fetch_all(connection)
                .await
            })
        })
        .await?;
    Ok(rows.into_iter().map(admit_answer).collect())
}

/// An answer as Postgres has it.
struct AdmitRow {
    outcome: String,
    reasons: Option<Json<Vec<Reason>>>,
    replayed: bool,
    decided_at: DateTime<Utc>,
    configuration_version: Option<i32>,
    budget_id: Option<String>,
    terms_digest: Option<Vec<u8>>,
    time_zone: String,
    channel: Option<String>,
}

fn admit_answer(row: AdmitRow) -> AdmitAnswer {
    let recorded = match (row.configuration_version, row.budget_id, row.terms_digest) {
        (Some(configuration_version), Some(budget), Some(terms_digest)) => Some(Recorded {
            at: row.decided_at,
            configuration_version,
            budget,
            terms_digest,
            zone: row.time_zone.parse().unwrap_or(Tz::UTC),
            channel: row.channel,
        }),
        _ => None,
    };
    AdmitAnswer {
        outcome: row.outcome,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        replayed: row.replayed,
        recorded,
        similar: Vec::new(),
    }
}

/// What would be decided now.
pub(super) async fn preview(
    database: &Database,
    tenant: TenantId,
    agent: &AgentId,
    terms: &Terms,
    recipient: &str,
) -> Result<Preview, Problem> {
    let mut reading = database.read(tenant).await?;
    let row = sqlx::query!(
        r#"-- admission::preview
            select outcome as "outcome!", reasons as "reasons: Json<Vec<Reason>>",
                configuration_version as "configuration_version!"
            from largesse.preview($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"#,
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
        recipient,
    )
    .fetch_one(&mut *reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(Preview {
        outcome: row.outcome,
        reasons: row.reasons.map(|json| json.0).unwrap_or_default(),
        configuration_version: row.configuration_version,
    })
}

/// Puts other terms to one gesture.
pub(super) async fn revise(
    lanes: &Lanes,
    tenant: TenantId,
    request: Request,
    sealed: SealedPersonal,
    (etag, seq): (i32, i32),
) -> Result<Revision, Problem> {
    let digest = plain_digest(&request.agent, &request.terms);
    let whose = (request.agent.clone(), request.id);
    let asked = Arc::new((request, sealed, digest));
    let row = lanes
        .write(tenant, whose, "revise", move |connection| {
            let asked = asked.clone();
            Box::pin(async move {
                let (request, sealed, digest) = &*asked;
                let terms = &request.terms;
                sqlx::query!(
                    r#"-- admission::revise
                    select outcome as "outcome!", state, etag, by_agent, reasons as "reasons: Json<Vec<Reason>>",
                        replayed as "replayed!"
                    from largesse.revise(largesse.traced($1, $24), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                        $18, $19, $20, $21, $22, $23)"#,
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
                    sealed.digest,
                    sealed.sealed,
                    terms.is_glass,
                    request.credential.id,
                    request.credential.via.as_deref(),
                    request.personal.recipient_fields(),
                    request.credential.trace,
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

/// Cancels gestures of one tenant together. An answer for each, in their order.
pub(super) async fn settle(
    database: &Database,
    tenant: TenantId,
    batch: Arc<Vec<Cancellation>>,
) -> Result<Vec<SettleAnswer>, Failure> {
    let mut answers: Vec<SettleAnswer> = batch.iter().map(|_| None).collect();
    let rows = database
        .write("settle", move |connection| {
            let batch = batch.clone();
            Box::pin(async move {
                let ids: Vec<Uuid> = batch.iter().map(|x| x.id.0).collect();
                let actors: Vec<&str> = batch.iter().map(|x| x.actor.as_str()).collect();
                let etags: Vec<i32> = batch.iter().map(|x| x.etag).collect();
                let states = vec!["CANCELLED"; batch.len()];
                let credentials: Vec<&str> =
                    batch.iter().map(|x| x.credential.id.as_str()).collect();
                let via: Vec<Option<&str>> =
                    batch.iter().map(|x| x.credential.via.as_deref()).collect();
                let credentials_of = batch.iter().map(|x| &x.credential);
                let traces: Vec<Option<&str>> =
                    credentials_of.map(|x| x.trace.as_deref()).collect();
                sqlx::query!(
                    r#"-- admission::settle
                    select ord as "ord!", outcome as "outcome!", state, etag, by_agent
                    from largesse.settle(largesse.traced_each($1, $2, $8), $2, $3, $4, $5, $6, $7)"#,
                    tenant.0,
                    &ids,
                    &actors as &[&str],
                    &etags,
                    &states as &[&str],
                    &credentials as &[&str],
                    &via as &[Option<&str>],
                    &traces as &[Option<&str>],
                )
                .fetch_all(connection)
                .await
            })
        })
        .await?;
    for row in rows {
        let place = usize::try_from(row.ord - 1).unwrap_or(usize::MAX);
        if let Some(answer) = answers.get_mut(place) {
            *answer = Some(SettleException {
                outcome: row.outcome,
                state: row.state,
                etag: row.etag,
                by_agent: row.by_agent,
            });
        }
    }
    Ok(answers)
}

/// DONE, NEVER_HAPPENED or OTHERS.
pub(super) async fn resolve(
    lanes: &Lanes,
    tenant: TenantId,
    id: GestureId,
    actor: &AgentId,
    credential: &Credential,
) -> Result<String, Problem> {
    let whose = (actor.clone(), id);
    let (actor, credential) = (actor.as_str().to_owned(), credential.clone());
    let answer = lanes
        .write(tenant, whose, "resolve", move |connection| {
            let (actor, credential) = (actor.clone(), credential.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- admission::resolve
                    select outcome as "outcome!" from largesse.resolve(largesse.traced($1, $6), $2, $3, $4, $5)"#,
                    tenant.0,
                    id.0,
                    actor,
                    credential.id,
                    credential.via,
                    credential.trace,
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    Ok(answer)
}
