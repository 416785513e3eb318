//! The outermost layer of the stack: one span, one measurement and one line for each call, whatever becomes of it.
//!
//! It stands outside of the gate, so that what is refused there is told as well. The code is the one that the caller sees: from
//! the trailers, or from the head where there are none; a call ends when its stream does. Whoever goes away before that leaves
//! a CANCELLED, or a DEADLINE_EXCEEDED when the time that they gave is over. Methods that are not ours are all `_OTHER`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Polling, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use opentelemetry::context::FutureExt as _;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanKind, Status as SpanStatus, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::{access, to_status};
use crate::problem::Problem;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names;
use crate::telemetry::traces::{self, Facts};

/// How long before its time is over a call is answered by us, at most: later the transport would say CANCELLED, to callers who
/// have gone. Of a short time it is a tenth.
const ANSWERED_BEFORE_MAX: Duration = Duration::from_millis(250);

fn answered_within(time: Duration) -> Duration {
    time.saturating_sub(ANSWERED_BEFORE_MAX.min(time / 10))
}

/// Puts [`Observed`] around a service.
#[derive(Debug, Clone)]
pub struct ObserveLayer {
    /// The longest that a call may take.
    pub call_max: Duration,
}

impl<S> Layer<S> for ObserveLayer {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed {
            inner,
            call_max: self.call_max,
        }
    }
}

/// A service whose calls are told.
#[derive(Debug, Clone)]
pub struct Observed<S> {
    inner: S,
    call_max: Duration,
}

impl<S, B> Service<Request<B>> for Observed<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, polling: &mut Polling<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(polling)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut call = Call::begin(request.uri().path(), request.headers(), self.call_max);
        let answer = self.inner.call(request).with_context(call.context.clone());
        let time = answered_within(call.deadline.unwrap_or(self.call_max));
        Box::pin(async move {
            let mut response = match tokio::time::timeout(time, answer).await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => {
                    call.end(Code::Internal);
                    return Err(error);
                }
                Err(_) => {
                    let is_read = traces::is_read(call.method);
                    to_status(Problem::TimeIsOver { is_read }).into_http()
                }
            };
            let trace = call.context.span().span_context().trace_id().to_string();
            if let Ok(trace) = HeaderValue::try_from(trace) {
                response.headers_mut().insert(names::TRACE_HEADER, trace);
            }
            // From here on the deadline is over: what may still take long is the stream.
            call.deadline = None;
            if let Some(status) = Status::from_header_map(response.headers()) {
                call.end(status.code());
                return Ok(response);
            }
            Ok(response.map(|inner| Body::new(ObservedBody { inner, call })))
        })
    }
}

/// A body whose end is the end of its call.
struct ObservedBody {
    inner: Body,
    call: Call,
}

