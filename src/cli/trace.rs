//! `largesse trace …`: every step of a gesture, and where to look at what was measured of it.

use std::path::Path;

use chrono::DateTime;
use clap::Args;
use prost_types::Timestamp;
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
    let has_url = steps.iter().any(|step| !step.trace_url.is_empty());
    let rows = steps.iter().map(|step| {
        let event = step.event.clone().unwrap_or_default();
        let mut row = vec![
            to_the_millisecond(event.time.as_ref()),
            event.r#type,
            words::acting(&event.actor, &event.authority),
            step.trace_id.clone(),
            step.span_id.clone(),
            if step.sampled { "yes" } else { "no" }.to_owned(),
        ];
        row.extend(has_url.then(|| step.trace_url.clone()));
        row
    });
    let titles = [
        "time (UTC)",
        "step",
        "by",
        "trace",
        "span",
        "sampled",
        "see",
    ];
    looks.table(&titles[..if has_url { 7 } else { 6 }], rows)
}

/// As backends of traces show it.
fn to_the_millisecond(time: Option<&Timestamp>) -> String {
    let nanos = |time: &Timestamp| u32::try_from(time.nanos).ok();
    let instant = time.and_then(|time| DateTime::from_timestamp(time.seconds, nanos(time)?));
    instant.map_or_else(String::new, |it| {
        it.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
    })
}
