//! A morning's inbox, answered in one go.

use largesse::pb::answering::{Answer, Approve, Decline, Return};
use largesse::pb::{AnswerResult, Answering, DecideGesturesRequest, Gesture};

use super::{CARE, FRIDAY, basket};
use crate::support::{World, assert_invariants};

fn answering(seen: &Gesture, answer: Answer) -> Answering {
    Answering {
        gesture_id: seen.id.clone(),
        etag: seen.etag.clone(),
        authority: String::new(),
        answer: Some(answer),
    }
}

fn yes(seen: &Gesture) -> Answering {
    let approve = Approve {
        terms_digest: seen.terms_digest.clone(),
        ..Default::default()
    };
    answering(seen, Answer::Approve(approve))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_has_its_own_result() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let mut asked = Vec::new();
    for customer in ["a", "b", "c", "d", "e"] {
        asked.push(anna.request(basket(customer, 14000)).await.unwrap());
    }
    anna.cancel(&asked[1]).await.unwrap();
    let decline = Decline {
        reason: "Had one on Monday.".into(),
    };
    let send_back = Return {
        note: "Which address?".into(),
    };
    let request = DecideGesturesRequest {
        answers: vec![
            yes(&asked[0]),
            yes(&asked[1]),
            answering(&asked[2], Answer::Decline(decline)),
            answering(&asked[3], Answer::Return(send_back)),
            yes(&asked[4]),
        ],
        agent_id: String::new(),
    };
    let answer = lead.approvals.decide_gestures(request).await.unwrap();
    let outcomes = answer.into_inner().outcomes;
    let results: Vec<_> = outcomes.iter().map(|outcome| outcome.result()).collect();
    assert_eq!(
        results,
        [
            AnswerResult::Approved,
            AnswerResult::Unspecified,
            AnswerResult::Declined,
            AnswerResult::Returned,
            AnswerResult::Approved
        ]
    );
    let refusal = outcomes[1].refusal.as_ref().unwrap();
    assert_eq!(refusal.reason, "STALE_VIEW");
    assert!(lead.waiting().await.is_empty());
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_is_paged_soonest_deadline_first_and_stable() {
    let world = World::of_with_movable_clock(CARE).await;
    let (mut anna, mut lead) = (world.agent("anna").await, world.approver("lead").await);
    let mut ids = Vec::new();
    for minute in 0..9 {
        let at = FRIDAY.replace("09:00:00", &format!("09:{minute:02}:00"));
        world.set_clock(&at).await;
        ids.push(anna.request(basket("ida", 7000)).await.unwrap().id);
    }
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let request = largesse::pb::ListApprovalsRequest {
            page_size: 4,
            page_token: token.clone(),
            ..Default::default()
        };
        let page = lead.approvals.list_approvals(request).await.unwrap();
        let page = page.into_inner();
        found.extend(page.items.into_iter().map(|item| item.gesture.unwrap().id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        // What comes in meanwhile stands behind, and moves nothing.
        anna.request(basket("tom", 7000)).await.unwrap();
    }
    assert_eq!(found[..9], ids[..]);
}
