//! The kernel's entrances, called as the service calls them, with its own credentials, but without the service: for
//! batches, for speed, and for what no client would send.

mod approvals;
mod lending;
mod routing;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{Error, PgConnection, Row};
use uuid::Uuid;

pub use approvals::{Answering, Seen, Told, decide, reassign, review, revise, seen, standing};
pub use lending::{Lending, Lent, delegate, revoke_delegation, set_away};
pub use routing::{
    Step, Until, ask, ask_all, candidates, claim_timers, decline_unanswerable, due_tenants, lapse,
    question,
};

/// The digest of what nobody here says of people.
const PERSONAL: &[u8] = b"nothing personal";

/// What an element asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub id: Uuid,
    pub agent: String,
    pub kind: String,
    pub amount: i64,
    pub currency: String,
    pub customer: String,
    pub segment: Option<String>,
    pub case_id: Option<String>,
    pub occasion: Option<String>,
    pub budget: Option<String>,
    pub waived: Vec<String>,
    pub promise_by: Option<DateTime<Utc>>,
    pub replaces: Option<Uuid>,
    pub is_glass: bool,
}

impl Asked {
    /// A wish for a customer, in euros.
    pub fn of(agent: &str, kind: &str, customer: &str, amount: i64) -> Self {
        Self {
            id: Uuid::now_v7(),
            agent: agent.into(),
            kind: kind.into(),
            amount,
            currency: "EUR".into(),
            customer: customer.into(),
            segment: None,
            case_id: None,
            occasion: None,
            budget: None,
            waived: Vec::new(),
            promise_by: None,
            replaces: None,
            is_glass: false,
        }
    }

    /// What a decision about it is bound to.
    pub fn terms(&self) -> Vec<u8> {
        let both = [self.digest(), PERSONAL.to_vec()].concat();
        ring::digest::digest(&ring::digest::SHA256, &both)
            .as_ref()
            .to_vec()
    }

    fn digest(&self) -> Vec<u8> {
        let body = format!(
            "{:?}",
            Self {
                id: Uuid::nil(),
                ..self.clone()
            }
        );
        ring::digest::digest(&ring::digest::SHA256, body.as_bytes())
            .as_ref()
            .to_vec()
    }
}

/// What `admit` or `preview` says of one element.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub outcome: String,
    pub reasons: Vec<Value>,
    pub replayed: bool,
}

impl Answer {
    /// What `admit` says by saying nothing.
    pub fn approved() -> Self {
        Self {
            outcome: "APPROVED".into(),
            reasons: Vec::new(),
            replayed: false,
        }
    }
}

/// What `settle` says of one element; none: it was done.
pub type Settled = Option<(String, Option<String>, Option<i32>)>;

/// One cancellation.
#[derive(Debug, Clone)]
pub struct Cancelled {
    pub id: Uuid,
    pub actor: String,
    pub etag: i32,
}

