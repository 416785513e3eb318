//! Lent authority and absences, as the service writes them.

use chrono::{DateTime, Utc};
use sqlx::{Error, PgConnection, Row};
use uuid::Uuid;

/// A delegation that somebody wants to make.
#[derive(Debug, Clone)]
pub struct Lending {
    pub id: Uuid,
    pub delegator: String,
    pub delegate: String,
    pub from: Option<DateTime<Utc>>,
    pub until: DateTime<Utc>,
    pub kinds: Option<Vec<String>>,
    pub lent: Option<(i64, String)>,
}

impl Lending {
    /// All of an authority, from now on.
    pub fn of(delegator: &str, delegate: &str, until: DateTime<Utc>) -> Self {
        Self {
            id: Uuid::now_v7(),
            delegator: delegator.into(),
            delegate: delegate.into(),
            from: None,
            until,
            kinds: None,
            lent: None,
        }
    }

    /// These kinds only.
    pub fn for_kinds(self, kinds: &[&str]) -> Self {
        Self {
            kinds: Some(kinds.iter().map(|kind| (*kind).to_owned()).collect()),
            ..self
        }
    }

    /// At most this much per gesture.
    pub fn up_to(self, amount: i64, currency: &str) -> Self {
        Self {
            lent: Some((amount, currency.into())),
            ..self
        }
    }
}

/// What `delegate` says: the outcome, and who stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    pub outcome: String,
    pub who: Option<String>,
    pub at_most: Option<i64>,
}

/// Lends authority; the delegator says so.
pub async fn delegate(
    connection: &mut PgConnection,
    tenant: Uuid,
    lending: &Lending,
) -> Result<Lent, Error> {
    let row = sqlx::query(
        "select * from largesse.delegate($1, $2, $3, $2, $4, $5, $6, $7, $8, $9, 't', null)",
    )
    .bind(tenant)
    .bind(&lending.delegator)
    .bind(lending.id)
    .bind(&lending.delegate)
    .bind(lending.from)
    .bind(lending.until)
    .bind(&lending.kinds)
    .bind(lending.lent.as_ref().map(|(amount, _)| *amount))
    .bind(lending.lent.as_ref().map(|(_, currency)| currency))
    .fetch_one(connection)
    .await?;
    Ok(Lent {
        outcome: row.get("outcome"),
        who: row.get("who"),
        at_most: row.get("at_most"),
    })
}

/// Takes lent authority back.
pub async fn revoke_delegation(
    connection: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
) -> Result<String, Error> {
    sqlx::query_scalar("select largesse.revoke_delegation($1, 'admin-1', $2, 't', null)")
        .bind(tenant)
        .bind(id)
        .fetch_one(connection)
        .await
}

/// An agent is away from now on (none: is back).
pub async fn set_away(
    connection: &mut PgConnection,
    tenant: Uuid,
    agent: &str,
    until: Option<DateTime<Utc>>,
) -> Result<String, Error> {
    sqlx::query_scalar("select largesse.set_away($1, $2, $2, null, $3, 't', null)")
        .bind(tenant)
        .bind(agent)
        .bind(until)
        .fetch_one(connection)
        .await
}
