//! Deciding on what is not yours, already decided, or without saying why: each a refusal that helps, and nothing changed.

use largesse::pb::{self, GestureState};
use tonic::Code;
use uuid::Uuid;

use super::{CARE, basket};
use crate::support::{Reasoned, World, asked_of, fact_of, reason_of, wrongs};

#[tokio::test(flavor = "multi_thread")]
async fn only_who_was_asked_answers_yes_or_no() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let mut director = world.approver("director").await;
    let before = world.rows().await;
    for refused in [
        director.approve(&asked).await.unwrap_err(),
        director.decline(&asked, "No.").await.unwrap_err(),
        director.send_back(&asked, "Why?").await.unwrap_err(),
        director.reassign(&asked, "manager").await.unwrap_err(),
    ] {
        assert_eq!(
            (refused.code(), reason_of(&refused)),
            (Code::PermissionDenied, "NOT_ASKED".into())
        );
    }
    assert_eq!(world.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_stays_decided() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    lead.decline(&asked, "Had one on Monday.").await.unwrap();
    let now = lead.approval(&asked.id).await.unwrap().gesture.unwrap();
    let again = lead.approve(&now).await.unwrap_err();
    assert_eq!(
        (again.code(), reason_of(&again)),
        (Code::FailedPrecondition, "STATE_FORBIDS".into())
    );
    assert_eq!(
        (fact_of(&again, "state"), fact_of(&again, "by")),
        ("DECLINED".into(), "lead".into())
    );
    let seen = anna.get(&asked.id).await.unwrap();
    assert_eq!(
        seen.approval.unwrap().answer.unwrap().note,
        "Had one on Monday.",
        "the agent always learns of it, and why"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_says_why() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let silent = lead.decline(&asked, "").await.unwrap_err();
    assert_eq!(wrongs(&silent), ["reason REQUIRED"]);
    let silent = lead.send_back(&asked, " ").await.unwrap_err();
    assert_eq!(wrongs(&silent), ["note REQUIRED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_handed_to_somebody_who_can() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let asked = anna.request(basket("ida", 14000)).await.unwrap();
    let unable = lead.reassign(&asked, "ben").await.unwrap_err();
    assert_eq!(
        (unable.code(), reason_of(&unable)),
        (Code::FailedPrecondition, "CANNOT_APPROVE".into())
    );
    let unknown = lead.reassign(&asked, "nobody").await.unwrap_err();
    assert_eq!(reason_of(&unknown), "AGENT_NOT_FOUND");
    let handed = lead.reassign(&asked, "director").await.unwrap();
    assert_eq!(asked_of(&handed), ["director"]);
    let late = lead.approve(&handed).await.unwrap_err();
    assert_eq!(reason_of(&late), "NOT_ASKED", "handed on is handed on");
    let yes = world.approver("director").await.approve(&handed).await;
    assert_eq!(
        yes.unwrap().gesture.unwrap().state(),
        GestureState::Approved
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let world = World::of(CARE).await;
    let mut lead = world.approver("lead").await;
    let unseen = pb::Gesture {
        id: Uuid::now_v7().to_string(),
        etag: "1".into(),
        terms_digest: "00".repeat(32),
        ..Default::default()
    };
    let refused = lead.approve(&unseen).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused)),
        (Code::NotFound, "GESTURE_NOT_FOUND".into())
    );
    let foreign = world.another_tenant("other", CARE).await;
    drop(foreign);
    let given = world
        .agent("anna")
        .await
        .request(basket("ida", 1000))
        .await
        .unwrap();
    let refused = lead.approval(&given.id).await.unwrap_err();
    assert_eq!(
        reason_of(&refused),
        "APPROVAL_NOT_FOUND",
        "nobody was asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_to_decide_from_says_what_a_yes_would_get() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let earlier = anna.request(basket("ida", 2000)).await.unwrap();
    let given_back = anna.request(basket("ida", 1000)).await.unwrap();
    anna.cancel(&given_back).await.unwrap();
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let view = lead.approval(&asked.id).await.unwrap();
    let similar: Vec<_> = view
        .similar
        .iter()
        .map(|similar| (similar.gesture_id.clone(), similar.flags.clone()))
        .collect();
    assert_eq!(
        similar,
        [
            (given_back.id, vec![pb::Flag::Structuring.into()]),
            (earlier.id, Vec::new())
        ],
        "authority that came back is flagged"
    );
    let standing = &view.standings[0];
    assert!(standing.is_asked);
    assert_eq!(standing.authority, "lead");
    assert!(standing.decision.as_ref().unwrap().codes().is_empty());
    assert_eq!(view.gesture.unwrap().reason, "Their parcel was lost twice.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_for_the_last_second_there_is_can_be_made() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let last = prost_types::Timestamp {
        seconds: 253_402_300_799,
        nanos: 0,
    };
    let wish = pb::Gesture {
        promise_by: Some(last),
        ..basket("ida", 7000)
    };
    let asked = anna.request(wish).await.unwrap();
    assert_eq!(asked.promise_by, Some(last));
    let mut lead = world.approver("lead").await;
    let request = pb::ApproveGestureRequest {
        gesture_id: asked.id.clone(),
        etag: asked.etag.clone(),
        terms_digest: asked.terms_digest.clone(),
        promise_by: Some(last),
        ..Default::default()
    };
    let given = lead.approvals.approve_gesture(request).await.unwrap();
    assert_eq!(
        given.into_inner().gesture.unwrap().state(),
        GestureState::Approved
    );
}
