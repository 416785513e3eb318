//! Days later somebody asks what became of a gesture, and where what was measured of each step can be looked at.

use largesse::pb;
use tonic::{Code, Request};
use uuid::Uuid;

use super::approvals::{CARE, basket};
use crate::support::{Token, World, reason_of, wrongs};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// What happened, and in which trace.
fn steps(trail: &[pb::TrailStep]) -> Vec<(String, String)> {
    let step = |it: &pb::TrailStep| {
        let event = it.event.clone().unwrap_or_default();
        (event.r#type, it.trace_id.clone())
    };
    trail.iter().map(step).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_names_the_call_that_took_it() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let mut asking = Request::new(pb::RequestGestureRequest {
        request_id: Uuid::now_v7().to_string(),
        gesture: Some(basket("ida", 7000)),
        ..Default::default()
    });
    let caller = format!("00-{TRACE}-b7ad6b7169203331-01").parse().unwrap();
    asking.metadata_mut().insert("traceparent", caller);
    let asked = anna.gestures.request_gesture(asking).await.unwrap();
    let asked = asked.into_inner().gesture.unwrap();
    lead.approve(&asked).await.unwrap();
    let now = anna.get(&asked.id).await.unwrap();
    anna.cancel(&now).await.unwrap();

    let mut auditor = world.client(Token::of("auditor-1", &["auditor"])).await;
    let trail = auditor.trail(&asked.id).await.unwrap();
    let told = steps(&trail);
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["PENDING_APPROVAL", "ASKED", "APPROVED", "CANCELLED"]
    );
    assert_eq!(
        [&told[0].1, &told[1].1],
        [TRACE; 2],
        "one call asks and routes"
    );
    for later in &told[2..] {
        assert!(later.1.len() == 32 && later.1 != TRACE, "{told:?}");
    }
    assert_ne!(told[2].1, told[3].1, "two calls");
    for step in &trail {
        assert_eq!(step.span_id.len(), 16);
        let url = format!("https://traces.example/{}", step.trace_id);
        assert_eq!(step.trace_url, url);
        let traceparent = &step.event.as_ref().unwrap().traceparent;
        assert!(traceparent.starts_with(&format!("00-{}-{}-", step.trace_id, step.span_id)));
    }
    let archived = "with gone as (delete from largesse.events returning *) insert into largesse.archived_events select * from gone";
    sqlx::query(archived)
        .execute(&mut world.sql().await)
        .await
        .unwrap();
    assert_eq!(
        auditor.trail(&asked.id).await.unwrap(),
        trail,
        "archived or not"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_is_read_by_auditors_of_the_tenant_alone() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let given = anna.request(basket("ida", 2000)).await.unwrap();
    let refused = anna.trail(&given.id).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused)),
        (Code::PermissionDenied, "ROLE_MISSING".into())
    );
    let mut auditor = world.client(Token::of("auditor-1", &["auditor"])).await;
    let nothing = auditor
        .trail(&Uuid::now_v7().to_string())
        .await
        .unwrap_err();
    assert_eq!(reason_of(&nothing), "GESTURE_NOT_FOUND");
    let malformed = auditor.trail("lilies").await.unwrap_err();
    assert_eq!(wrongs(&malformed), ["gesture_id MALFORMED"]);
    world.another_tenant("other", CARE).await;
    let stranger = Token::of("auditor-2", &["auditor"]).in_tenant("other");
    let theirs = world
        .client(stranger)
        .await
        .trail(&given.id)
        .await
        .unwrap_err();
    assert_eq!(reason_of(&theirs), "GESTURE_NOT_FOUND");
}
