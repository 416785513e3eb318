//! `largesse metrics`: every instrument, and the most series that it can come to.

use clap::Args;

use super::failure::Failure;
use super::output;
use crate::telemetry::names::{self, INSTRUMENTS};

/// Options of `metrics`.
#[derive(Debug, Clone, Args)]
pub struct MetricsVerb {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl MetricsVerb {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let text = if self.json {
            format!("{:#}\n", names::as_json())
        } else {
            let rows = INSTRUMENTS.iter().map(|it| {
                let (name, shape) = (it.name, it.shape.name());
                format!(
                    "{name}\n    {shape}, {}, at most {} series; labels: {}\n    {}\n",
                    it.unit,
                    it.series_max,
                    if it.labels.is_empty() {
                        "none".to_owned()
                    } else {
                        it.labels.join(", ")
                    },
                    it.meaning
                )
            });
            rows.collect()
        };
        Ok(output::print(&text)?)
    }
}
