//! The call of `ask`.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Step, StepAnswer};
use crate::admission::store::each;
use crate::ids::{AgentId, TenantId};
use crate::postgres::{Database, Failure};

impl Step {
    /// Whom it asks, with a space between, which is part of no id.
    fn agents(&self) -> String {
        let ids = self.asked.iter().map(|(agent, _)| AgentId::as_str(agent));
        ids.collect::<Vec<_>>().join(" ")
    }

    /// As what.
    fn how(&self) -> String {
        let words = self.asked.iter().map(|(_, how)| *how);
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Takes steps of one tenant together. An answer for each, in their order.
pub(in crate::admission) async fn ask(
    database: &Database,
    tenant: TenantId,
    batch: Arc<Vec<Step>>,
) -> Result<Vec<StepAnswer>, Failure> {
    let words = database
        .write("ask", move |connection| {
            let batch = batch.clone();
            Box::pin(async move {
                let steps = &**batch;
                sqlx::query_scalar!(
                    r#"-- admission::ask
                    select outcome as "outcome!"
                    from largesse.ask(largesse.traced_each($1, $2, $9), $2, $3, $4, $5, $6, $7, $8)"#,
                    tenant.0,
                    &each(steps, |step| step.gesture.0),
                    &each(steps, |step| step.from),
                    &each(steps, Step::agents),
                    &each(steps, Step::how),
                    &each(steps, |step| step.answer_by),
                    &each(steps, |step| step.due_at) as &[Option<DateTime<Utc>>],
                    &each(steps, |step| step.expires_at) as &[Option<DateTime<Utc>>],
                    &each(steps, |step| step.trace.as_deref()) as &[Option<&str>],
                )
                .fetch_all(connection)
                .await
            })
        })
        .await?;
    let answer = |word: String| {
        StepAnswer::of_word(&word).ok_or_else(|| Failure::Defect(format!("ask answered {word}")))
    };
    words.into_iter().map(answer).collect()
}
