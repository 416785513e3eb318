//! What is told of an event that is brought: a span for each try, the root of its trace and linked to where the event came about,
//! and a line.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use tokio::time::Instant;

use super::sink::{Outcome, Why};
use crate::pb::Event;
use crate::telemetry::{self, names, traces};

/// One try.
pub(super) struct Try<'e> {
    event: &'e Event,
    attempt: u32,
    since: Instant,
    context: Context,
}

impl<'e> Try<'e> {
    pub(super) fn begin(event: &'e Event, attempt: u32) -> Self {
        let mut attributes = vec![
            KeyValue::new(names::EVENT_TYPE, event.r#type.clone()),
            KeyValue::new(names::ATTEMPT, i64::from(attempt)),
        ];
        if !event.gesture_id.is_empty() {
            let id = KeyValue::new(names::GESTURE_ID, event.gesture_id.clone());
            attributes.push(id);
        }
        let link = |of| Link::new(of, vec![KeyValue::new(names::LINK_KIND, "follows")], 0);
        let links = traces::context_of(&event.traceparent).map(link);
        let links = links.into_iter().collect();
        let (name, kind) = (names::SPAN_PUBLISH, SpanKind::Producer);
        let span = traces::span(name, kind, attributes, links, &Context::new());
        Self {
            event,
            attempt,
            since: Instant::now(),
            context: Context::new().with_span(span),
        }
    }

    /// Where the sink's own trace may go on from. None: this try is not told, and to say so could keep the sink from telling
    /// its part.
    pub(super) fn traceparent(&self) -> Option<String> {
        let of = self.context.span().span_context().clone();
        of.is_sampled().then(|| traces::traceparent(&of)).flatten()
    }

    pub(super) fn end(self, outcome: &Outcome) {
        let (word, error) = words(outcome);
        let span = self.context.span();
        span.set_attribute(KeyValue::new(names::PUBLISH_OUTCOME, word));
        traces::end(&self.context, error);
        let _here = self.context.clone().attach();
        tracing::info!(
            target: telemetry::WORK,
            {
                "event.name" = names::WORK_COMPLETED,
                "largesse.event.type" = self.event.r#type,
                "largesse.publish.attempt" = self.attempt,
                "largesse.publish.outcome" = word,
                "largesse.gesture.id" = self.event.gesture_id,
                "error.type" = error,
                "duration_s" = self.since.elapsed().as_secs_f64(),
            },
            "an event was brought"
        );
    }
}

/// What came of it, and why it did not go well.
fn words(outcome: &Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Taken(_) => ("accepted", None),
        Outcome::Refused(why) | Outcome::Over(why) => ("rejected", Some(why.word())),
        Outcome::Down(Why::Timeout, _) => ("timeout", Some(Why::Timeout.word())),
        Outcome::Down(why, _) => ("retryable", Some(why.word())),
    }
}
