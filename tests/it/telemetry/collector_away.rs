//! A collector that is away, or takes and never answers: nobody but the telemetry notices.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

use super::spans::client;
use crate::support::flowers;
use crate::support::process::Place;

/// The longest that the end may take.
const END_MAX: Duration = Duration::from_secs(7);

async fn serves_and_ends_in_time(collector: &str) -> String {
    let place = Place::new();
    let service = place.start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ]);
    let mut ann = client(&place).await;
    ann.request(flowers("c-1", 1500)).await.unwrap();
    let mut told = String::new();
    for _ in 0..50 {
        told = place.admin("/metrics").unwrap();
        if told.contains("largesse_telemetry_export_failures_total{") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let since = Instant::now();
    assert!(service.end_with("TERM").success());
    assert!(since.elapsed() < END_MAX, "{:?}", since.elapsed());
    told
}

fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(series))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let told = serves_and_ends_in_time(&nobody).await;
    let failures = "largesse_telemetry_export_failures_total{largesse_telemetry_signal=\"traces\"";
    assert!(value(&told, failures).unwrap() >= 1.0, "{told}");
    let fate = |fate: &str| {
        let series = format!("largesse_telemetry_spans_total{{largesse_telemetry_fate=\"{fate}\"");
        value(&told, &series)
    };
    assert!(fate("ended").unwrap() >= fate("failed").unwrap(), "{told}");
    assert_eq!(fate("exported"), None);
    let age = "largesse_telemetry_last_export_age_seconds{largesse_telemetry_signal=\"traces\"";
    assert!(value(&told, age).unwrap() > 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_and_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let black_hole = format!("http://{}", listener.local_addr().unwrap());
    let taking = tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            taken.push(connection);
        }
    });
    serves_and_ends_in_time(&black_hole).await;
    taking.abort();
}
