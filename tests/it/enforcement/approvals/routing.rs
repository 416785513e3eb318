//! Asking whom nobody would ask, sooner or for shorter than the rule says. A wrong route costs time and never money, and not
//! even time beyond the question's end.

use chrono::TimeDelta;

use super::basket;
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Until, sqlstate};

#[tokio::test(flavor = "multi_thread")]
async fn not_of_somebody_who_does_not_stand_above() {
    let mut desk = Desk::open().await;
    let (_, seen) = desk.request(&basket("fl-1", "ida", 7000)).await;
    desk.suspends("mg-2").await;
    let until = Until {
        answer_by: desk.within(60),
        due_at: Some(desk.within(60)),
        expires_at: Some(desk.within(120)),
    };
    let before = desk.written().await;
    for who in [
        ("fl-1", "LINE"),
        ("fl-1-second", "LINE"),
        ("fl-1-software", "LINE"),
        ("fl-2", "LINE"),
        ("mg-5", "LINE"),
        ("ld-1-second", "LINE"),
        ("mg-2", "LINE"),
        ("nobody", "LINE"),
        ("", "LINE"),
        ("duty", "LINE"),
        ("ld-1", "POOL"),
        ("pm-1", "POOL"),
        ("mg-1", "REASSIGNED"),
        ("mg-1", ""),
    ] {
        for agents in [
            vec![who],
            vec![("ld-1", "LINE"), who],
            vec![who, ("ld-1", "LINE")],
        ] {
            let told = kernel::ask(&mut desk.app, desk.tenant, seen.id, 0, &agents, until).await;
            let told = told.unwrap_or_else(|error| sqlstate(&error));
            // no name, or no word, where there is one of the other
            let is_malformed = agents.len() == 1 && (who.0.is_empty() || who.1.is_empty());
            let expected = if is_malformed { "LG400" } else { "UNFIT" };
            assert_eq!(told, expected, "{agents:?}");
        }
    }
    assert_eq!(desk.written().await, before);
    desk.holds().await;
}

/// Steps of many questions are taken together, each as if it were alone: what one cannot do concerns nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn not_for_others_where_one_cannot_be_taken() {
    let mut desk = Desk::open().await;
    let mut open = Vec::new();
    for customer in ["ida", "jo", "kim", "lea"] {
        let (_, seen) = desk.request(&basket("fl-1", customer, 7000)).await;
        open.push(seen.id);
    }
    let until = Until {
        answer_by: desk.within(60),
        due_at: Some(desk.within(60)),
        expires_at: Some(desk.within(120)),
    };
    let step = |place: usize, step: i32, agents: &[&'static str]| kernel::Step {
        id: open[place],
        step,
        agents: agents.iter().map(|agent| (*agent, "LINE")).collect(),
        until,
    };
    let unknown = kernel::Step {
        id: uuid::Uuid::now_v7(),
        ..step(0, 0, &["ld-1"])
    };
    let steps = [
        step(3, 0, &["ld-1", "mg-1"]),
        step(0, 0, &["ld-1", "fl-2"]),
        step(1, 1, &["ld-1"]),
        unknown,
        step(2, 0, &["mg-1"]),
    ];
    let told = kernel::ask_all(&mut desk.app, desk.tenant, &steps).await;
    assert_eq!(told.unwrap(), ["ASKED", "UNFIT", "STALE", "STALE", "ASKED"]);
    let mut asked = Vec::new();
    for id in &open {
        let question = kernel::question(&mut desk.app, desk.tenant, *id).await;
        let question = question.unwrap().unwrap();
        asked.push((question.step, question.asked));
    }
    let of = |agents: &[&str]| agents.iter().map(|&agent| agent.to_owned()).collect();
    assert_eq!(
        asked,
        [
            (0, of(&[])),
            (0, of(&[])),
            (1, of(&["mg-1"])),
            (1, of(&["ld-1", "mg-1"])),
        ]
    );
    let events: Vec<(uuid::Uuid, i32)> = sqlx::query_as(
        "select gesture_id, ordinal from largesse.events where type = 'ASKED' order by batch_id, ordinal",
    )
    .fetch_all(&mut desk.sql)
    .await
    .unwrap();
    assert_eq!(
        events,
        [(open[3], 1), (open[2], 2)],
        "one batch, in their order"
    );
    desk.holds().await;
}

