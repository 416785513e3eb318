//! Lending what one does not have, to oneself, in a circle, or for ever.

use chrono::TimeDelta;

use crate::support::Desk;
use crate::support::kernel::{self, Lending, Lent};

impl Desk {
    /// Nothing is lent, and not a row is written.
    async fn does_not_lend(&mut self, lending: &Lending, outcome: &str, who: Option<&str>) -> Lent {
        let before = self.written().await;
        let lent = kernel::delegate(&mut self.app, self.tenant, lending).await;
        let lent = lent.unwrap();
        assert_eq!(
            (lent.outcome.as_str(), lent.who.as_deref()),
            (outcome, who),
            "{lending:?}"
        );
        assert_eq!(self.written().await, before);
        lent
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_to_oneself_to_nobody_and_not_to_what_is_no_human() {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    desk.suspends("fl-3").await;
    for (from, to, outcome, who) in [
        ("ld-1", "ld-1", "ONESELF", None),
        ("ld-1", "ld-1-second", "SAME_PERSON", None),
        ("fl-1", "fl-1-second", "SAME_PERSON", None),
        ("ld-1", "sw-1", "NOT_HUMAN", Some("sw-1")),
        ("sw-1", "ld-1", "NOT_HUMAN", Some("sw-1")),
        ("ld-1", "duty", "NOT_HUMAN", Some("duty")),
        ("duty", "pm-1", "NOT_HUMAN", Some("duty")),
        ("ld-1", "nobody", "AGENT_UNKNOWN", Some("nobody")),
        ("nobody", "ld-1", "AGENT_UNKNOWN", Some("nobody")),
        ("ld-1", "fl-3", "AGENT_SUSPENDED", Some("fl-3")),
        ("fl-3", "pm-1", "AGENT_SUSPENDED", Some("fl-3")),
    ] {
        let lending = Lending::of(from, to, until);
        let lent = kernel::delegate(&mut desk.app, desk.tenant, &lending)
            .await
            .unwrap();
        assert_eq!(lent.outcome, outcome, "{from} to {to}");
        if who.is_some() {
            desk.does_not_lend(&lending, outcome, who).await;
        }
    }
    let made: i64 = sqlx::query_scalar("select count(*) from largesse.delegations")
        .fetch_one(&mut desk.sql)
        .await
        .unwrap();
    assert_eq!(made, 0);
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_into_the_past() {
    let mut desk = Desk::open().await;
    let now = desk.now;
    for (from, until) in [
        (Some(now - TimeDelta::seconds(1)), now + TimeDelta::hours(1)),
        (None, now),
        (None, now - TimeDelta::hours(1)),
        (Some(now + TimeDelta::hours(2)), now + TimeDelta::hours(1)),
        (Some(now + TimeDelta::hours(1)), now + TimeDelta::hours(1)),
    ] {
        let lending = Lending {
            from,
            ..Lending::of("ld-1", "pm-1", until)
        };
        let lent = kernel::delegate(&mut desk.app, desk.tenant, &lending).await;
        assert_eq!(lent.unwrap().outcome, "PAST", "{lending:?}");
    }
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_in_a_circle_or_a_chain_not_even_through_second_accounts() {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    desk.lends(&Lending::of("ld-1", "mg-1", until)).await;
    for (from, to, outcome, who) in [
        ("mg-1", "ld-1", "CIRCLE", "ld-1"),
        ("mg-1-second", "ld-1", "CIRCLE", "ld-1"),
        ("mg-1", "ld-1-second", "CIRCLE", "ld-1"),
        ("mg-1-second", "ld-1-second", "CIRCLE", "ld-1"),
        ("mg-1", "pm-1", "CHAIN", "mg-1"),
        ("mg-1-second", "pm-1", "CHAIN", "mg-1"),
        ("mg-2", "ld-1", "CHAIN", "ld-1"),
        ("mg-2", "ld-1-second", "CHAIN", "ld-1"),
    ] {
        let lending = Lending::of(from, to, until);
        desk.does_not_lend(&lending, outcome, Some(who)).await;
    }
    desk.holds().await;

    // one after the other is no circle; and what overlaps by an instant is one
    let after = Lending {
        from: Some(until),
        ..Lending::of("mg-1", "ld-1", until + TimeDelta::hours(1))
    };
    let before = Lending {
        from: Some(until - TimeDelta::milliseconds(1)),
        ..after.clone()
    };
    desk.does_not_lend(&before, "CIRCLE", Some("ld-1")).await;
    desk.lends(&after).await;
    desk.holds().await;
}

/// Two circles of three, closed at once from three sides: at most what is no chain is made.
#[tokio::test(flavor = "multi_thread")]
async fn not_in_a_circle_that_is_closed_at_once() {
    let mut desk = Desk::open().await;
    for _ in 0..10 {
        let until = desk.within(600);
        let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(3));
        let mut running = tokio::task::JoinSet::new();
        let mut made = Vec::new();
        for (from, to) in [("ld-1", "mg-1"), ("mg-1", "mg-2"), ("mg-2", "ld-1")] {
            let lending = Lending::of(from, to, until);
            made.push(lending.id);
            let (mut app, tenant, barrier) =
                (desk.database.app().await, desk.tenant, barrier.clone());
            running.spawn(async move {
                barrier.wait().await;
                let lent = kernel::delegate(&mut app, tenant, &lending).await;
                lent.unwrap().outcome
            });
        }
        let outcomes = running.join_all().await;
        assert_eq!(
            outcomes.iter().filter(|outcome| *outcome == "MADE").count(),
            1,
            "{outcomes:?}"
        );
        desk.holds().await;
        desk.later(1).await;
        for id in made {
            kernel::revoke_delegation(&mut desk.app, desk.tenant, id)
                .await
                .unwrap();
        }
    }
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_more_than_one_has() {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    let all = Lending::of("ld-1", "pm-1", until);
    let lent = desk
        .does_not_lend(&all.clone().up_to(15001, "EUR"), "TOO_MUCH", None)
        .await;
    assert_eq!(lent.at_most, Some(15000));
    desk.does_not_lend(
        &all.clone().for_kinds(&["yacht"]),
        "KIND_UNKNOWN",
        Some("yacht"),
    )
    .await;

    // a kind for which ld-1 has no authority any more
    let mut document = Desk::document();
    let maxima = &mut document["levels"][1]["maxima"];
    maxima[0]["kinds"] = serde_json::json!(["basket"]);
    maxima[1]["kinds"] = serde_json::json!(["basket"]);
    desk.applies(&document).await;
    let both = all.clone().for_kinds(&["basket", "flowers"]);
    desk.does_not_lend(&both, "NO_AUTHORITY", Some("flowers"))
        .await;
    desk.lends(&all.up_to(15000, "EUR")).await;
    desk.holds().await;
}

/// An id is one delegation: said again it is the same, with other words it is refused, and ended it does not begin again.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_saying_an_id_again() {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    let lending = Lending::of("ld-1", "pm-1", until).up_to(9000, "EUR");
    desk.lends(&lending).await;
    let longer = Lending {
        until: until + TimeDelta::minutes(1),
        ..lending.clone()
    };
    desk.does_not_lend(&longer, "ID_TAKEN", None).await;
    let later = Some(desk.within(1));
    for _ in 0..2 {
        desk.does_not_lend(&lending, "REPLAY", None).await;
        for other in [
            lending.clone().up_to(9001, "EUR"),
            lending.clone().up_to(9000, "USD"),
            lending.clone().for_kinds(&["basket"]),
            Lending {
                from: later,
                ..lending.clone()
            },
            Lending {
                delegate: "pm-1".into(),
                delegator: "mg-1".into(),
                ..lending.clone()
            },
            Lending {
                delegate: "fl-2".into(),
                ..lending.clone()
            },
            Lending {
                lent: None,
                ..lending.clone()
            },
        ] {
            desk.does_not_lend(&other, "ID_TAKEN", None).await;
        }
        desk.later(1).await;
        kernel::revoke_delegation(&mut desk.app, desk.tenant, lending.id)
            .await
            .unwrap();
    }
    let ended = kernel::revoke_delegation(&mut desk.app, desk.tenant, lending.id).await;
    assert_eq!(ended.unwrap(), "ENDED");
    let unknown = kernel::revoke_delegation(&mut desk.app, desk.tenant, uuid::Uuid::now_v7()).await;
    assert_eq!(unknown.unwrap(), "UNKNOWN");
    desk.holds().await;
}
