//! Nothing that was said of people is in any signal: a word that nothing else has in every field that takes their words, through
//! what goes well and what goes wrong, and looked for in everything that is told.

use largesse::pb;
use tonic::Status;
use tonic::client::Grpc;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;
use uuid::Uuid;

use super::collector::Collector;
use super::spans::{client, client_of};
use crate::support::process::{Place, postmaster, send};
use crate::support::{Client, flowers};

/// In no other word of the service.
const CANARY: &str = "canaryq7x";

fn canary(field: &str) -> String {
    format!("{CANARY}{field}")
}

/// With the canary wherever somebody may say something.
fn lilies(minor_units: i64) -> pb::Gesture {
    pb::Gesture {
        reason: canary("reason"),
        message: canary("message"),
        case_id: canary("case"),
        recipient: Some(pb::Recipient {
            full_name: canary("name"),
            address_lines: vec![canary("line")],
            locality: canary("town"),
            region: canary("region"),
            postal_code: canary(""),
            country: "DE".into(),
            email: format!("{CANARY}@example.com"),
            phone: canary("phone"),
        }),
        ..flowers(&canary("customer"), minor_units)
    }
}

async fn outcome(agent: &mut Client, gesture: &pb::Gesture) -> Result<(), Status> {
    let outcome = pb::RecordOutcomeRequest {
        outcome_id: Uuid::now_v7().to_string(),
        gesture_id: gesture.id.clone(),
        word: pb::OutcomeWord::Thanked.into(),
        note: canary("note"),
        agent_id: String::new(),
    };
    agent.gestures.record_outcome(outcome).await.map(drop)
}

/// Everything that takes what people say, and is followed.
async fn what_goes_well(place: &Place, ann: &mut Client) -> pb::Gesture {
    let given = ann.request(lilies(1500)).await.unwrap();
    outcome(ann, &given).await.unwrap();
    ann.preview(lilies(1500)).await.unwrap();
    let asked = ann.request(lilies(9000)).await.unwrap();
    let of_whom = asked.decision.as_ref().unwrap().approvers[0]
        .agent_id
        .clone();
    let mut lead = client_of(place, &of_whom, "approver").await;
    let returned = lead.send_back(&asked, &canary("back")).await.unwrap();
    let revised = ann.revise(&returned, lilies(9100)).await.unwrap();
    lead.decline(&revised, &canary("no")).await.unwrap();
    let glass = ann.break_glass(lilies(9000)).await;
    drop(glass);
    let mut florist = client_of(place, "florist-1", "fulfiller").await;
    drop(florist.lease("florist", 10).await);
    given
}

/// Of a service that nobody has, in a trace whose state says something.
async fn call_of_no_method(place: &Place) {
    let address = format!("http://{}", place.grpc_address());
    let channel = Endpoint::from_shared(address).unwrap().connect().await;
    let mut grpc = Grpc::new(channel.unwrap());
    grpc.ready().await.unwrap();
    let path = format!("/{CANARY}.Service/{CANARY}").parse().unwrap();
    let mut call = tonic::Request::new(());
    let sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    call.metadata_mut()
        .insert("traceparent", sampled.parse().unwrap());
    let state = format!("crm={CANARY}").parse().unwrap();
    call.metadata_mut().insert("tracestate", state);
    let answer: Result<tonic::Response<()>, _> = grpc
        .unary(call, path, ProstCodec::<(), ()>::default())
        .await;
    answer.unwrap_err();
}

/// What is refused, at each depth.
async fn what_goes_wrong(place: &Place, ann: &mut Client, given: &pb::Gesture) {
    let made_up = pb::Gesture {
        kind: canary("kind"),
        ..lilies(1500)
    };
    ann.request(made_up).await.unwrap_err();
    let without = pb::Gesture {
        amount: None,
        ..lilies(1500)
    };
    ann.request(without).await.unwrap_err();
    let too_long = pb::Gesture {
        message: canary(&"x".repeat(5000)),
        ..lilies(1500)
    };
    ann.request(too_long).await.unwrap_err();
    let id: Uuid = given.id.parse().unwrap();
    ann.request_as(id, lilies(1600)).await.unwrap_err();
    ann.get(&canary("id")).await.unwrap_err();
    let stale = pb::Gesture {
        etag: canary("etag"),
        ..given.clone()
    };
    ann.cancel(&stale).await.unwrap_err();
    let mut stranger = client_of(place, "nobody-1", "requester").await;
    stranger.request(lilies(1500)).await.unwrap_err();
    outcome(&mut stranger, given).await.unwrap_err();
    call_of_no_method(place).await;
    // Postgres does not answer for longer than anybody waits.
    let pid = place.data_folder().join("postgres/cluster/postmaster.pid");
    let children = |signal: &str| {
        let postmaster = postmaster(&pid).unwrap().to_string();
        let mut kill = std::process::Command::new("pkill");
        kill.args([format!("-{signal}"), "-P".into(), postmaster]);
        kill.status().unwrap();
    };
    children("STOP");
    let waiting = (0..20).map(|_| {
        let mut ann = ann.clone();
        async move { ann.request(lilies(1500)).await.map(drop) }
    });
    let waiting = tokio::time::timeout(
        std::time::Duration::from_secs(4),
        futures_util::future::join_all(waiting),
    );
    drop(waiting.await);
    children("CONT");
    // A crash: every session is lost in the middle of something.
    let crashing = (0..20).map(|_| {
        let mut ann = ann.clone();
        async move { ann.request(lilies(1500)).await.map(drop) }
    });
    let crash = async {
        let sessions = || {
            let mut kill = std::process::Command::new("pkill");
            kill.args(["-TERM", "-f", "postgres: largesse_app"]);
            kill.args(["-P", &postmaster(&pid).unwrap().to_string()]);
            kill.status().unwrap()
        };
        for _ in 0..5 {
            sessions();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::join!(futures_util::future::join_all(crashing), crash);
    if let Some(postmaster) = postmaster(&pid) {
        send("HUP", postmaster);
    }
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
    let service = place.start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &address),
        ("LARGESSE_LOG_FORMAT", "json"),
        ("LARGESSE_LOG", "info,largesse=trace"),
    ]);
    let mut ann = client(&place).await;
    let given = what_goes_well(&place, &mut ann).await;
    what_goes_wrong(&place, &mut ann, &given).await;
    let metrics = place.admin("/metrics").unwrap();
    let log = service.log();
    assert!(service.end_with("TERM").success());
    let of_postgres = place.read("postgres/postgres.log");
    for (signal, text) in [
        ("metrics", metrics),
        ("log", log.clone()),
        ("otlp", collector.everything()),
        ("postgres", of_postgres),
    ] {
        assert!(text.len() > 1000, "{signal} is empty: {text}");
        let place = text.find(CANARY);
        let around = place.map(|at| &text[at.saturating_sub(300)..(at + 100).min(text.len())]);
        assert_eq!(around, None, "{signal}");
    }
    let lines = lines_of_work(&log);
    let of = |method: &str| {
        let named = lines.iter().filter(|line| line["rpc.method"] == *method);
        named.cloned().collect::<Vec<_>>()
    };
    let asked = of("largesse.v1.GestureService/RequestGesture");
    assert!(asked.len() >= 7, "one line for each call: {lines:#?}");
    assert_eq!(of("largesse.v1.GestureService/RecordOutcome").len(), 2);
    let mut traces = asked.iter().map(|line| line["trace_id"].as_str().unwrap());
    assert!(traces.all(|trace| trace.len() == 32));
    assert_eq!(asked[0]["largesse.gesture.id"], given.id.as_str());
}
