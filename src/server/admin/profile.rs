//! What the processor is busy with: samples of all threads for some seconds, as a flame graph for a browser.

use std::time::Duration;

use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use pprof::ProfilerGuardBuilder;
use serde::Deserialize;

/// Samples a second: often enough to see, seldom enough not to be felt.
const SAMPLES_A_SECOND: i32 = 99;
/// How long, where nothing is said, in seconds.
const USUAL_S: u64 = 10;
/// The longest.
const MAX_S: u64 = 60;

/// For how long.
#[derive(Deserialize)]
pub(super) struct Lasting {
    seconds: Option<u64>,
}

type Answer = Result<([(HeaderName, &'static str); 1], Vec<u8>), (StatusCode, String)>;

/// One at a time: the samples are the process's.
pub(super) async fn profile(Query(lasting): Query<Lasting>) -> Answer {
    let seconds = lasting.seconds.unwrap_or(USUAL_S);
    if !(1..=MAX_S).contains(&seconds) {
        let bounds = format!("seconds must be 1 to {MAX_S}\n");
        return Err((StatusCode::BAD_REQUEST, bounds));
    }
    let failed = |problem: pprof::Error| {
        let what = format!("no profile at present (one at a time): {problem}\n");
        (StatusCode::SERVICE_UNAVAILABLE, what)
    };
    let guard = ProfilerGuardBuilder::default()
        .frequency(SAMPLES_A_SECOND)
        // What is unwound in the middle of these would wait for a lock that the sample holds.
        .blocklist(&["libc", "libgcc", "pthread", "vdso"])
        .build()
        .map_err(failed)?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
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
