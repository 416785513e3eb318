//! The manager on holiday.

use largesse::pb::GestureState;

use super::{CARE, FRIDAY, basket};
use crate::support::{World, asked_of, assert_invariants};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_without_a_delegate_is_not_asked() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut lead = world.approver("lead").await;
    lead.away(Some("2026-12-11T09:00:00Z")).await.unwrap();
    let mut anna = world.agent("anna").await;
    let preview = anna.preview(basket("ida", 7000)).await.unwrap();
    assert_eq!(preview.approvers[0].agent_id, "manager");
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    assert_eq!(asked_of(&asked), ["manager"]);

    lead.away(None).await.unwrap();
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    assert_eq!(asked_of(&asked), ["lead"], "back");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_with_open_questions_does_not_let_them_wait() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let mut lead = world.approver("lead").await;
    lead.away(Some("2026-12-11T09:00:00Z")).await.unwrap();
    let added = world
        .later("2026-11-27T09:00:05Z", &mut anna, &asked.id, |g| {
            asked_of(g).len() == 2
        })
        .await;
    assert_eq!(asked_of(&added), ["lead", "manager"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_questions_move_to_the_delegate_and_come_back() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let (mut lead, mut ben) = (world.approver("lead").await, world.approver("ben").await);
    let lent = lead.lend("ben", "2026-12-11T09:00:00Z").await.unwrap();
    lead.away(Some("2026-12-11T09:00:00Z")).await.unwrap();
    assert_eq!(ben.waiting().await, std::slice::from_ref(&asked.id));
    assert!(lead.waiting().await.is_empty(), "they are ben's now");
    assert_eq!(ben.inbox().await[0].authority, "lead");
    let second = anna.request(basket("tom", 7000)).await.unwrap();
    assert_eq!(
        asked_of(&second),
        ["lead"],
        "away, and answered for: reachable"
    );
    assert_eq!(second.approval.unwrap().asked[0].delegate_id, "ben");

    lead.take_back(&lent).await.unwrap();
    assert!(ben.waiting().await.is_empty());
    assert_eq!(lead.waiting().await.len(), 2, "and back");
    let refused = ben.approve(&asked).await.unwrap_err();
    assert_eq!(crate::support::reason_of(&refused), "NOT_ASKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delegate_answers_in_the_others_authority_and_both_names_stay() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let second = anna.request(basket("tom", 7000)).await.unwrap();
    let (mut lead, mut ben) = (world.approver("lead").await, world.approver("ben").await);
    lead.lend("ben", "2026-12-11T09:00:00Z").await.unwrap();
    let given = ben.approve(&asked).await.unwrap().gesture.unwrap();
    assert_eq!(given.state(), GestureState::Approved);
    let answer = given.approval.unwrap().answer.unwrap();
    assert_eq!(
        (answer.actor.as_str(), answer.authority.as_str()),
        ("ben", "lead")
    );
    let declined = ben
        .decline(&second, "He had one on Tuesday.")
        .await
        .unwrap();
    assert_eq!(
        declined.state(),
        GestureState::Declined,
        "a delegate may also say no"
    );
    assert_invariants(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_approver_is_passed_over() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    world.admin().await.suspend("lead", true).await.unwrap();
    let refused = world
        .approver("lead")
        .await
        .approve(&asked)
        .await
        .unwrap_err();
    assert_eq!(crate::support::reason_of(&refused), "APPROVER_SUSPENDED");
    world
        .later("2026-11-27T09:00:05Z", &mut anna, &asked.id, |g| {
            asked_of(g).contains(&"manager")
        })
        .await;
}
