//! Spans: made with the SDK where an endpoint was named, else nothing but ids, which logs and answers carry all the same.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use opentelemetry::trace::{
    Link, Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags,
    TraceId, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{
    Sampler, SamplingDecision, SamplingResult, SdkTracer, SdkTracerProvider, ShouldSample, Span,
    TracerProviderBuilder,
};
use tokio::time::Instant;
use uuid::Uuid;

use super::names;
use crate::ids::GestureId;

/// How many of a hundred reads are told.
const READS_PERCENT: f64 = 5.0;
/// How many traces of our own are told in a second …
const TOLD_A_SECOND_MAX: u32 = 200;
/// … and how many of a hundred of those beyond them.
const BEYOND_PERCENT: f64 = 5.0;
/// The most links of a batch.
pub(crate) const LINKS_MAX: usize = 128;

static TRACES: OnceLock<(SdkTracerProvider, SdkTracer)> = OnceLock::new();

fn traces() -> &'static (SdkTracerProvider, SdkTracer) {
    TRACES.get_or_init(|| made(SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff)))
}

fn made(builder: TracerProviderBuilder) -> (SdkTracerProvider, SdkTracer) {
    let provider = builder.with_resource(super::resource()).build();
    let tracer = provider.tracer_with_scope(
        InstrumentationScope::builder("largesse")
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_schema_url(names::SCHEMA)
            .build(),
    );
    (provider, tracer)
}

/// Starts with an exporter, before anybody has made a span.
pub(crate) fn start(builder: TracerProviderBuilder) -> bool {
    TRACES.set(made(builder.with_sampler(Judge::new()))).is_ok()
}

pub(super) fn shutdown(within: std::time::Duration) {
    if let Some((provider, _)) = TRACES.get() {
        drop(provider.shutdown_with_timeout(within));
    }
}

/// A span below this context.
pub(crate) fn span(
    name: impl Into<std::borrow::Cow<'static, str>>,
    kind: SpanKind,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
    parent: &Context,
) -> Span {
    let builder = SpanBuilder::from_name(name)
        .with_kind(kind)
        .with_attributes(attributes)
        .with_links(links);
    traces().1.build_with_context(builder, parent)
}

/// A span of a call of Postgres below the present one, where that one is told.
pub(crate) fn db_span(verb: &str, summary: &'static str) -> Option<Span> {
    let parent = Context::current();
    if !parent.span().is_recording() {
        return None;
    }
    let attributes = vec![
        KeyValue::new(names::DB_SYSTEM, "postgresql"),
        KeyValue::new(names::DB_SUMMARY, summary),
    ];
    let name = format!("{verb} {summary}");
    Some(span(
        name,
        SpanKind::Client,
        attributes,
        Vec::new(),
        &parent,
    ))
}

/// Ends a span of a call of Postgres, with the word for what went wrong.
pub(crate) fn end_db_span(span: Option<Span>, wait_s: f64, error: Option<&'static str>) {
    if let Some(mut span) = span {
        span.set_attribute(KeyValue::new(names::POOL_WAIT_S, wait_s));
        if let Some(word) = error {
            span.set_attribute(KeyValue::new(names::ERROR_TYPE, word));
            span.set_status(opentelemetry::trace::Status::error(""));
        }
        span.end();
    }
}

/// Ends the span of a piece of work, with the word for what went wrong.
pub(crate) fn end(work: &Context, error: Option<&'static str>) {
    let span = work.span();
    if let Some(word) = error {
        span.set_attribute(KeyValue::new(names::ERROR_TYPE, word));
        span.set_status(opentelemetry::trace::Status::error(""));
    }
    span.end();
}

/// Where one is, as it is kept beside events and told to others: a W3C traceparent. None: no span was begun here.
pub(crate) fn here() -> Option<String> {
    Context::map_current(|context| traceparent(context.span().span_context()))
}

/// A span as a W3C traceparent. None: it is none.
pub(crate) fn traceparent(of: &SpanContext) -> Option<String> {
    let flags = of.trace_flags() & TraceFlags::SAMPLED;
    let text = || format!("00-{}-{}-{:02x}", of.trace_id(), of.span_id(), flags);
    of.is_valid().then(text)
}

/// The span that a traceparent of ours names. None: it names none.
pub(crate) fn context_of(traceparent: &str) -> Option<SpanContext> {
    let parts: Vec<&str> = traceparent.split('-').collect();
    let ["00", trace, span, flags] = parts[..] else {
        return None;
    };
    let flags = u8::from_str_radix(flags, 16).ok()?;
    let of = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(flags),
        true,
        TraceState::default(),
    );
    of.is_valid().then_some(of)
}

