//! The instruments of this process: made once, read by `/metrics`, pushed where an endpoint was named.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider, UpDownCounter};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

use super::names::{self, Instrument};

/// The most values of a label that a tenant's words may become.
const WORDS_MAX: usize = 10;

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// What is counted and measured.
#[derive(Debug)]
pub struct Metrics {
    provider: SdkMeterProvider,
    registry: Registry,
    meter: Meter,
    pub(crate) call_duration: Histogram<f64>,
    pub(crate) calls_inflight: UpDownCounter<i64>,
    pub(crate) calls_started: Counter<u64>,
    pub(crate) lane_wait: Histogram<f64>,
    pub(crate) batch_size: Histogram<u64>,
    pub(crate) db_duration: Histogram<f64>,
    pub(crate) pool_pending: UpDownCounter<i64>,
    pub(crate) pool_timeouts: Counter<u64>,
    pub(crate) pool_wait: Histogram<f64>,
    pub(crate) pool_use: Histogram<f64>,
    pub(crate) decisions: Counter<u64>,
    pub(crate) timer_lag: Histogram<f64>,
    pub(crate) retries: Counter<u64>,
    pub(super) spans: Counter<u64>,
    pub(super) export_failures: Counter<u64>,
    hand_off: Histogram<f64>,
    approval_wait: Histogram<f64>,
    transitions: Counter<u64>,
    idempotency: Counter<u64>,
    kinds: Words,
    channels: Words,
}

/// The instruments, made when somebody first asks for them.
pub fn metrics() -> &'static Metrics {
    METRICS.get_or_init(|| Metrics::read(SdkMeterProvider::builder()))
}

/// Makes them with one more reader, before anybody has asked; false: somebody has.
pub(super) fn start(builder: opentelemetry_sdk::metrics::MeterProviderBuilder) -> bool {
    METRICS.set(Metrics::read(builder)).is_ok()
}

/// Makes them with no reader at all, before anybody has asked: nothing is counted. False: somebody has.
pub(super) fn silence() -> bool {
    let nobody = SdkMeterProvider::builder();
    METRICS.set(Metrics::new(nobody, Registry::new())).is_ok()
}

/// The text that Prometheus reads.
pub fn text() -> String {
    let families = metrics().registry.gather();
    TextEncoder::new()
        .encode_to_string(&families)
        .unwrap_or_default()
}

impl Metrics {
    /// Read by `/metrics`, and by whoever else reads.
    fn read(builder: opentelemetry_sdk::metrics::MeterProviderBuilder) -> Self {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .without_target_info()
            .build();
        let builder = match reader {
            Ok(reader) => builder.with_reader(reader),
            // The registry is new, so nobody else has taken its place.
            Err(_) => builder,
        };
        Self::new(builder, registry)
    }

    fn new(builder: opentelemetry_sdk::metrics::MeterProviderBuilder, registry: Registry) -> Self {
        let provider = builder.with_resource(super::resource()).build();
        let meter = provider.meter_with_scope(
            InstrumentationScope::builder("largesse")
                .with_version(env!("CARGO_PKG_VERSION"))
                .with_schema_url(names::SCHEMA)
                .build(),
        );
        let seconds = |it: Instrument, edges: &[f64]| {
            meter
                .f64_histogram(it.name)
                .with_unit(it.unit)
                .with_description(it.meaning)
                .with_boundaries(edges.to_vec())
                .build()
        };
        let counter = |it: Instrument| {
            meter
                .u64_counter(it.name)
                .with_unit(it.unit)
                .with_description(it.meaning)
                .build()
        };
        let updown = |it: Instrument| {
            meter
                .i64_up_down_counter(it.name)
                .with_unit(it.unit)
                .with_description(it.meaning)
                .build()
        };
        Self {
            call_duration: seconds(names::CALL_DURATION, &names::SECONDS),
            calls_inflight: updown(names::CALLS_INFLIGHT),
            calls_started: counter(names::CALLS_STARTED),
            lane_wait: seconds(names::LANE_WAIT, &names::SHORT_SECONDS),
            batch_size: meter
                .u64_histogram(names::BATCH_SIZE.name)
                .with_unit(names::BATCH_SIZE.unit)
                .with_description(names::BATCH_SIZE.meaning)
                .with_boundaries(names::SIZES.to_vec())
                .build(),
            db_duration: seconds(names::DB_DURATION, &names::SHORT_SECONDS),
            pool_pending: updown(names::POOL_PENDING),
            pool_timeouts: counter(names::POOL_TIMEOUTS),
            pool_wait: seconds(names::POOL_WAIT, &names::SHORT_SECONDS),
            pool_use: seconds(names::POOL_USE, &names::SHORT_SECONDS),
            decisions: counter(names::DECISIONS),
            retries: counter(names::RETRIES),
            spans: counter(names::SPANS),
            export_failures: counter(names::EXPORT_FAILURES),
            transitions: counter(names::TRANSITIONS),
            idempotency: counter(names::IDEMPOTENCY),
            hand_off: seconds(names::HAND_OFF, &names::HAND_OFF_SECONDS),
            approval_wait: seconds(names::APPROVAL_WAIT, &names::PATIENT_SECONDS),
            timer_lag: seconds(names::TIMER_LAG, &names::LATE_SECONDS),
            kinds: Words::default(),
            channels: Words::default(),
            provider,
            registry,
            meter,
        }
    }

