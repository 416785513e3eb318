//! `/metrics`: that everything that is declared is there, and that nobody can make it grow.

use std::collections::BTreeSet;
use std::time::Duration;

use largesse::postgres::{Database, Failure, PoolSize};
use largesse::telemetry::names::{INSTRUMENTS, Shape};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;

use crate::support::{Clock, TestDatabase, World, flowers, wait_until};

async fn metrics(world: &World) -> String {
    let address = format!("http://{}/metrics", world.service.admin_address);
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::get(address).await.unwrap().text().await.unwrap()
}

/// As the exporter writes it.
fn written(name: &str, unit: &str, shape: Shape) -> String {
    let name = name.replace('.', "_");
    match (unit, shape) {
        ("s", Shape::Counter) => format!("{name}_seconds_total"),
        ("s", _) => format!("{name}_seconds"),
        (_, Shape::Counter) => format!("{name}_total"),
        _ => name,
    }
}

fn series<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let starts = [
        format!("{name} "),
        format!("{name}{{"),
        format!("{name}_count"),
    ];
    text.lines()
        .filter(|line| starts.iter().any(|start| line.starts_with(start)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_declared_is_there() {
    let world = World::demo().await;
    let mut ann = world.agent("fl-101").await;
    ann.request(flowers("c-1", 1500)).await.unwrap();
    ann.request(flowers("c-2", 9000)).await.unwrap();
    // What appears when it happens.
    let seldom = [
        "db.client.connection.timeouts",
        "largesse.timer.lag",
        "largesse.tx.retries",
        "largesse.telemetry.spans",
        "largesse.telemetry.export_failures",
        "largesse.telemetry.last_export_age",
        "largesse.timer.overdue",
        "largesse.timer.oldest_overdue",
        "largesse.tasks.waiting",
        "largesse.tasks.oldest_age",
        "largesse.gesture.open",
        "largesse.gesture.oldest_age",
        "largesse.fulfilment.handoff",
        "largesse.approval.wait",
    ];
    let mut missing = BTreeSet::new();
    for _ in 0..100 {
        let text = metrics(&world).await;
        missing = INSTRUMENTS
            .iter()
            .filter(|it| series(&text, &written(it.name, it.unit, it.shape)).is_empty())
            .map(|it| it.name)
            .filter(|name| !seldom.contains(name))
            .collect();
        if missing.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_methods_are_one_series() {
    let world = World::demo().await;
    let channel = Endpoint::from_shared(format!("http://{}", world.service.address))
        .unwrap()
        .connect()
        .await
        .unwrap();
    let before = metrics(&world).await.lines().count();
    for number in 0..10_000 {
        let mut grpc = Grpc::new(channel.clone());
        grpc.ready().await.unwrap();
        let path: PathAndQuery = format!("/evil.Service{number}/Method{number}")
            .parse()
            .unwrap();
        let answer: Result<tonic::Response<()>, _> = grpc
            .unary(tonic::Request::new(()), path, ProstCodec::default())
            .await;
        answer.unwrap_err();
    }
    let text = metrics(&world).await;
    assert!(text.contains("rpc_method=\"_OTHER\""), "{text}");
    assert!(!text.contains("evil"), "{text}");
    assert!(!text.contains("otel_metric_overflow"), "{text}");
    for it in INSTRUMENTS {
        let count = series(&text, &written(it.name, it.unit, it.shape)).len();
        assert!(count <= it.series_max as usize, "{}: {count}", it.name);
    }
    // Other tests share the process, so something may have begun meanwhile; ten thousand things have not.
    let after = text.lines().count();
    assert!(after < before + 1500, "{before} lines, then {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_counts_connections_keeps_none_open() {
    let own = TestDatabase::new(Clock::Real).await;
    let database = Database::open(own.app_options(), PoolSize::default());
    drop(database.read_global().await.unwrap());
    let mut sql = own.superuser().await;
    let ours = "usename = 'largesse_app'";
    wait_until(&mut sql, ours, 1).await;
    drop(database);
    let gone = wait_until(&mut sql, ours, 0);
    let gone = tokio::time::timeout(Duration::from_secs(10), gone).await;
    assert!(gone.is_ok(), "nobody uses it, and its connection is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_in_its_transaction_says_why() {
    let own = TestDatabase::new(Clock::Real).await;
    let database = Database::open(own.app_options(), PoolSize::default());
    let mut reading = database.read_global().await.unwrap();
    let refused = sqlx::query("select 1 / 0").execute(&mut *reading).await;
    let failure = reading.failed(refused.unwrap_err());
    assert_eq!(failure, Failure::Defect("22012".into()));
    drop(reading);
    let text = largesse::telemetry::metrics::text();
    let of_this = text.lines().find(|line| {
        line.starts_with("db_client_operation_duration_seconds_count")
            && line.contains("db_query_summary=\"tests/it/telemetry/metrics\"")
            && line.contains("error_type=\"defect\"")
    });
    assert!(of_this.is_some(), "{text}");
}