/// Of two who take the same step one does, and the next is not taken before it is due.
#[tokio::test(flavor = "multi_thread")]
async fn not_twice_and_not_too_early() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let before = desk.written().await;
    for step in [-1, 0, 1, 2] {
        let told = desk.try_to_ask(seen.id, step, &["mg-1"]).await;
        match told {
            Ok(told) => assert_eq!(told, "STALE", "{step}"),
            Err(error) => assert_eq!(sqlstate(&error), "LG400", "{step}"),
        }
    }
    assert_eq!(desk.written().await, before);
    desk.later(60).await;
    desk.ask(seen.id, 1, &["mg-1"]).await;
    // due again, and seen before somebody else took the step
    desk.later(60).await;
    let before = desk.written().await;
    for step in [0, 1, 3] {
        let told = desk.try_to_ask(seen.id, step, &["mg-2"]).await;
        assert_eq!(told.unwrap(), "STALE", "{step}");
    }
    assert_eq!(desk.written().await, before);
    desk.approves(&Answering::yes("ld-1", &seen)).await;
    let before = desk.written().await;
    for step in [0, 1, 2] {
        assert_eq!(
            desk.try_to_ask(seen.id, step, &["mg-1"]).await.unwrap(),
            "STALE"
        );
    }
    assert_eq!(desk.written().await, before);
}