    /// A gauge that is asked for whenever somebody reads. `ask` is called with a way to tell a value with its labels.
    pub(crate) fn observe(
        &self,
        it: Instrument,
        ask: impl Fn(&mut dyn FnMut(f64, &[KeyValue])) + Send + Sync + 'static,
    ) {
        self.meter
            .f64_observable_gauge(it.name)
            .with_unit(it.unit)
            .with_description(it.meaning)
            .with_callback(move |observer| {
                ask(&mut |value, labels| observer.observe(value, labels));
            })
            .build();
    }

    /// A counter that is asked for whenever somebody reads.
    pub(crate) fn observe_total(
        &self,
        it: Instrument,
        ask: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.meter
            .f64_observable_counter(it.name)
            .with_unit(it.unit)
            .with_description(it.meaning)
            .with_callback(move |observer| observer.observe(ask(), &[]))
            .build();
    }

    /// Counts a change of a gesture's state, to the state of this word, by `agent`, `approver`, `timer` or `partner`.
    pub(crate) fn transition(&self, state: &str, trigger: &'static str) {
        self.transitions.add(
            1,
            &[
                KeyValue::new(names::STATE_TO, names::state(state)),
                KeyValue::new(names::TRIGGER, trigger),
            ],
        );
    }

    /// Counts a request for a gesture: `new`, `replay` or `mismatch`.
    pub(crate) fn requested(&self, result: &'static str) {
        self.idempotency
            .add(1, &[KeyValue::new(names::RESULT, result)]);
    }

    /// Counts a decision. Only what was given or may be takes one of the places that kinds have as labels: what somebody makes
    /// up is declined.
    pub(crate) fn decided(&self, outcome: &'static str, kind: &str, is_offered: bool) {
        let kind = self.kinds.label(kind, is_offered);
        self.decisions.add(
            1,
            &[
                KeyValue::new(names::OUTCOME, outcome),
                KeyValue::new(names::GESTURE_KIND, kind),
            ],
        );
    }

    /// A gesture of this channel was handed on so long after its yes; by a report that brought it to this state.
    pub(crate) fn handed_off(&self, channel: &str, state: &str, waited_s: f64) {
        let labels = [
            KeyValue::new(names::CHANNEL, self.channel(channel)),
            KeyValue::new(names::HAND_OFF_OUTCOME, names::state(state)),
        ];
        self.hand_off.record(waited_s.max(0.0), &labels);
    }

    /// A question came to an end so long after it was put, in the step in which it was then.
    pub(crate) fn question_ended(&self, decision: &'static str, step: i32, waited_s: f64) {
        let labels = [
            KeyValue::new(names::DECISION, decision),
            KeyValue::new(names::APPROVAL_LEVEL, names::level(step)),
        ];
        self.approval_wait.record(waited_s.max(0.0), &labels);
    }

    /// A channel as a label.
    pub(crate) fn channel(&self, name: &str) -> &'static str {
        self.channels.label(name, true)
    }

    /// Pushes what has not been pushed, and ends.
    pub(super) fn shutdown(&self, within: Duration) {
        drop(self.provider.shutdown_with_timeout(within));
    }
}

/// Words of a tenant that have become labels: the first so many, for as long as the process lives.
#[derive(Debug, Default)]
struct Words {
    known: Mutex<Vec<&'static str>>,
}

impl Words {
    fn label(&self, word: &str, may_be_new: bool) -> &'static str {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.iter().find(|one| **one == word) {
            return found;
        }
        if !may_be_new || known.len() == WORDS_MAX {
            return names::OTHER;
        }
        // At most ten of them, each once.
        let word: &'static str = Box::leak(word.to_owned().into_boxed_str());
        known.push(word);
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_ten_words_and_no_more() {
        let words = Words::default();
        assert_eq!(words.label("made-up", false), names::OTHER);
        for number in 0..1000 {
            words.label(&format!("kind-{number}"), true);
        }
        assert_eq!(words.known.lock().unwrap().len(), WORDS_MAX);
        assert_eq!(words.label("kind-9", false), "kind-9");
        assert_eq!(words.label("kind-10", true), names::OTHER);
    }
}
