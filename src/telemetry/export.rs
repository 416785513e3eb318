//! What is told of the telling itself: whoever has only `/metrics` left sees there that a collector takes nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};

use tokio::time::Instant;

use super::metrics::metrics;
use super::names;

/// When each signal was last taken; since the start, where it never was.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    traces: Arc<Mutex<Instant>>,
    metrics: Arc<Mutex<Instant>>,
}

impl Taken {
    pub fn new() -> Self {
        let now = || Arc::new(Mutex::new(Instant::now()));
        Self {
            traces: now(),
            metrics: now(),
        }
    }

    /// Tells their ages from now on.
    pub fn observe(&self) {
        let signals = [
            ("traces", self.traces.clone()),
            ("metrics", self.metrics.clone()),
        ];
        metrics().observe(names::EXPORT_AGE, move |tell| {
            for (signal, at) in &signals {
                let at = at.lock().unwrap_or_else(PoisonError::into_inner);
                let age = at.elapsed().as_secs_f64();
                tell(age, &[KeyValue::new(names::SIGNAL, *signal)]);
            }
        });
    }

    /// An exporter of spans that is watched.
    pub fn of_traces<E>(&self, exporter: E) -> Watched<E> {
        Watched {
            exporter,
            signal: "traces",
            taken: self.traces.clone(),
            is_taking: AtomicBool::new(true),
        }
    }

    /// An exporter of metrics that is watched.
    pub fn of_metrics<E>(&self, exporter: E) -> Watched<E> {
        Watched {
            exporter,
            signal: "metrics",
            taken: self.metrics.clone(),
            is_taking: AtomicBool::new(true),
        }
    }
}

/// An exporter whose failures are counted.
#[derive(Debug)]
pub(super) struct Watched<E> {
    exporter: E,
    signal: &'static str,
    taken: Arc<Mutex<Instant>>,
    is_taking: AtomicBool,
}

impl<E> Watched<E> {
    fn note(&self, result: &OTelSdkResult) {
        // Said when it changes: whoever reads the log learns of it once.
        if self.is_taking.swap(result.is_ok(), Ordering::Relaxed) != result.is_ok() {
            if result.is_ok() {
                tracing::info!(signal = self.signal, "the collector takes telemetry again");
            } else {
                tracing::warn!(signal = self.signal, "the collector takes no telemetry");
            }
        }
        if result.is_ok() {
            *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        } else {
            let signal = [KeyValue::new(names::SIGNAL, self.signal)];
            metrics().export_failures.add(1, &signal);
        }
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let result = self.exporter.export(batch).await;
        self.note(&result);
        count_spans(if result.is_ok() { "exported" } else { "failed" }, count);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Watched<E> {
    async fn export(&self, measured: &ResourceMetrics) -> OTelSdkResult {
        let result = self.exporter.export(measured).await;
        self.note(&result);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}

/// Counts the spans that are to be told, before any queue could lose them.
#[derive(Debug)]
pub(super) struct Ended;

impl SpanProcessor for Ended {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            count_spans("ended", 1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn count_spans(fate: &'static str, count: usize) {
    let fate = [KeyValue::new(names::SPAN_FATE, fate)];
    metrics().spans.add(count as u64, &fate);
}