impl HttpBody for ObservedBody {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        polling: &mut Polling<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let here = self.call.context.clone().attach();
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(polling));
        drop(here);
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let code = Status::from_header_map(trailers).map(|status| status.code());
                    self.call.end(code.unwrap_or(Code::Unknown));
                }
            }
            Some(Err(status)) => self.call.end(status.code()),
            None => self.call.end(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A call that runs.
struct Call {
    method: &'static str,
    since: Instant,
    deadline: Option<Duration>,
    context: Context,
    facts: Arc<Facts>,
    has_ended: bool,
}

impl Call {
    fn begin(path: &str, headers: &HeaderMap, call_max: Duration) -> Self {
        let method = access::known(path).map_or(names::OTHER, |path| &path[1..]);
        let parent = if headers.contains_key("traceparent") {
            TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers))
        } else {
            Context::new()
        };
        let attributes = vec![
            KeyValue::new(names::RPC_SYSTEM, "grpc"),
            KeyValue::new(names::RPC_METHOD, method),
        ];
        let span = traces::span(method, SpanKind::Server, attributes, Vec::new(), &parent);
        let facts = Arc::new(Facts::default());
        let labels = [KeyValue::new(names::RPC_METHOD, method)];
        metrics().calls_started.add(1, &labels);
        metrics().calls_inflight.add(1, &labels);
        let asked = headers.get("grpc-timeout").and_then(timeout_of);
        Self {
            method,
            since: Instant::now(),
            deadline: Some(asked.map_or(call_max, |asked| asked.min(call_max))),
            context: parent.with_span(span).with_value(facts.clone()),
            facts,
            has_ended: false,
        }
    }

    fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        let duration_s = self.since.elapsed().as_secs_f64();
        let (code, is_error) = named(code);
        let mut labels = vec![
            KeyValue::new(names::RPC_SYSTEM, "grpc"),
            KeyValue::new(names::RPC_METHOD, self.method),
            KeyValue::new(names::RPC_STATUS, code),
        ];
        if is_error {
            labels.push(KeyValue::new(names::ERROR_TYPE, code));
        }
        metrics().call_duration.record(duration_s, &labels);
        let method = [KeyValue::new(names::RPC_METHOD, self.method)];
        metrics().calls_inflight.add(-1, &method);
        let span = self.context.span();
        if span.is_recording() {
            span.set_attributes(labels.drain(2..));
            let facts = &self.facts;
            if let Some(id) = facts.gesture.get() {
                span.set_attribute(KeyValue::new(names::GESTURE_ID, id.to_string()));
            }
            if let Some(outcome) = facts.outcome.get() {
                span.set_attribute(KeyValue::new(names::OUTCOME, *outcome));
            }
            if let Some(replayed) = facts.replayed.get() {
                span.set_attribute(KeyValue::new(names::REPLAYED, *replayed));
            }
            if let Some(answer) = facts.answer.get() {
                span.set_attributes([
                    KeyValue::new(names::DECISION, answer.decision),
                    KeyValue::new(names::APPROVAL_LEVEL, answer.level),
                    KeyValue::new(names::APPROVAL_WAITED_S, answer.waited_s),
                    KeyValue::new(names::IS_DELEGATE, answer.is_delegate),
                ]);
            }
            if is_error {
                span.set_status(SpanStatus::error(""));
            }
        }
        span.end();
        let _here = self.context.clone().attach();
        let answer = self.facts.answer.get();
        tracing::info!(
            target: crate::telemetry::WORK,
            {
                "event.name" = names::WORK_COMPLETED,
                "rpc.system.name" = "grpc",
                "rpc.method" = self.method,
                "rpc.response.status_code" = code,
                "error.type" = is_error.then_some(code),
                "largesse.gesture.id" = self.facts.gesture.get().map(tracing::field::display),
                "largesse.authority.outcome" = self.facts.outcome.get().copied(),
                "largesse.idempotency.replayed" = self.facts.replayed.get().copied(),
                "largesse.decision" = answer.map(|it| it.decision),
                "largesse.approval.level" = answer.map(|it| it.level),
                "largesse.approval.waited_s" = answer.map(|it| it.waited_s),
                "largesse.approver.is_delegate" = answer.map(|it| it.is_delegate),
                "duration_s" = duration_s,
            },
            "a call has ended"
        );
    }
}

/// Nobody waits for it any more.
impl Drop for Call {
    fn drop(&mut self) {
        let late = |time: Duration| self.since.elapsed() >= answered_within(time);
        let is_late = self.deadline.is_some_and(late);
        self.end(if is_late {
            Code::DeadlineExceeded
        } else {
            Code::Cancelled
        });
    }
}

/// The name of a code, and whether it says that the server failed (by the conventions).
fn named(code: Code) -> (&'static str, bool) {
    match code {
        Code::Ok => ("OK", false),
        Code::Cancelled => ("CANCELLED", false),
        Code::Unknown => ("UNKNOWN", true),
        Code::InvalidArgument => ("INVALID_ARGUMENT", false),
        Code::DeadlineExceeded => ("DEADLINE_EXCEEDED", true),
        Code::NotFound => ("NOT_FOUND", false),
        Code::AlreadyExists => ("ALREADY_EXISTS", false),
        Code::PermissionDenied => ("PERMISSION_DENIED", false),
        Code::ResourceExhausted => ("RESOURCE_EXHAUSTED", false),
        Code::FailedPrecondition => ("FAILED_PRECONDITION", false),
        Code::Aborted => ("ABORTED", false),
        Code::OutOfRange => ("OUT_OF_RANGE", false),
        Code::Unimplemented => ("UNIMPLEMENTED", true),
        Code::Internal => ("INTERNAL", true),
        Code::Unavailable => ("UNAVAILABLE", true),
        Code::DataLoss => ("DATA_LOSS", true),
        Code::Unauthenticated => ("UNAUTHENTICATED", false),
    }
}

/// `grpc-timeout`: up to eight digits and a unit.
fn timeout_of(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u64 = digits.parse().ok().filter(|_| is_number(digits))?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

/// Up to eight digits, and no sign.
fn is_number(digits: &str) -> bool {
    digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
