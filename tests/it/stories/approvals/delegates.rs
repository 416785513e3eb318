//! A delegate in a circle, and other ways to lend what cannot be lent.

use largesse::pb::AnswerResult;
use tonic::Code;

use super::{CARE, basket, condolences};
use crate::support::{Reasoned, World, money, reason_of, wrongs};

const LONG: &str = "2099-01-01T00:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lends_in_a_circle_or_on() {
    let world = World::of(CARE).await;
    let (mut lead, mut manager) = (
        world.approver("lead").await,
        world.approver("manager").await,
    );
    lead.lend("manager", LONG).await.unwrap();
    let circle = manager.lend("lead", LONG).await.unwrap_err();
    assert_eq!(
        (circle.code(), reason_of(&circle)),
        (Code::FailedPrecondition, "DELEGATION_CIRCLE".into())
    );
    let chain = manager.lend("director", LONG).await.unwrap_err();
    assert_eq!(reason_of(&chain), "DELEGATION_CHAIN", "one level deep");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lends_to_themselves_or_into_the_past_or_more_than_they_have() {
    let world = World::of(CARE).await;
    let mut lead = world.approver("lead").await;
    let refused = |status: tonic::Status| (status.code(), wrongs(&status));
    let oneself = lead.lend("lead", LONG).await.unwrap_err();
    assert_eq!(
        refused(oneself),
        (
            Code::InvalidArgument,
            vec!["delegate_id DELEGATE_UNFIT".into()]
        )
    );
    let past = lead.lend("ben", "2020-01-01T00:00:00Z").await.unwrap_err();
    assert_eq!(
        refused(past),
        (Code::InvalidArgument, vec!["end_time OUT_OF_RANGE".into()])
    );
    let wide = lead
        .lend_some("ben", LONG, &[], money(15001, "EUR"))
        .await
        .unwrap_err();
    assert_eq!(
        refused(wide),
        (
            Code::InvalidArgument,
            vec!["lent_max BEYOND_AUTHORITY".into()]
        )
    );
    let unknown = lead.lend_some("ben", LONG, &["yacht"], None).await;
    assert_eq!(
        refused(unknown.unwrap_err()),
        (Code::InvalidArgument, vec!["kinds[0] KIND_UNKNOWN".into()])
    );
    let pool = lead.lend("duty", LONG).await.unwrap_err();
    assert_eq!(
        refused(pool),
        (
            Code::InvalidArgument,
            vec!["delegate_id DELEGATE_UNFIT".into()]
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_gives_what_was_lent_and_no_more() {
    let world = World::of(CARE).await;
    let (mut anna, mut lead, mut ben) = (
        world.agent("anna").await,
        world.approver("lead").await,
        world.approver("ben").await,
    );
    lead.lend_some("ben", LONG, &["basket"], money(8000, "EUR"))
        .await
        .unwrap();
    let (small, large) = (
        anna.request(basket("ida", 8000)).await.unwrap(),
        anna.request(basket("tom", 8001)).await.unwrap(),
    );
    let other = anna.request(condolences("eva", 7000)).await.unwrap();
    assert_eq!(ben.waiting().await, std::slice::from_ref(&small.id));
    let yes = ben.approve(&small).await.unwrap();
    assert_eq!(yes.result(), AnswerResult::Approved);
    let refused = ben.approve(&large).await.unwrap();
    assert_eq!(refused.result(), AnswerResult::Refused);
    assert_eq!(refused.decision.unwrap().codes(), ["MORE_THAN_LENT"]);
    let kind = ben.approve(&other).await.unwrap_err();
    assert_eq!(reason_of(&kind), "NOT_LENT");
    let own = lead.approve(&large).await.unwrap();
    assert_eq!(
        own.result(),
        AnswerResult::Approved,
        "it stayed open for who lends"
    );
}
