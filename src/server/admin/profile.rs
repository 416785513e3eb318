//! What the processor is busy with: samples of all threads for some seconds, as a flame graph for a browser.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use pprof::ProfilerGuardBuilder;

use super::{Lasting, Shown, is_here};

/// Samples a second: often enough to see, seldom enough not to be felt.
const SAMPLES_A_SECOND: i32 = 99;
/// How long, where nothing is said, in seconds.
const USUAL_S: u64 = 10;
/// The longest.
const MAX_S: u64 = 60;

type Answer = Result<([(HeaderName, &'static str); 1], Vec<u8>), (StatusCode, String)>;

/// One at a time: the samples are the process's.
pub(super) async fn profile(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    State(shown): State<Shown>,
    Query(lasting): Query<Lasting>,
) -> Answer {
    is_here(peer)?;
    let seconds = lasting.seconds.unwrap_or(USUAL_S);
    if !(1..=MAX_S).contains(&seconds) {
        let bounds = format!("seconds must be 1 to {MAX_S}\n");
        return Err((StatusCode::BAD_REQUEST, bounds));
    }
    let failed = |_: pprof::Error| {
        let what = "no profile at present: one at a time\n";
        (StatusCode::SERVICE_UNAVAILABLE, what.to_owned())
    };
    let guard = ProfilerGuardBuilder::default()
        .frequency(SAMPLES_A_SECOND)
        // What is unwound in the middle of these would wait for a lock that the sample holds.
        .blocklist(&["libc", "libgcc", "pthread", "vdso"])
        .build()
        .map_err(failed)?;
    let mut stopping = shown.stopping;
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
        // Nobody waits for a picture of a process that ends.
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    let drawn = tokio::task::spawn_blocking(move || {
        let mut picture = Vec::new();
        guard.report().build()?.flamegraph(&mut picture)?;
        Ok(picture)
    });
    let lost = |_| (StatusCode::INTERNAL_SERVER_ERROR, "no picture\n".to_owned());
    let picture = drawn.await.map_err(lost)?.map_err(failed)?;
    if picture.is_empty() {
        let idle = format!("nothing was busy for {seconds} s\n");
        return Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], idle.into()));
    }
    Ok(([(CONTENT_TYPE, "image/svg+xml")], picture))
}
