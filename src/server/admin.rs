//! The admin port: is the process alive, is it ready, what is it, what has it counted, what is it busy with. No authentication:
//! keep it on loopback.

mod profile;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::readiness::Readiness;
use crate::telemetry::{level, metrics, names};

/// How long another filter of the log lasts where nothing is said, in seconds.
const LEVEL_LASTS_S: u64 = 600;

/// What there is to be seen of the process.
#[derive(Clone)]
struct Shown {
    readiness: Readiness,
    settings: Arc<Value>,
}

/// Serves until told to stop. `settings` is what the process runs with, without secrets.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    settings: Value,
    mut stopping: watch::Receiver<bool>,
) -> Result<()> {
    let shown = Shown {
        readiness,
        settings: Arc::new(settings),
    };
    let routes = Router::new()
        .route("/live", get(|| async { "alive\n" }))
        .route("/ready", get(ready))
        .route("/version", get(version))
        .route("/config", get(config))
        .route("/log-level", get(log_level).put(change_log_level))
        .route("/metrics", get(metrics_text))
        .route("/metrics/list", get(|| async { Json(names::as_json()) }))
        .route("/profile", get(profile::profile))
        .with_state(shown);
    let stopped = async move {
        // An error means that the sender is gone, which is a stop as well.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, routes)
        .with_graceful_shutdown(stopped)
        .await?;
    Ok(())
}

async fn ready(State(shown): State<Shown>) -> (StatusCode, &'static str) {
    if shown.readiness.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "not ready: Postgres does not answer, or the service is stopping\n",
        )
    }
}

async fn metrics_text() -> ([(HeaderName, &'static str); 1], String) {
    let format = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (format, metrics::text())
}

async fn version() -> Json<Value> {
    Json(json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "schema_version": crate::postgres::migrate::version_needed(),
    }))
}

async fn config(State(shown): State<Shown>) -> Json<Value> {
    Json((*shown.settings).clone())
}

async fn log_level() -> String {
    level::present().map_or_else(String::new, |filter| filter + "\n")
}

/// For how long.
#[derive(Deserialize)]
struct Lasting {
    seconds: Option<u64>,
}

async fn change_log_level(
    Query(lasting): Query<Lasting>,
    filter: String,
) -> Result<String, (StatusCode, String)> {
    let wrong = |what: &str| (StatusCode::BAD_REQUEST, format!("{what}\n"));
    let seconds = lasting.seconds.unwrap_or(LEVEL_LASTS_S);
    let lasting = Duration::from_secs(seconds);
    if lasting.is_zero() || lasting > level::LASTING_MAX {
        return Err(wrong("seconds must be 1 to 3600"));
    }
    let filter = filter.trim();
    level::change(filter, lasting).map_err(|what| wrong(&what))?;
    Ok(format!("{filter} for {seconds} s\n"))
}
