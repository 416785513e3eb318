//! The account manager who does not answer is never the reason that a customer waits.

use largesse::pb::{AnswerEvent, DecisionOutcome, GestureState, SilenceRule};

use super::{CARE, FRIDAY, basket, condolences};
use crate::support::{World, asked_of, assert_at_rest, assert_invariants, used};

#[tokio::test(flavor = "multi_thread")]
async fn the_next_is_added_and_the_customer_has_an_answer_by_the_deadline() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    assert_eq!(asked.state(), GestureState::PendingApproval);
    assert_eq!(asked_of(&asked), ["lead"], "the nearest who can say yes");

    let added = world
        .later("2026-11-27T13:00:00Z", &mut anna, &asked.id, |g| {
            asked_of(g).len() == 2
        })
        .await;
    assert_eq!(asked_of(&added), ["lead", "manager"], "added, not replaced");
    assert_eq!(
        added.etag, asked.etag,
        "asking one more changes nothing that is decided on"
    );

    // The lead comes back late, and is still one of those who may answer.
    let mut lead = world.approver("lead").await;
    let given = lead.approve(&asked).await.unwrap().gesture.unwrap();
    assert_eq!(given.state(), GestureState::Approved);
    let answer = given.approval.unwrap().answer.unwrap();
    assert_eq!(
        (answer.actor.as_str(), answer.event()),
        ("lead", AnswerEvent::Approved)
    );
    assert!(world.approver("manager").await.waiting().await.is_empty());
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_line_the_pool_is_asked_and_then_the_question_expires() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    for (at, everybody) in [
        ("2026-11-27T13:00:00Z", vec!["lead", "manager"]),
        ("2026-11-27T17:00:00Z", vec!["lead", "manager", "director"]),
        (
            "2026-11-27T21:00:00Z",
            vec!["lead", "manager", "director", "duty"],
        ),
    ] {
        let now = world
            .later(at, &mut anna, &asked.id, |g| {
                asked_of(g).len() == everybody.len()
            })
            .await;
        assert_eq!(asked_of(&now), everybody, "at {at}");
    }
    let mut night = world.approver("night").await;
    assert_eq!(
        night.waiting().await,
        std::slice::from_ref(&asked.id),
        "of the pool"
    );
    let expired = world
        .later("2026-11-28T09:00:00Z", &mut anna, &asked.id, |g| {
            g.state() == GestureState::Expired
        })
        .await;
    let approval = expired.approval.unwrap();
    assert!(!approval.is_open);
    assert_eq!(approval.answer.unwrap().event(), AnswerEvent::Expired);
    assert!(night.waiting().await.is_empty());
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_over_all_deadlines_ends_the_question_once() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let twin = world.another_service().await;
    let expired = world
        .later("2026-12-24T09:00:00Z", &mut anna, &asked.id, |g| {
            g.state() == GestureState::Expired
        })
        .await;
    assert_eq!(expired.approval.unwrap().asked.len(), 1, "nobody new");
    twin.stop().await.unwrap();
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_friday_night_bereavement_is_given_on_silence_by_the_pool() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock("2026-11-27T21:00:00Z").await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(condolences("ida", 9000)).await.unwrap();
    assert_eq!(
        asked.approval.as_ref().unwrap().on_silence(),
        SilenceRule::Grant
    );
    let given = world
        .later("2026-11-27T23:00:00Z", &mut anna, &asked.id, |g| {
            g.state() != GestureState::PendingApproval
        })
        .await;
    assert_eq!(given.state(), GestureState::Approved);
    assert_eq!(
        given.decision.as_ref().unwrap().outcome(),
        DecisionOutcome::NeedsApproval,
        "as it was answered at first"
    );
    let answer = given.approval.unwrap().answer.unwrap();
    assert!(answer.on_silence);
    assert_eq!(
        (answer.actor.as_str(), answer.authority.as_str()),
        ("duty", "duty")
    );
    // Two of them are more than the pool may give in a month.
    let more = anna.request(condolences("ida", 12000)).await.unwrap();
    let expired = world
        .later("2026-11-28T02:00:00Z", &mut anna, &more.id, |g| {
            g.state() != GestureState::PendingApproval
        })
        .await;
    assert_eq!(expired.state(), GestureState::Expired);
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requesters_own_counters_are_left_alone() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let mut lead = world.approver("lead").await;
    lead.approve(&asked).await.unwrap();
    let mine = anna.item("basket", "EUR", Default::default()).await;
    assert_eq!(used(&mine, "month"), 0);
    let theirs = lead.item("basket", "EUR", Default::default()).await;
    assert_eq!(
        used(&theirs, "month"),
        7000,
        "authority is spent by the one who decides"
    );
}