/// What a call has become known to be about; told once, at its end, on its span and in its line.
#[derive(Debug, Default)]
pub struct Facts {
    /// The gesture, where it is about one.
    pub gesture: OnceLock<Uuid>,
    /// What was decided.
    pub outcome: OnceLock<&'static str>,
    /// Whether it had been decided before.
    pub replayed: OnceLock<bool>,
    /// The answer that ended a question.
    pub answer: OnceLock<Answer>,
}

/// An answer that ended a question.
#[derive(Debug)]
pub struct Answer {
    /// How, in a word.
    pub decision: &'static str,
    /// How often people had been asked.
    pub level: i64,
    /// For how long it was open, in seconds.
    pub waited_s: f64,
    /// Whether it was given in another one's authority.
    pub is_delegate: bool,
}

impl Facts {
    /// Those of the call that runs here; none: nothing runs here that came through the door.
    pub fn here() -> Option<Arc<Self>> {
        Context::map_current(|context| context.get::<Arc<Self>>().cloned())
    }

    /// The call that runs here is about this gesture.
    pub fn about(id: GestureId) {
        if let Some(facts) = Self::here() {
            facts.gesture.get_or_init(|| id.0);
        }
    }
}

/// Who is told: what changes something always, up to so many a second; reads now and then; health, and what is no method of ours, never. A caller who tells a
/// trace has us tell our part of it; one who does not has no say: our own book-keeping is not theirs to switch off.
#[derive(Debug, Clone)]
struct Judge {
    /// From when on seconds are counted.
    since: Instant,
    /// A second, and how many were told in it.
    told: Arc<Mutex<(u64, u32)>>,
}

impl Judge {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            told: Arc::default(),
        }
    }

    /// Whether this second has room for one more.
    fn has_room(&self, second: u64) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0 != second {
            *told = (second, 0);
        }
        let has_room = told.1 < TOLD_A_SECOND_MAX;
        told.1 += u32::from(has_room);
        has_room
    }
}

impl ShouldSample for Judge {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let of = parent.map(|parent| parent.span().span_context().clone());
        let of = of.filter(SpanContext::is_valid);
        let is_told = if name.starts_with("grpc.") || name == names::OTHER {
            Sampler::AlwaysOff
        } else if name == names::SPAN_BATCH {
            // There is one only where a request in it is told.
            Sampler::AlwaysOn
        } else if let Some(of) = of.as_ref().filter(|of| !of.is_remote() || of.is_sampled()) {
            if of.is_sampled() {
                Sampler::AlwaysOn
            } else {
                Sampler::AlwaysOff
            }
        } else if *kind == SpanKind::Server && is_read(name) {
            Sampler::TraceIdRatioBased(READS_PERCENT / 100.0)
        } else if self.has_room(self.since.elapsed().as_secs()) {
            Sampler::AlwaysOn
        } else {
            Sampler::TraceIdRatioBased(BEYOND_PERCENT / 100.0)
        };
        let result = is_told.should_sample(None, trace, name, kind, attributes, links);
        SamplingResult {
            // What a caller's systems say to each other there is not ours to tell.
            trace_state: TraceState::default(),
            decision: match result.decision {
                SamplingDecision::RecordOnly => SamplingDecision::Drop,
                other => other,
            },
            attributes: Vec::new(),
        }
    }
}

/// Whether nothing can have come before a call of this method: it reads, or it is the request.
pub(crate) fn is_first(method: &str) -> bool {
    is_read(method) || method.ends_with("/RequestGesture")
}

/// Whether a method changes nothing: by its verb.
pub(crate) fn is_read(method: &str) -> bool {
    let verb = method.rsplit('/').next().unwrap_or(method);
    verb == names::OTHER
        || ["Get", "List", "Preview", "Plan", "Watch"]
            .iter()
            .any(|read| verb.starts_with(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_room_for_so_many() {
        let judge = Judge::new();
        let told = |second| (0..300).filter(|_| judge.has_room(second)).count();
        assert_eq!((told(1), told(1), told(2)), (200, 0, 200));
    }

    #[test]
    fn what_is_kept_of_a_span_names_it_again() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let of = context_of(text).unwrap();
        let _here = Context::new().with_remote_span_context(of).attach();
        assert_eq!(here().as_deref(), Some(text));
        for wrong in [
            "",
            "00-0-0-0",
            &text.replace("00-", "01-"),
            &text.replace('a', "g"),
        ] {
            assert!(context_of(wrong).is_none(), "{wrong}");
        }
    }
}
