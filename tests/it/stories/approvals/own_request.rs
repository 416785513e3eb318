//! The lead who tries to approve her own.

use tonic::Code;

use super::{CARE, basket};
use crate::support::{World, asked_of, reason_of};

#[tokio::test(flavor = "multi_thread")]
async fn her_own_manager_is_asked_and_she_is_refused() {
    let world = World::of(CARE).await;
    let mut lead = world.approver("lead").await;
    let asked = lead.request(basket("ida", 20000)).await.unwrap();
    assert_eq!(asked_of(&asked), ["manager"]);
    assert!(lead.waiting().await.is_empty());
    let refused = lead.approve(&asked).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused)),
        (Code::PermissionDenied, "OWN_REQUEST".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_is_the_same_person() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let mut too = world.approver("anna-too").await;
    let refused = too.approve(&asked).await.unwrap_err();
    assert_eq!(reason_of(&refused), "OWN_REQUEST");
    let handed = world
        .approver("lead")
        .await
        .reassign(&asked, "anna-too")
        .await
        .unwrap_err();
    assert_eq!(
        reason_of(&handed),
        "CANNOT_APPROVE",
        "nor is it handed to her"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lent_authority_does_not_lead_back_to_who_asked() {
    let world = World::of(CARE).await;
    let mut lead = world.approver("lead").await;
    lead.lend("anna", "2099-01-01T00:00:00Z").await.unwrap();
    let mut anna = world.approver("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    assert!(anna.waiting().await.is_empty(), "not even shown");
    let refused = anna.approve_as(&asked, None, "lead").await.unwrap_err();
    assert_eq!(reason_of(&refused), "OWN_REQUEST");
}