/// A question is open for as long as its rule says, and its next step comes before its end.
#[tokio::test(flavor = "multi_thread")]
async fn not_for_shorter_than_the_rule_says_and_not_beyond_its_end() {
    let mut desk = Desk::open().await;
    let (_, seen) = desk.request(&basket("fl-1", "ida", 7000)).await;
    let good = Until {
        answer_by: desk.within(60),
        due_at: Some(desk.within(60)),
        expires_at: Some(desk.within(120)),
    };
    let before = desk.written().await;
    for until in [
        Until {
            expires_at: None,
            ..good
        },
        Until {
            expires_at: Some(desk.within(120) - TimeDelta::seconds(1)),
            ..good
        },
        Until {
            expires_at: Some(desk.within(0)),
            ..good
        },
        Until {
            due_at: None,
            ..good
        },
        Until {
            due_at: Some(desk.within(121)),
            ..good
        },
        Until {
            due_at: Some(desk.within(60 * 24 * 365)),
            ..good
        },
    ] {
        let told = kernel::ask(
            &mut desk.app,
            desk.tenant,
            seen.id,
            0,
            &[("ld-1", "LINE")],
            until,
        )
        .await;
        assert_eq!(told.unwrap(), "UNFIT", "{until:?}");
    }
    assert_eq!(desk.written().await, before);
    desk.ask(seen.id, 0, &["ld-1"]).await;

    // once said, the end stays
    desk.later(60).await;
    for due_at in [None, Some(desk.within(61))] {
        let until = Until { due_at, ..good };
        let told = kernel::ask(&mut desk.app, desk.tenant, seen.id, 1, &[], until).await;
        assert_eq!(told.unwrap(), "UNFIT", "{until:?}");
    }
    let until = Until {
        due_at: Some(desk.within(60)),
        expires_at: Some(desk.within(600)),
        ..good
    };
    let told = kernel::ask(
        &mut desk.app,
        desk.tenant,
        seen.id,
        1,
        &[("mg-1", "LINE")],
        until,
    )
    .await;
    assert_eq!(told.unwrap(), "ASKED");
    let question = kernel::question(&mut desk.app, desk.tenant, seen.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(question.expires_at, Some(desk.within(60)));
    assert_eq!((question.step, question.asked.len()), (2, 2));
    desk.holds().await;
}

/// A no without asking anybody is for questions that nobody could answer, and for nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn not_declined_where_somebody_could_say_yes() {
    let mut desk = Desk::open().await;
    let mut pairs = Vec::new();
    for (agent, amount, told) in [
        ("fl-1", 7000, "ABLE"),
        ("fl-1", 25000, "ABLE"),
        ("fl-4", 7000, "ABLE"),
        ("mg-1", 25000, "ABLE"),
        // one above alone, and two are needed
        ("mg-2", 25000, "DECLINED"),
        // nobody above, and the pool is no person
        ("top-1", 25000, "DECLINED"),
        ("fl-1-second", 20001, "DECLINED"),
    ] {
        pairs.push((basket(agent, &format!("of-{agent}-{amount}"), amount), told));
    }
    for (asked, expected) in pairs {
        let (outcome, seen) = desk.request(&asked).await;
        assert_eq!(outcome, "NEEDS_APPROVAL", "{asked:?}");
        let before = desk.written().await;
        for step in [1, -1] {
            let told =
                kernel::decline_unanswerable(&mut desk.app, desk.tenant, seen.id, step).await;
            assert_eq!(told.unwrap(), "STALE");
        }
        assert_eq!(desk.written().await, before);
        let told = kernel::decline_unanswerable(&mut desk.app, desk.tenant, seen.id, 0).await;
        assert_eq!(told.unwrap(), expected, "{asked:?}");
        if expected == "ABLE" {
            assert_eq!(desk.written().await, before);
        }
        let again = kernel::decline_unanswerable(&mut desk.app, desk.tenant, seen.id, 0).await;
        assert_eq!(
            again.unwrap(),
            if expected == "ABLE" { "ABLE" } else { "STALE" }
        );
    }
    // nor where somebody was asked already, or somebody able is only away or has no room for the moment
    let seen = desk.seventy(&["ld-1"]).await;
    let told = kernel::decline_unanswerable(&mut desk.app, desk.tenant, seen.id, 0).await;
    assert_eq!(told.unwrap(), "STALE");
    let until = Some(desk.within(600));
    kernel::set_away(&mut desk.app, desk.tenant, "mg-1", until)
        .await
        .unwrap();
    let (_, seen) = desk.request(&basket("mg-1", "jo", 25000)).await;
    let told = kernel::decline_unanswerable(&mut desk.app, desk.tenant, seen.id, 0).await;
    assert_eq!(told.unwrap(), "ABLE");
    desk.holds().await;
}

/// What routing proposes from agrees with what an answer is held against.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_say_yes_can_and_nobody_else() {
    let mut desk = Desk::open().await;
    for (amount, able) in [
        (7000, vec!["ld-1", "mg-1", "mg-2", "top-1", "duty"]),
        (12000, vec!["ld-1", "mg-1", "mg-2", "top-1"]),
        (16000, vec!["mg-1", "mg-2", "top-1"]),
    ] {
        let asked = basket("fl-1", &format!("of-{amount}"), amount);
        let found = kernel::candidates(&mut desk.app, desk.tenant, &asked)
            .await
            .unwrap();
        let found: Vec<&str> = found
            .iter()
            .filter(|one| one.is_able && one.fits_now)
            .map(|one| one.agent.as_str())
            .collect();
        assert_eq!(found, able);
        let everybody = ["ld-1", "mg-1", "mg-2", "top-1", "duty"];
        let seen = desk.waiting(&asked, &everybody).await;
        for agent in everybody {
            let actor = if agent == "duty" { "pm-1" } else { agent };
            let yes = Answering::yes(actor, &seen).in_the_authority_of(agent);
            let expected = if able.contains(&agent) {
                "APPROVED"
            } else {
                "REFUSED"
            };
            assert_eq!(
                desk.stands(&yes, agent).await.0,
                expected,
                "{agent} {amount}"
            );
            if expected == "REFUSED" {
                desk.refuses(&yes, "REFUSED").await;
            }
        }
    }
    desk.holds().await;
}