/// The tenant of a name.
pub async fn tenant_of(connection: &mut PgConnection, name: &str) -> Uuid {
    sqlx::query_scalar("select tenant_id from largesse.tenant_names where name = $1")
        .bind(name)
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Decides a batch. An answer for each element, in order.
pub async fn admit(
    connection: &mut PgConnection,
    tenant: Uuid,
    batch: &[Asked],
) -> Result<Vec<Answer>, Error> {
    fn all<T>(batch: &[Asked], get: impl Fn(&Asked) -> T) -> Vec<T> {
        batch.iter().map(get).collect()
    }
    let rows = sqlx::query(
        "select ord, outcome, reasons, replayed from largesse.admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            $14, $15, $16, $17, $18, $19, $20, $21)",
    )
    .bind(tenant)
    .bind(all(batch, |x| x.id))
    .bind(all(batch, |x| x.agent.clone()))
    .bind(all(batch, |x| x.kind.clone()))
    .bind(all(batch, |x| x.amount))
    .bind(all(batch, |x| x.currency.clone()))
    .bind(all(batch, |x| x.customer.clone()))
    .bind(all(batch, |x| x.segment.clone()))
    .bind(all(batch, |x| x.case_id.clone()))
    .bind(all(batch, |x| x.occasion.clone()))
    .bind(all(batch, |x| x.budget.clone()))
    .bind(all(batch, |x| x.waived.join(" ")))
    .bind(all(batch, |x| x.promise_by))
    .bind(all(batch, |x| x.replaces))
    .bind(all(batch, Asked::digest))
    .bind(all(batch, |_| PERSONAL.to_vec()))
    .bind(all(batch, |_| b"sealed".to_vec()))
    .bind(all(batch, |x| format!("t-{}", x.agent)))
    .bind(all(batch, |_| None::<String>))
    .bind(all(batch, |x| x.is_glass))
    .bind(all(batch, |_| None::<String>))
    .fetch_all(connection)
    .await?;
    let mut answers = vec![Answer::approved(); batch.len()];
    for row in rows {
        let place = usize::try_from(row.get::<i32, _>("ord")).unwrap() - 1;
        let reasons: Option<Json<Vec<Value>>> = row.get("reasons");
        answers[place] = Answer {
            outcome: row.get("outcome"),
            reasons: reasons.map(|json| json.0).unwrap_or_default(),
            replayed: row.get("replayed"),
        };
    }
    Ok(answers)
}

/// What `admit` would answer to one request.
pub async fn preview(
    connection: &mut PgConnection,
    tenant: Uuid,
    asked: &Asked,
) -> Result<Answer, Error> {
    let row = sqlx::query(
        "select outcome, reasons from largesse.preview($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            $14, null)",
    )
    .bind(tenant)
    .bind(&asked.agent)
    .bind(&asked.kind)
    .bind(asked.amount)
    .bind(&asked.currency)
    .bind(&asked.customer)
    .bind(&asked.segment)
    .bind(&asked.case_id)
    .bind(&asked.occasion)
    .bind(&asked.budget)
    .bind(asked.waived.join(" "))
    .bind(asked.promise_by)
    .bind(asked.replaces)
    .bind(asked.is_glass)
    .fetch_one(connection)
    .await?;
    Ok(Answer {
        outcome: row.get("outcome"),
        reasons: row.get::<Json<Vec<Value>>, _>("reasons").0,
        replayed: false,
    })
}

/// Cancels a batch. An answer for each element, in order.
pub async fn cancel(
    connection: &mut PgConnection,
    tenant: Uuid,
    batch: &[Cancelled],
) -> Result<Vec<Settled>, Error> {
    let rows = sqlx::query(
        "select ord, outcome, state, etag from largesse.settle($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant)
    .bind(batch.iter().map(|x| x.id).collect::<Vec<_>>())
    .bind(batch.iter().map(|x| x.actor.clone()).collect::<Vec<_>>())
    .bind(batch.iter().map(|x| x.etag).collect::<Vec<_>>())
    .bind(vec!["CANCELLED"; batch.len()])
    .bind(vec!["t"; batch.len()])
    .bind(vec![None::<String>; batch.len()])
    .fetch_all(connection)
    .await?;
    let mut answers = vec![None; batch.len()];
    for row in rows {
        let place = usize::try_from(row.get::<i32, _>("ord")).unwrap() - 1;
        answers[place] = Some((row.get("outcome"), row.get("state"), row.get("etag")));
    }
    Ok(answers)
}

/// Settles what became of a request.
pub async fn resolve(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    actor: &str,
) -> Result<String, Error> {
    sqlx::query_scalar("select outcome from largesse.resolve($1, $2, $3, 't', null)")
        .bind(tenant)
        .bind(id)
        .bind(actor)
        .fetch_one(connection)
        .await
}

/// Suspends an agent, or brings them back.
pub async fn suspend(
    connection: &mut PgConnection,
    tenant: Uuid,
    agent: &str,
    is_suspended: bool,
) -> Result<bool, Error> {
    sqlx::query_scalar("select largesse.suspend($1, 'admin-1', 't', null, $2, $3)")
        .bind(tenant)
        .bind(agent)
        .bind(is_suspended)
        .fetch_one(connection)
        .await
}

/// Pauses giving, or resumes it.
pub async fn pause(
    connection: &mut PgConnection,
    tenant: Uuid,
    scope: &str,
    name: &str,
    is_paused: bool,
) -> Result<bool, Error> {
    sqlx::query_scalar("select largesse.pause($1, 'admin-1', 't', null, $2, $3, $4)")
        .bind(tenant)
        .bind(scope)
        .bind(name)
        .bind(is_paused)
        .fetch_one(connection)
        .await
}

/// Applies a normalised document. The tenant and its new version.
pub async fn apply(
    connection: &mut PgConnection,
    name: &str,
    expected_version: i32,
    document: &Value,
) -> Result<(Uuid, i32), Error> {
    let row = sqlx::query("select tenant_id, version from largesse.apply($1, $2, 'admin-1', 't', null, $3, $4, 'generated')")
        .bind(name)
        .bind(Uuid::now_v7())
        .bind(expected_version)
        .bind(Json(document))
        .fetch_one(connection)
        .await?;
    Ok((row.get("tenant_id"), row.get("version")))
}

/// The SQLSTATE of a refusal.
pub fn sqlstate(error: &Error) -> String {
    error
        .as_database_error()
        .and_then(|refusal| refusal.code().map(|code| code.into_owned()))
        .unwrap_or_else(|| format!("no SQLSTATE: {error}"))
}
