//! What the process tells: its log, its metrics, its traces.
//!
//! - [`names`] is the register: every instrument, span and attribute.
//! - [`metrics`] are counted and read from `/metrics`; [`traces`] are ids until an endpoint is named ([`start_export`]); neither
//!   where somebody switched them off ([`silence`]).
//!
//! **Invariant:** nothing that people wrote (names, addresses, card texts, reasons) is ever a field, a label or a message.

mod export;
pub mod level;
mod log;
pub mod metrics;
pub mod names;
mod runtime;
pub mod traces;

pub use runtime::observe_runtime;

use std::io::IsTerminal;
use std::time::Duration;

use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, reload};

use crate::settings::LogFormat;
use export::{Ended, Taken};

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
    let mut directives = EnvFilter::try_new(filter)?;
    if !is_asked_for {
        directives = directives.add_directive(format!("{WORK}=off").parse()?);
    }
    let usual = directives.to_string();
    let (directives, handle) = reload::Layer::new(directives);
    level::keep(handle, usual);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Json => lines.event_format(log::Json).boxed(),
        LogFormat::Text => lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
    };
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(directives)
        .with(lines)
        .try_init();
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

/// Counts and measures nothing from now on, and pushes nothing. To be called before anything is told.
///
/// # Errors
/// [`ExportProblem::Late`].
pub fn silence() -> Result<(), ExportProblem> {
    metrics::silence().then_some(()).ok_or(ExportProblem::Late)
}

/// Pushes traces and metrics to this OTLP endpoint (gRPC). To be called in a Tokio runtime, before anything is told.
///
/// # Errors
/// [`ExportProblem`].
pub fn start_export(endpoint: &str) -> Result<(), ExportProblem> {
    let taken = Taken::new();
    start_traces(endpoint, &taken)?;
    let wrong = |_| ExportProblem::Endpoint(endpoint.to_owned());
    let measured = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(wrong)?;
    let measured = PeriodicReader::builder(taken.of_metrics(measured)).build();
    if !metrics::start(SdkMeterProvider::builder().with_reader(measured)) {
        return Err(ExportProblem::Late);
    }
    taken.observe();
    Ok(())
}

/// Pushes traces alone: of a process whose metrics nobody would tell from those of the service.
///
/// # Errors
/// [`ExportProblem`].
pub fn start_export_of_traces(endpoint: &str) -> Result<(), ExportProblem> {
    start_traces(endpoint, &Taken::new())
}

fn start_traces(endpoint: &str, taken: &Taken) -> Result<(), ExportProblem> {
    let spans = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|_| ExportProblem::Endpoint(endpoint.to_owned()))?;
    let traces = SdkTracerProvider::builder()
        .with_span_processor(Ended)
        .with_batch_exporter(taken.of_traces(spans));
    if traces::start(traces) {
        Ok(())
    } else {
        Err(ExportProblem::Late)
    }
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
