//! The admin port, as whoever is woken at night uses it.

use super::spans::client;
use crate::support::flowers;
use crate::support::process::Place;

async fn put(place: &Place, path: &str, body: &str) -> (u16, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = format!("http://{}{path}", place.admin_address());
    let client = reqwest::Client::new();
    let answer = client
        .put(address)
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_shown_and_the_log_says_more_for_a_while() {
    let place = Place::new();
    let service = place.start_with(&[("LARGESSE_TRACE_URL", "https://traces.example/{trace_id}")]);
    let config = place.admin("/config").unwrap();
    assert!(config.contains("\"database\":\"private\"") && config.contains("\"lane_batch\":256"));
    let list = place.admin("/metrics/list").unwrap();
    assert!(list.contains("largesse.lane.depth"), "{list}");

    let usual = place.admin("/log-level").unwrap();
    let (status, told) = put(&place, "/log-level?seconds=2", "debug").await;
    assert_eq!((status, told.as_str()), (200, "debug for 2 s\n"));
    assert!(place.admin("/log-level").unwrap().ends_with("debug\n"));
    for (path, filter, wrong) in [
        (
            "/log-level?seconds=0",
            "debug",
            "seconds must be 1 to 3600\n",
        ),
        (
            "/log-level?seconds=3601",
            "debug",
            "seconds must be 1 to 3600\n",
        ),
        ("/log-level", "dbug", "\"dbug\" is no level"),
        ("/log-level", "", "\"\" is no level"),
        (
            "/log-level?sec=5",
            "debug",
            "Failed to deserialize query string",
        ),
        ("/log-level", "largesse=loud", "error parsing level filter"),
    ] {
        let (status, told) = put(&place, path, filter).await;
        assert!(
            status == 400 && told.starts_with(wrong),
            "{path} {filter}: {told}"
        );
    }
    let body = |answer: &str| answer.rsplit("\r\n").next().unwrap_or_default().to_owned();
    let mut now = String::new();
    for _ in 0..100 {
        now = place.admin("/log-level").unwrap();
        if body(&now) == body(&usual) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(body(&now), body(&usual), "it is as it was, by itself");
    assert!(service.end_with("TERM").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_a_picture_of_what_was_busy() {
    let place = Place::new();
    let service = place.start();
    let refused = place.admin("/profile?seconds=0").unwrap();
    assert!(refused.ends_with("seconds must be 1 to 60\n"), "{refused}");
    let mut ann = client(&place).await;
    let busy = tokio::spawn(async move {
        loop {
            ann.preview(flowers("c-1", 1500)).await.unwrap();
        }
    });
    let picture = place.admin("/profile?seconds=2").unwrap();
    busy.abort();
    assert!(picture.contains("<svg"), "{picture}");
    assert!(picture.contains("largesse::"), "functions have names");
    assert!(service.end_with("TERM").success());
}
