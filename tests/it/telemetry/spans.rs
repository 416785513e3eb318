//! The spans of a request as a collector has them, and that nothing personal is in any signal.

use largesse::pb;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use uuid::Uuid;

use super::collector::Collector;
use crate::support::process::{Place, Service};
use crate::support::{Client, flowers};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// A caller whose own spans are not told.
const UNSAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

fn start<'p>(place: &'p Place, collector: &str) -> Service<'p> {
    place.start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("LARGESSE_LOG_FORMAT", "json"),
    ])
}

async fn client(place: &Place) -> Client {
    let words = ["token", "--tenant", "demo", "--agent", "fl-101", "--role"];
    let token = place.run(&[&words[..], &["requester"]].concat());
    let token = String::from_utf8(token.stdout).unwrap();
    Client::connect(place.grpc_address().parse().unwrap(), token.trim()).await
}

fn of_caller(request: pb::RequestGestureRequest) -> tonic::Request<pb::RequestGestureRequest> {
    let mut request = tonic::Request::new(request);
    let caller = UNSAMPLED.parse().unwrap();
    request.metadata_mut().insert("traceparent", caller);
    request
}

fn asking(gesture: pb::Gesture) -> pb::RequestGestureRequest {
    pb::RequestGestureRequest {
        request_id: Uuid::now_v7().to_string(),
        gesture: Some(gesture),
        agent_id: String::new(),
        break_glass: false,
    }
}

/// Name, kind and the keys of a span, with what is below it.
fn tree(spans: &[Span], of: &Span, depth: usize, told: &mut Vec<String>) {
    let kind = SpanKind::try_from(of.kind).unwrap().as_str_name();
    let keys: Vec<&str> = of.attributes.iter().map(|it| it.key.as_str()).collect();
    let kind = kind.trim_start_matches("SPAN_KIND_");
    told.push(format!(
        "{}{kind} {} [{}]",
        "  ".repeat(depth),
        of.name,
        keys.join(" ")
    ));
    let mut below: Vec<&Span> = spans
        .iter()
        .filter(|it| it.parent_span_id == of.span_id)
        .collect();
    below.sort_by_key(|it| it.start_time_unix_nano);
    for span in below {
        tree(spans, span, depth + 1, told);
    }
}

fn text_of<'s>(span: &'s Span, key: &str) -> Option<&'s str> {
    let found = span.attributes.iter().find(|it| it.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_tree_and_its_batch_another() {
    let (collector, address) = Collector::start().await;
    let place = Place::new();
    let service = start(&place, &address);
    let mut ann = client(&place).await;
    let request = of_caller(asking(flowers("c-1", 1500)));
    let answer = ann.gestures.request_gesture(request).await.unwrap();
    let trace = answer.metadata().get("x-largesse-trace-id").unwrap();
    assert_eq!(trace.to_str().unwrap(), TRACE, "the caller's trace goes on");
    assert!(service.end_with("TERM").success());

    let spans = collector.spans();
    let named = |name: &str| -> Vec<&Span> { spans.iter().filter(|it| it.name == name).collect() };
    let [server] = named("largesse.v1.GestureService/RequestGesture")[..] else {
        panic!("an unsampled caller takes our span away: {spans:#?}")
    };
    assert_eq!(hex::encode(&server.trace_id), TRACE);
    assert_eq!(hex::encode(&server.parent_span_id), "b7ad6b7169203331");
    assert_eq!(server.status.clone().unwrap_or_default().code, 0, "unset");
    assert_eq!(text_of(server, "rpc.response.status_code"), Some("OK"));
    let [batch] = named("largesse.admission.batch")[..] else {
        panic!("{spans:#?}")
    };
    let [admission] = named("largesse.admission")[..] else {
        panic!("{spans:#?}")
    };
    assert_eq!(batch.links[0].span_id, admission.span_id);
    assert_eq!(admission.links[0].span_id, batch.span_id);
    assert!(batch.parent_span_id.is_empty(), "it belongs to all");
    let mut told = Vec::new();
    tree(&spans, server, 0, &mut told);
    tree(&spans, batch, 0, &mut told);
    let expected = [
        "SERVER largesse.v1.GestureService/RequestGesture [rpc.system.name rpc.method rpc.response.status_code \
         largesse.gesture.id largesse.authority.outcome largesse.idempotency.replayed]",
        "  CLIENT READ authority/store [db.system.name db.query.summary largesse.pool.wait_s]",
        "  INTERNAL largesse.admission [largesse.gesture.id largesse.lane.wait_s largesse.batch.size \
         largesse.authority.outcome largesse.idempotency.replayed]",
        "INTERNAL largesse.admission.batch [largesse.batch.size]",
        "  CLIENT CALL customer_keys [db.system.name db.query.summary largesse.pool.wait_s]",
        "  CLIENT CALL admit [db.system.name db.query.summary largesse.pool.wait_s]",
    ];
    assert_eq!(told, expected, "{told:#?}");
}

/// One line for each call, in its trace.
fn lines_of_work(log: &str) -> Vec<serde_json::Value> {
    log.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|line| line["event.name"] == "largesse.work.completed")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_in_any_signal() {
    let (collector, address) = Collector::start().await;
    let place = Place::new();
    let service = start(&place, &address);
    let mut ann = client(&place).await;
    let canary = |field: &str| format!("canary{}{field}", "q7x");
    let gesture = pb::Gesture {
        reason: canary("reason"),
        message: canary("message"),
        case_id: canary("case"),
        recipient: Some(pb::Recipient {
            full_name: canary("name"),
            address_lines: vec![canary("line")],
            locality: canary("town"),
            region: canary("region"),
            postal_code: "canaryq7x".into(),
            country: "DE".into(),
            email: "canaryq7x@example.com".into(),
            phone: String::new(),
        }),
        ..flowers("canaryq7xcustomer", 1500)
    };
    let given = ann.request(gesture.clone()).await.unwrap();
    let outcome = pb::RecordOutcomeRequest {
        outcome_id: Uuid::now_v7().to_string(),
        gesture_id: given.id.clone(),
        word: pb::OutcomeWord::Thanked.into(),
        note: canary("note"),
        agent_id: String::new(),
    };
    drop(ann.gestures.record_outcome(outcome).await);
    // The same where it goes wrong: a kind that is made up, an amount that is none.
    let made_up = pb::Gesture {
        kind: canary("kind"),
        ..gesture.clone()
    };
    drop(ann.request(made_up).await);
    drop(
        ann.request(pb::Gesture {
            amount: None,
            ..gesture
        })
        .await,
    );
    let metrics = place.admin("/metrics").unwrap();
    let log = service.log();
    assert!(service.end_with("TERM").success());
    for (signal, text) in [
        ("metrics", metrics),
        ("log", log.clone()),
        ("otlp", collector.everything()),
    ] {
        assert!(text.contains("largesse"), "{signal} is empty");
        assert!(!text.contains("canaryq7x"), "{signal}: {text}");
    }
    let lines = lines_of_work(&log);
    let of = |method: &str| {
        let named = lines.iter().filter(|line| line["rpc.method"] == *method);
        named.cloned().collect::<Vec<_>>()
    };
    let asked = of("largesse.v1.GestureService/RequestGesture");
    assert_eq!(asked.len(), 3, "one line for each call: {lines:#?}");
    assert_eq!(of("largesse.v1.GestureService/RecordOutcome").len(), 1);
    let traces = asked.iter().map(|line| line["trace_id"].as_str().unwrap());
    assert!(traces.clone().all(|trace| trace.len() == 32));
    assert_eq!(asked[0]["largesse.gesture.id"], given.id.as_str());
}
