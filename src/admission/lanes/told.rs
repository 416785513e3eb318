//! What the lanes tell: for each request how long it waited and with how many it was decided; for each batch a span of its own,
//! since it belongs to all of its requests and is part of none. They are linked both ways.

use std::sync::{Arc, OnceLock};

use opentelemetry::trace::{Link, Span as _, SpanContext, SpanKind, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;
use tokio::time::Instant;

use super::AdmitAnswer;
use super::bounds::Kind;
use super::queue::Taken;
use crate::ids::GestureId;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names;
use crate::telemetry::traces::{self, Facts};

/// What the lane says to the one who waits, where that one is told.
#[derive(Debug)]
pub(super) struct Place {
    of: SpanContext,
    batch: OnceLock<(f64, usize, SpanContext)>,
}

/// One who waits.
pub(super) struct Told {
    span: Option<(Span, Arc<Place>)>,
}

impl Told {
    /// A request about this gesture takes its place.
    pub fn begin(id: GestureId) -> Self {
        Facts::about(id);
        let parent = Context::current();
        if !parent.span().is_recording() {
            return Self { span: None };
        }
        let attributes = vec![KeyValue::new(names::GESTURE_ID, id.0.to_string())];
        let span = traces::span(
            names::SPAN_ADMISSION,
            SpanKind::Internal,
            attributes,
            Vec::new(),
            &parent,
        );
        let place = Arc::new(Place {
            of: span.span_context().clone(),
            batch: OnceLock::new(),
        });
        Self {
            span: Some((span, place)),
        }
    }

    /// What goes into the lane.
    pub fn place(&self) -> Option<Arc<Place>> {
        self.span.as_ref().map(|(_, place)| place.clone())
    }

    /// It is answered.
    pub fn end(self, outcome: Option<(&'static str, bool)>, error: Option<&'static str>) {
        if let Some((outcome, replayed)) = outcome
            && let Some(facts) = Facts::here()
        {
            facts.outcome.get_or_init(|| outcome);
            facts.replayed.get_or_init(|| replayed);
        }
        let Some((mut span, place)) = self.span else {
            return;
        };
        if let Some((wait_s, size, batch)) = place.batch.get() {
            span.set_attribute(KeyValue::new(names::LANE_WAIT_S, *wait_s));
            span.set_attribute(KeyValue::new(names::BATCH, i64_of(*size)));
            if batch.is_valid() {
                span.add_link(
                    batch.clone(),
                    vec![KeyValue::new(names::LINK_KIND, "batch")],
                );
            }
        }
        if let Some((outcome, replayed)) = outcome {
            span.set_attribute(KeyValue::new(names::OUTCOME, outcome));
            span.set_attribute(KeyValue::new(names::REPLAYED, replayed));
        }
        if let Some(word) = error {
            span.set_attribute(KeyValue::new(names::ERROR_TYPE, word));
        }
        span.end();
    }
}

/// A request for a gesture of this kind was answered.
pub(super) fn decided(answer: &AdmitAnswer, kind: &str) {
    let outcome = answer.outcome_name();
    let (result, state) = match answer.outcome.as_str() {
        "REUSED" => ("mismatch", None),
        _ if answer.replayed => ("replay", None),
        "NEEDS_APPROVAL" => ("new", Some("pending_approval")),
        _ if outcome == "invalid" => return,
        _ => ("new", Some(outcome)),
    };
    metrics().requested(result);
    if let Some(state) = state {
        metrics().decided(outcome, kind, outcome != "declined");
        metrics().transition(state, "agent");
    }
}

/// A batch is decided from now on; in what context.
pub(super) fn batch<W>(taken: &Taken<W>) -> Context {
    let (now, size) = (Instant::now(), taken.entries.len());
    if size == 0 {
        return Context::new();
    }
    let wait_s = |since| now.duration_since(since).as_secs_f64();
    for entry in &taken.entries {
        metrics().lane_wait.record(wait_s(entry.since), &[]);
    }
    if taken.kind != Kind::Alone {
        metrics().batch_size.record(size as u64, &[]);
    }
    let places = || {
        taken
            .entries
            .iter()
            .filter_map(|entry| entry.place.as_ref())
    };
    let links: Vec<Link> = places()
        .take(traces::LINKS_MAX)
        .map(|place| {
            let kind = vec![KeyValue::new(names::LINK_KIND, "request")];
            Link::new(place.of.clone(), kind, 0)
        })
        .collect();
    if links.is_empty() {
        return Context::new();
    }
    let attributes = vec![KeyValue::new(names::BATCH, i64_of(size))];
    let span = traces::span(
        names::SPAN_BATCH,
        SpanKind::Internal,
        attributes,
        links,
        &Context::new(),
    );
    for entry in &taken.entries {
        if let Some(place) = &entry.place {
            let of = span.span_context().clone();
            place.batch.get_or_init(|| (wait_s(entry.since), size, of));
        }
    }
    Context::new().with_span(span)
}

fn i64_of(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use opentelemetry::context::FutureExt as _;
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanProcessor};
    use uuid::Uuid;

    use super::super::{Cancellation, LaneBounds, Lanes};
    use super::*;
    use crate::identity::Credential;
    use crate::ids::{AgentId, TenantId};
    use crate::postgres::{Database, PoolSize};
    use crate::problem::Problem;

    /// Keeps what has ended.
    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl SpanProcessor for Kept {
        fn on_start(&self, _: &mut Span, _: &Context) {}

        fn on_end(&self, span: SpanData) {
            self.0.lock().unwrap().push(span);
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }

    #[tokio::test]
    async fn who_finds_the_lane_full_says_so() {
        let kept = Kept::default();
        let provider = SdkTracerProvider::builder().with_span_processor(kept.clone());
        assert!(traces::start(provider), "another test has begun a span");
        let call = traces::span(
            "call",
            SpanKind::Server,
            Vec::new(),
            Vec::new(),
            &Context::new(),
        );
        let here = Context::new().with_span(call);

        // Nobody is asked: there is no room for anybody.
        let database = Database::open(
            "postgresql://nobody@localhost/none".parse().unwrap(),
            PoolSize::default(),
        );
        let bounds = LaneBounds {
            depth_max: 0,
            ..LaneBounds::default()
        };
        let lanes = Lanes::new(database, bounds);
        let asked = Cancellation {
            id: GestureId(Uuid::now_v7()),
            actor: AgentId::new("fl-101").unwrap(),
            etag: 1,
            credential: Credential {
                id: "token".into(),
                via: None,
                trace: None,
            },
        };
        let refused = lanes.cancel(TenantId(Uuid::nil()), asked);
        let refused = refused.with_context(here).await;
        assert!(matches!(refused, Err(Problem::Overloaded)));

        let ended = kept.0.lock().unwrap();
        let is_told = |span: &&SpanData| span.name == names::SPAN_ADMISSION;
        let span = ended.iter().find(is_told).unwrap();
        let why = KeyValue::new(names::ERROR_TYPE, "lane_full");
        assert!(span.attributes.contains(&why), "{:?}", span.attributes);
    }
}
