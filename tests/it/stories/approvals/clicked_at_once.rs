//! The two who click at once.

use futures_util::future::join_all;
use largesse::pb::GestureState;
use tonic::Code;

use super::{CARE, basket};
use crate::support::{World, asked_of, assert_at_rest, fact_of, reason_of, used};

#[tokio::test(flavor = "multi_thread")]
async fn one_decides_and_the_other_learns_who_did() {
    let world = World::of_with_movable_clock(CARE).await;
    world.set_clock(super::FRIDAY).await;
    let mut anna = world.agent("anna").await;
    let twin = world.another_service().await;
    let mut yes = world.approver("lead").await;
    let mut no = world
        .client_at(&twin, crate::support::Token::of("manager", &["approver"]))
        .await;
    let mut asked = Vec::new();
    for n in 0..8 {
        asked.push(anna.request(basket(&format!("c-{n}"), 7000)).await.unwrap());
    }
    world.set_clock("2026-11-27T13:00:00Z").await;
    for one in &asked {
        world
            .later("2026-11-27T13:00:00Z", &mut anna, &one.id, |g| {
                asked_of(g).len() == 2
            })
            .await;
    }
    for one in &asked {
        let (said_yes, said_no) = tokio::join!(yes.approve(one), no.decline(one, "Not again."));
        let now = anna.get(&one.id).await.unwrap();
        let (lost, winner) = match (said_yes, said_no) {
            (Ok(_), Err(lost)) => {
                assert_eq!(now.state(), GestureState::Approved);
                (lost, "lead")
            }
            (Err(lost), Ok(_)) => {
                assert_eq!(now.state(), GestureState::Declined);
                (lost, "manager")
            }
            both => panic!("one of two decides: {both:?}"),
        };
        assert_eq!(
            (lost.code(), reason_of(&lost), fact_of(&lost, "by")),
            (Code::Aborted, "STALE_VIEW".into(), winner.into())
        );
        assert_eq!(
            fact_of(&lost, "state"),
            if winner == "lead" {
                "APPROVED"
            } else {
                "DECLINED"
            }
        );
    }
    twin.stop().await.unwrap();
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_click_twice_is_one_yes() {
    let world = World::of(CARE).await;
    let mut anna = world.agent("anna").await;
    let asked = anna.request(basket("ida", 7000)).await.unwrap();
    let lead = world.approver("lead").await;
    let clicks = (0..6).map(|_| {
        let (mut lead, asked) = (lead.clone(), asked.clone());
        async move { lead.approve(&asked).await.unwrap() }
    });
    let answers = join_all(clicks).await;
    let first = answers.iter().filter(|answer| !answer.replayed).count();
    assert_eq!(first, 1, "the others are told the same again");
    let theirs = lead.clone().item("basket", "EUR", Default::default()).await;
    assert_eq!(used(&theirs, "month"), 7000);
}
