//! The spans of a request, and of what comes later, as a collector has them.

use largesse::pb;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use uuid::Uuid;

use super::collector::Collector;
use crate::support::process::{Place, Service};
use crate::support::{Client, flowers};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// A caller whose own spans are not told.
const UNSAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

pub(super) fn start<'p>(place: &'p Place, collector: &str) -> Service<'p> {
    place.start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("LARGESSE_LOG_FORMAT", "json"),
    ])
}

pub(super) async fn client(place: &Place) -> Client {
    client_of(place, "fl-101", "requester").await
}

pub(super) async fn client_of(place: &Place, agent: &str, role: &str) -> Client {
    let token = place.run(&[
        "token", "--tenant", "demo", "--agent", agent, "--role", role,
    ]);
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

pub(super) fn text_of<'s>(span: &'s Span, key: &str) -> Option<&'s str> {
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

/// The spans of this name, and to what they are linked: by what the links say.
fn links<'s>(spans: &'s [Span], name: &str) -> Vec<(&'s Span, Vec<(String, String)>)> {
    let kind = |link: &Link| match link.attributes[0].value.as_ref().unwrap().value.as_ref() {
        Some(Value::StringValue(kind)) => kind.clone(),
        other => panic!("{other:?}"),
    };
    let of = |span: &Span| {
        let links = span.links.iter();
        links
            .map(|it| (kind(it), hex::encode(&it.span_id)))
            .collect()
    };
    let named = spans.iter().filter(|it| it.name == name);
    named.map(|it| (it, of(it))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn later_steps_are_traces_of_their_own_that_are_linked_to_the_earlier() {
    let (collector, address) = Collector::start().await;
    let place = Place::new();
    let service = start(&place, &address);
    let mut ann = client(&place).await;
    let asked = ann.request(flowers("c-1", 9000)).await.unwrap();
    let approver = asked.decision.as_ref().unwrap().approvers[0]
        .agent_id
        .clone();
    let mut lead = client_of(&place, &approver, "approver").await;
    lead.approve(&asked).await.unwrap();
    let now = ann.get(&asked.id).await.unwrap();
    ann.cancel(&now).await.unwrap();
    assert!(service.end_with("TERM").success());

    let spans = collector.spans();
    let one = |name: &str| {
        let found = links(&spans, name);
        assert_eq!(found.len(), 1, "{name}");
        found.into_iter().next().unwrap()
    };
    let (request, none) = one("largesse.v1.GestureService/RequestGesture");
    assert_eq!(none, []);
    let (yes, of_yes) = one("largesse.v1.ApprovalService/ApproveGesture");
    let requested = ("requested_by".to_owned(), hex::encode(&request.span_id));
    assert_eq!(of_yes, std::slice::from_ref(&requested));
    let (cancelling, of_cancelling) = one("largesse.v1.GestureService/CancelGesture");
    let follows = ("follows".to_owned(), hex::encode(&yes.span_id));
    assert_eq!(of_cancelling, [requested, follows]);
    for later in [yes, cancelling] {
        assert!(later.parent_span_id.is_empty(), "a trace of its own");
        assert_eq!(
            text_of(later, "largesse.gesture.id"),
            Some(asked.id.as_str())
        );
    }
    let mut told = Vec::new();
    tree(&spans, yes, 0, &mut told);
    let db = "[db.system.name db.query.summary largesse.pool.wait_s]";
    let expected = [
        "SERVER largesse.v1.ApprovalService/ApproveGesture [rpc.system.name rpc.method rpc.response.status_code \
         largesse.gesture.id largesse.decision largesse.approval.level largesse.approval.waited_s \
         largesse.approver.is_delegate]"
            .to_owned(),
        format!("  CLIENT READ authority/store {db}"),
        format!("  CLIENT READ approval/decide {db}"),
        "  INTERNAL largesse.admission [largesse.gesture.id largesse.lane.wait_s largesse.batch.size]"
            .to_owned(),
        format!("  CLIENT READ gesture {db}"),
        format!("  CLIENT READ trail/store {db}"),
    ];
    assert_eq!(told, expected, "{told:#?}");
}
