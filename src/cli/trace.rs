//! `largesse trace …`: every step of a gesture, and where to look at what was measured of it.

use std::path::Path;

use clap::Args;
use uuid::Uuid;

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::{Looks, words};
use crate::identity::Role;
use crate::pb::{GetTrailRequest, TrailStep};

/// `largesse trace …`.
#[derive(Debug, Clone, Args)]
pub struct TraceOptions {
    /// The gesture's id
    #[arg(value_name = "ID")]
    id: Uuid,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

impl TraceOptions {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Auditor).await?;
        let request = GetTrailRequest {
            gesture_id: self.id.to_string(),
        };
        let answer = client.audit().get_trail(request).await;
        let answer = answer
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        client
            .printer
            .answer(&answer, |looks| table(looks, &answer.steps))?;
        Ok(Exit::Done)
    }
}

fn table(looks: &Looks, steps: &[TrailStep]) -> String {
    let rows = steps.iter().map(|step| {
        let event = step.event.clone().unwrap_or_default();
        vec![
            looks.time(event.time.as_ref()),
            event.r#type,
            words::acting(&event.actor, &event.authority),
            step.trace_id.clone(),
            step.span_id.clone(),
            if step.sampled { "yes" } else { "no" }.to_owned(),
            step.trace_url.clone(),
        ]
    });
    let titles = ["time", "step", "by", "trace", "span", "exported", "see"];
    looks.table(&titles, rows)
}
