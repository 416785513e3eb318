//! What the process tells: its log, its metrics, its traces.
//!
//! - [`names`] is the register: every instrument, span and attribute.
//! - [`metrics`] are counted always and read from `/metrics`; [`traces`] are ids until an endpoint is named ([`start_export`]).
//!
//! **Invariant:** nothing that people wrote (names, addresses, card texts, reasons) is ever a field, a label or a message.

mod log;
pub mod metrics;
pub mod names;
pub mod traces;

use std::io::IsTerminal;
use std::time::Duration;

use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::settings::LogFormat;

/// The target of the lines that say that a unit of work has ended; without a collector they are all that there is of it.
pub(crate) const WORK: &str = "largesse::work";
/// The longest that the last signals may take.
const FLUSH_MAX: Duration = Duration::from_secs(5);

/// Starts the log on standard error, which leaves standard output to answers. A line for each call is for programs: who reads
/// text at a terminal asks for it (`--log info,largesse::work=info`).
///
/// # Errors
/// The filter is not one; the message says where.
pub fn start_log(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let is_asked_for = format == LogFormat::Json || filter.contains(WORK);
    let mut filter = EnvFilter::try_new(filter)?;
    if !is_asked_for {
        filter = filter.add_directive(format!("{WORK}=off").parse()?);
    }
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = match format {
        LogFormat::Json => log.event_format(log::Json).try_init(),
        LogFormat::Text => log
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init(),
    };
    Ok(())
}

/// Why signals cannot be pushed.
#[derive(Debug, thiserror::Error)]
pub enum ExportProblem {
    /// The address is none that OTLP can be sent to.
    #[error("telemetry cannot be sent to {0}: say http://host:4317")]
    Endpoint(String),
    /// Signals were told before.
    #[error("telemetry was started already")]
    Late,
}

/// Pushes traces and metrics to this OTLP endpoint (gRPC). To be called in a Tokio runtime, before anything is told.
///
/// # Errors
/// [`ExportProblem`].
pub fn start_export(endpoint: &str) -> Result<(), ExportProblem> {
    let wrong = |_| ExportProblem::Endpoint(endpoint.to_owned());
    let spans = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(wrong)?;
    let measured = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(wrong)?;
    let is_first = traces::start(SdkTracerProvider::builder().with_batch_exporter(spans))
        && metrics::start(
            SdkMeterProvider::builder().with_reader(PeriodicReader::builder(measured).build()),
        );
    is_first.then_some(()).ok_or(ExportProblem::Late)
}

/// Tells the last of it. Blocks, and so runs where blocking is allowed; a collector that is away is given up.
pub async fn finish() {
    let flush = tokio::task::spawn_blocking(|| {
        traces::shutdown(FLUSH_MAX);
        metrics::metrics().shutdown(FLUSH_MAX);
    });
    if tokio::time::timeout(FLUSH_MAX, flush).await.is_err() {
        tracing::warn!("the last telemetry was not taken in time");
    }
}

fn resource() -> Resource {
    Resource::builder()
        .with_service_name("largesse")
        .with_schema_url(
            [opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            )],
            names::SCHEMA,
        )
        .build()
}
