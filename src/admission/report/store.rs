//! The call of `report`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::types::Json;

use super::{Report, Said};
use crate::admission::store::each;
use crate::ids::TenantId;
use crate::postgres::{Database, Failure};

/// What `report` says of an element.
pub(in crate::admission) struct ReportAnswer {
    pub outcome: String,
    pub state: Option<String>,
    pub by_agent: Option<String>,
    pub promise: Option<String>,
    pub did: Option<Did>,
}

/// What a report did, as its event keeps it, and what is only to be measured of it.
#[derive(Debug, Deserialize)]
pub(in crate::admission) struct Did {
    pub currency: Option<String>,
    pub captured_minor: Option<i64>,
    pub released_minor: Option<i64>,
    pub rest_minor: Option<i64>,
    pub again_at_us: Option<i64>,
    /// None: it was handed on before, or is not yet.
    pub hand_off: Option<HandOff>,
}

/// That a gesture was handed on.
#[derive(Debug, Deserialize)]
pub(in crate::admission) struct HandOff {
    pub channel: String,
    /// Since the yes.
    pub waited_us: i64,
}

impl Said {
    fn word(&self) -> &'static str {
        match self {
            Self::Dispatched { .. } => "DISPATCHED",
            Self::Delivered { .. } => "DELIVERED",
            Self::Failed { .. } => "FAILED",
            Self::TryFailed { .. } => "TRY_FAILED",
        }
    }

    fn cost(&self) -> Option<(i64, &'static str)> {
        match self {
            Self::Delivered { cost, .. }
            | Self::Failed {
                cost: Some(cost), ..
            } => Some((cost.0, cost.1.code())),
            Self::Dispatched { .. } | Self::Failed { cost: None, .. } | Self::TryFailed { .. } => {
                None
            }
        }
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Dispatched { at, .. } | Self::Delivered { at, .. } => *at,
            Self::TryFailed { again_at, .. } => *again_at,
            Self::Failed { .. } => None,
        }
    }

    fn reference(&self) -> Option<&str> {
        match self {
            Self::Dispatched { order, .. } => Some(order),
            Self::Delivered { proof, .. } => proof.as_deref(),
            Self::Failed { .. } | Self::TryFailed { .. } => None,
        }
    }

    fn failure(&self) -> Option<&str> {
        match self {
            Self::Failed { failure, .. } | Self::TryFailed { failure, .. } => Some(failure),
            Self::Dispatched { .. } | Self::Delivered { .. } => None,
        }
    }
}

/// Follows reports of one tenant together. An answer for each, in their order.
pub(in crate::admission) async fn report(
    database: &Database,
    tenant: TenantId,
    batch: Arc<Vec<Report>>,
) -> Result<Vec<ReportAnswer>, Failure> {
    let rows = database
        .write("report", move |connection| {
            let batch = batch.clone();
            Box::pin(async move {
                let r = &**batch;
                sqlx::query!(
                    r#"-- admission::report
                    select outcome as "outcome!", state, by_agent, promise, facts as "facts: Json<Did>"
                    from largesse.report(largesse.traced_each($1, $2, $13), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"#,
                    tenant.0,
                    &each(r, |x| x.task.0),
                    &each(r, |x| x.said.word()) as &[&str],
                    &each(r, |x| x.holder.as_str()) as &[&str],
                    &each(r, |x| x.token),
                    &each(r, |x| x.said.cost().map(|cost| cost.0)) as &[Option<i64>],
                    &each(r, |x| x.said.cost().map(|cost| cost.1)) as &[Option<&str>],
                    &each(r, |x| x.said.at()) as &[Option<DateTime<Utc>>],
                    &each(r, |x| x.said.reference()) as &[Option<&str>],
                    &each(r, |x| x.said.failure()) as &[Option<&str>],
                    &each(r, |x| x.credential.id.as_str()) as &[&str],
                    &each(r, |x| x.credential.via.as_deref()) as &[Option<&str>],
                    &each(r, |x| x.credential.trace.as_deref()) as &[Option<&str>],
                )
                .fetch_all(connection)
                .await
            })
        })
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ReportAnswer {
            outcome: row.outcome,
            state: row.state,
            by_agent: row.by_agent,
            promise: row.promise,
            did: row.facts.map(|json| json.0),
        })
        .collect())
}
