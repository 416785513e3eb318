//! The admin port: is the process alive, is it ready, which build is it, what has it counted. No authentication: keep it on loopback.

use anyhow::Result;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::readiness::Readiness;

/// Serves until told to stop.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    mut stopping: watch::Receiver<bool>,
) -> Result<()> {
    let routes = Router::new()
        .route("/live", get(|| async { "alive\n" }))
        .route("/ready", get(ready))
        .route("/version", get(version))
        .route("/metrics", get(metrics))
        .with_state(readiness);
    let stopped = async move {
        // An error means that the sender is gone, which is a stop as well.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, routes)
        .with_graceful_shutdown(stopped)
        .await?;
    Ok(())
}

async fn ready(State(readiness): State<Readiness>) -> (StatusCode, &'static str) {
    if readiness.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "not ready: Postgres does not answer, or the service is stopping\n",
        )
    }
}

async fn metrics() -> ([(HeaderName, &'static str); 1], String) {
    let format = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (format, crate::telemetry::metrics::text())
}

async fn version() -> Json<serde_json::Value> {
    Json(serde_json::json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "schema_version": crate::postgres::migrate::version_needed(),
    }))
}
