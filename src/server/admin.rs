//! The admin port: is the process alive, is it ready, what is it, what has it counted, what is it busy with. No authentication:
//! keep it on loopback. Beyond it one may look, and change nothing.

mod profile;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::extract::{ConnectInfo, Query, State};
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
    stopping: watch::Receiver<bool>,
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
        stopping: stopping.clone(),
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
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
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
#[serde(deny_unknown_fields)]
struct Lasting {
    seconds: Option<u64>,
}

/// Whoever sees the port may look; who makes the process do something is on its machine.
fn is_here(peer: SocketAddr) -> Result<(), (StatusCode, String)> {
    let elsewhere = "only from the machine itself (127.0.0.1)\n";
    if peer.ip().to_canonical().is_loopback() {
        Ok(())
    } else {
        Err((StatusCode::FORBIDDEN, elsewhere.to_owned()))
    }
}

async fn change_log_level(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(lasting): Query<Lasting>,
    filter: String,
) -> Result<String, (StatusCode, String)> {
    is_here(peer)?;
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
