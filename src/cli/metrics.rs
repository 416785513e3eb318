//! `largesse metrics`: every instrument, and the most series that it can come to.

use clap::Args;

use super::failure::Failure;
use super::output;
use crate::telemetry::names::INSTRUMENTS;

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
            let list: Vec<_> = INSTRUMENTS
                .iter()
                .map(|it| {
                    serde_json::json!({
                        "name": it.name, "type": it.shape.name(), "unit": it.unit, "meaning": it.meaning,
                        "labels": it.labels, "series_max": it.series_max,
                    })
                })
                .collect();
            format!("{:#}\n", serde_json::Value::from(list))
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
