//! What is told of a timer that is seen to: a span of its own, the root of its trace, and a line.

use opentelemetry::trace::{SpanKind, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use tokio::time::Instant;

use crate::ids::GestureId;
use crate::problem::Problem;
use crate::telemetry::{self, names, traces};

/// One timer, while it is seen to.
pub(super) struct Work {
    gesture: GestureId,
    kind: &'static str,
    late_s: Option<f64>,
    since: Instant,
    context: Context,
}

impl Work {
    pub fn begin(gesture: GestureId, kind: &'static str, late_s: Option<f64>) -> Self {
        let mut attributes = vec![
            KeyValue::new(names::GESTURE_ID, gesture.0.to_string()),
            KeyValue::new(names::TIMER_KIND, kind),
        ];
        attributes.extend(late_s.map(|late_s| KeyValue::new(names::TIMER_LAG_S, late_s)));
        let root = Context::new();
        let span = traces::span(
            names::SPAN_TIMER,
            SpanKind::Internal,
            attributes,
            Vec::new(),
            &root,
        );
        Self {
            gesture,
            kind,
            late_s,
            since: Instant::now(),
            context: root.with_span(span),
        }
    }

    pub fn context(&self) -> Context {
        self.context.clone()
    }

    pub fn end(self, problem: Option<&Problem>) {
        let error = problem.map(word);
        traces::end(&self.context, error);
        let _here = self.context.clone().attach();
        tracing::info!(
            target: telemetry::WORK,
            {
                "event.name" = names::WORK_COMPLETED,
                "largesse.timer.kind" = self.kind,
                "largesse.timer.lag_s" = self.late_s,
                "largesse.gesture.id" = %self.gesture.0,
                "error.type" = error,
                "duration_s" = self.since.elapsed().as_secs_f64(),
            },
            "a timer was seen to"
        );
    }
}

/// What went wrong, as far as there is anything to be done about it.
fn word(problem: &Problem) -> &'static str {
    match problem {
        Problem::Overloaded => "OVERLOADED",
        Problem::DatabaseUnavailable => "DATABASE_UNAVAILABLE",
        Problem::OutcomeUnknown => "OUTCOME_UNKNOWN",
        _ => names::OTHER,
    }
}
