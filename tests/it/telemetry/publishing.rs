//! The spans of `largesse publish`, as a collector has them and as a sink is told of them.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::collector::Collector;
use super::spans::text_of;
use crate::support::publisher::publish;
use crate::support::receiver::{Reaction, Receiver};
use crate::support::{World, flowers};

fn attempt(span: &Span) -> i64 {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|it| it.key == "largesse.publish.attempt");
    match found.unwrap().value.as_ref().unwrap().value {
        Some(Value::IntValue(attempt)) => attempt,
        ref other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_try_is_a_span_that_leads_back_to_the_event_and_on_to_the_sink() {
    let world = World::demo().await;
    let mut ann = world.agent("fl-101").await;
    let given = ann.request(flowers("c-1", 1500)).await.unwrap();
    let receiver = Receiver::start(|brought| match brought.before {
        0 => Reaction::Status(503),
        _ => Reaction::Status(204),
    })
    .await;
    let (collector, address) = Collector::start().await;
    let words = [
        "--to",
        "webhook",
        "--url",
        &receiver.url,
        "--consumer",
        "shop",
        "--once",
    ];
    let options = [
        "--type",
        "APPROVED",
        "--allow-private-addresses",
        "--otlp-endpoint",
        &address,
    ];
    let ended = publish(&world, &[&words[..], &options].concat()).await;
    assert!(ended.status.success(), "{ended:?}");

    let mut spans = collector.spans();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let brought = receiver.brought();
    assert_eq!((spans.len(), brought.len()), (2, 2), "{spans:#?}");
    let came_about = brought[0].event["traceparent"].as_str().unwrap();
    for ((span, brought), number) in spans.iter().zip(&brought).zip(1..) {
        assert_eq!(span.name, "largesse.publish");
        assert_eq!(span.kind(), SpanKind::Producer);
        assert!(span.parent_span_id.is_empty(), "a trace of its own");
        assert_eq!(span.links.len(), 1);
        let (trace, of) = (&span.links[0].trace_id, &span.links[0].span_id);
        let link = format!("00-{}-{}", hex::encode(trace), hex::encode(of));
        assert!(came_about.starts_with(&link), "{came_about} {link}");
        let (trace, of) = (hex::encode(&span.trace_id), hex::encode(&span.span_id));
        let told = format!("00-{trace}-{of}-01");
        assert_eq!(brought.traceparent.as_ref(), Some(&told));
        assert_eq!(brought.event["traceparent"], came_about, "as it came about");
        assert_eq!(text_of(span, "largesse.gesture.id"), Some(&*given.id));
        assert_eq!(attempt(span), number);
    }
    let outcome = |span| {
        let outcome = text_of(span, "largesse.publish.outcome").unwrap();
        (outcome, text_of(span, "error.type"))
    };
    assert_eq!(outcome(&spans[0]), ("retryable", Some("SERVER_ERROR")));
    assert_eq!(outcome(&spans[1]), ("accepted", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_is_told_of_no_trace_that_nobody_tells() {
    let world = World::demo().await;
    let mut ann = world.agent("fl-101").await;
    ann.request(flowers("c-1", 1500)).await.unwrap();
    let receiver = Receiver::willing().await;
    let words = [
        "--to",
        "webhook",
        "--url",
        &receiver.url,
        "--consumer",
        "shop",
        "--once",
    ];
    let ended = publish(
        &world,
        &[&words[..], &["--allow-private-addresses"]].concat(),
    )
    .await;
    assert!(ended.status.success(), "{ended:?}");
    let brought = receiver.brought();
    assert!(!brought.is_empty());
    assert!(
        brought.iter().all(|it| it.traceparent.is_none()),
        "{brought:?}"
    );
}
