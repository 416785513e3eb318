//! A life in which every kind of question was asked and answered in every way: what the checker is tried on.

use chrono::TimeDelta;

use crate::support::Desk;
use crate::support::kernel::{self, Answering, Asked, Cancelled, Lending};

fn basket(agent: &str, customer: &str, amount: i64) -> Asked {
    Asked::of(agent, "basket", customer, amount)
}

/// Lives it; afterwards everything holds.
pub(super) async fn live_with_questions(desk: &mut Desk) {
    desk.suspends("fl-3").await;
    let lending = Lending::of("ld-1", "pm-1", desk.now + TimeDelta::days(1));
    let lending = lending.for_kinds(&["basket"]).up_to(9000, "EUR");
    desk.lends(&lending).await;
    answer_with_yes(desk).await;
    answer_otherwise(desk).await;
    break_glass(desk).await;
    lend_and_leave(desk).await;
    let mut silent = basket("fl-1", "silent", 8000);
    silent.occasion = Some("bereavement".into());
    let silent = desk.waiting(&silent, &["ld-1"]).await;
    let expiring = basket("fl-2", "expiring", 8000);
    let expiring = desk.waiting(&expiring, &["ld-1"]).await;
    desk.later(130).await;
    for (seen, expected) in [(silent, "APPROVED"), (expiring, "EXPIRED")] {
        let lapsed = kernel::lapse(&mut desk.app, desk.tenant, seen.id, 1).await;
        assert_eq!(lapsed.unwrap(), expected);
    }
    leave_open(desk).await;
    desk.applies(&Desk::document()).await;
    let last = basket("fl-2", "last", 7000);
    yes(desk, &last, "ld-1", "ld-1").await;
}

/// Asks, and gets a yes of the actor in this authority.
async fn yes(desk: &mut Desk, asked: &Asked, actor: &str, authority: &str) {
    let seen = desk.waiting(asked, &[authority]).await;
    let answer = Answering::yes(actor, &seen).in_the_authority_of(authority);
    assert_eq!(desk.answers(&answer).await.outcome, "APPROVED");
}

async fn answer_with_yes(desk: &mut Desk) {
    yes(desk, &basket("fl-1", "ida", 7000), "ld-1", "ld-1").await;
    yes(desk, &basket("fl-1", "jo", 8000), "pm-1", "ld-1").await;
    yes(desk, &basket("fl-2", "kim", 8000), "pm-1", "duty").await;
    let dollars = Asked {
        currency: "USD".into(),
        ..basket("fl-1", "lee", 7000)
    };
    yes(desk, &dollars, "pm-1", "ld-1").await;

    // another amount than was asked
    let less = desk.waiting(&basket("fl-1", "max", 9000), &["ld-1"]).await;
    let answer = Answering::yes("ld-1", &less).of_amount(6500);
    assert_eq!(desk.answers(&answer).await.outcome, "APPROVED");

    // two people, of whom the second begins again with another amount
    let large = basket("fl-1", "noa", 25000);
    let id = desk.waiting(&large, &["mg-1", "mg-2", "top-1"]).await.id;
    for (actor, amount, outcome) in [
        ("mg-1", None, "FIRST_YES"),
        ("mg-2", Some(24000), "FIRST_YES"),
        ("top-1", None, "APPROVED"),
    ] {
        let answer = Answering::yes(actor, &desk.seen(id).await);
        let answer = Answering { amount, ..answer };
        assert_eq!(desk.answers(&answer).await.outcome, outcome);
    }

    let handed = desk.waiting(&basket("fl-2", "ora", 7000), &["ld-1"]).await;
    let told = desk.hands_on("ld-1", &handed, "mg-1").await;
    assert_eq!(told.outcome, "REASSIGNED");
    let told = desk.answers(&Answering::yes("mg-1", &handed)).await;
    assert_eq!(told.outcome, "APPROVED");
}

async fn answer_otherwise(desk: &mut Desk) {
    let returned = desk.waiting(&basket("fl-2", "pia", 7000), &["ld-1"]).await;
    desk.answers(&Answering::back("ld-1", &returned)).await;
    let seen = desk.seen(returned.id).await;
    let terms = Asked {
        id: seen.id,
        ..basket("fl-2", "pia", 7500)
    };
    let told = kernel::revise(&mut desk.app, desk.tenant, &seen, &terms).await;
    assert_eq!(told.unwrap().state.as_deref(), Some("PENDING_APPROVAL"));
    desk.ask(seen.id, 0, &["ld-1"]).await;
    let seen = desk.seen(seen.id).await;
    desk.answers(&Answering::no("ld-1", &seen)).await;

    let asked = basket("top-1", "quin", 25000);
    desk.request(&asked).await;
    let declined = kernel::decline_unanswerable(&mut desk.app, desk.tenant, asked.id, 0).await;
    assert_eq!(declined.unwrap(), "DECLINED");

    let withdrawn = desk.waiting(&basket("fl-2", "ria", 7000), &["ld-1"]).await;
    cancel(desk, withdrawn.id, withdrawn.etag).await;
    let within = basket("fl-2", "sam", 5000);
    assert_eq!(desk.request(&within).await.0, "APPROVED");
    cancel(desk, within.id, 1).await;
}

async fn cancel(desk: &mut Desk, id: uuid::Uuid, etag: i32) {
    let cancelled = [Cancelled {
        id,
        actor: "fl-2".into(),
        etag,
    }];
    let told = kernel::cancel(&mut desk.app, desk.tenant, &cancelled).await;
    assert_eq!(told.unwrap(), [None]);
}

async fn break_glass(desk: &mut Desk) {
    for (agent, customer) in [("fl-1", "tom"), ("fl-2", "uma")] {
        let asked = Asked {
            is_glass: true,
            ..basket(agent, customer, 7000)
        };
        assert_eq!(desk.request(&asked).await.0, "APPROVED");
        desk.ask(asked.id, 0, &["ld-1"]).await;
        if agent == "fl-1" {
            let seen = desk.seen(asked.id).await;
            let told = kernel::review(&mut desk.app, desk.tenant, "ld-1", &seen, "JUSTIFIED").await;
            assert_eq!(told.unwrap().outcome, "REVIEWED");
        }
    }
}

async fn lend_and_leave(desk: &mut Desk) {
    let until = desk.now + TimeDelta::days(2);
    let lending = Lending::of("mg-1", "top-1", until);
    desk.lends(&lending).await;
    desk.later(1).await;
    let revoked = kernel::revoke_delegation(&mut desk.app, desk.tenant, lending.id).await;
    assert_eq!(revoked.unwrap(), "REVOKED");
    let away = kernel::set_away(&mut desk.app, desk.tenant, "mg-2", Some(until)).await;
    assert_eq!(away.unwrap(), "SET");
}

/// Questions that nobody was asked yet, that wait, that wait for a second yes, and that wait for who asked.
async fn leave_open(desk: &mut Desk) {
    desk.request(&basket("fl-2", "vic", 7000)).await;
    desk.waiting(&basket("fl-2", "wim", 7000), &["ld-1"]).await;
    let first = desk
        .waiting(&basket("fl-1", "xia", 25000), &["mg-1", "mg-2"])
        .await;
    desk.answers(&Answering::yes("mg-1", &first)).await;
    let returned = desk.waiting(&basket("fl-1", "yun", 7000), &["ld-1"]).await;
    desk.answers(&Answering::back("ld-1", &returned)).await;
}
