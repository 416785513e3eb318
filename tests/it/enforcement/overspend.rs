//! More than the limits allow. fl-102 of the demo may give one customer 150.00 EUR in a month: two times flowers of
//! 50.00 EUR with a tolerance of a tenth, and not a third.

use sqlx::{Connection, Executor};

use super::{Attack, MALFORMED};
use crate::support::kernel::{self, Answer, Asked, Cancelled, sqlstate};
use crate::support::{assert_at_rest, wait_for_waiters, wait_until};

fn flowers() -> Asked {
    Asked::of("fl-102", "flowers", "kim", 5000)
}

fn granted(answers: &[Answer]) -> usize {
    answers
        .iter()
        .filter(|answer| answer.outcome == "APPROVED" && !answer.replayed)
        .count()
}

impl Attack {
    /// How many more of the flowers are granted; then everything must hold.
    async fn grants(&mut self, batch: &[Asked]) -> usize {
        let answers = kernel::admit(&mut self.app, self.tenant, batch)
            .await
            .unwrap();
        granted(&answers)
    }

    async fn holds(&mut self) {
        assert_at_rest(&mut self.world.sql().await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_one_by_one() {
    let mut attack = Attack::begin().await;
    let mut total = 0;
    for _ in 0..6 {
        total += attack.grants(&[flowers()]).await;
    }
    assert_eq!(total, 2);
    attack.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_in_one_batch() {
    let mut attack = Attack::begin().await;
    let batch: Vec<Asked> = (0..512).map(|_| flowers()).collect();
    assert_eq!(attack.grants(&batch).await, 2);
    attack.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_within_one_transaction() {
    let mut attack = Attack::begin().await;
    attack.run("begin").await;
    let mut total = 0;
    for _ in 0..4 {
        attack.run("savepoint s").await;
        total += attack.grants(&[flowers()]).await;
    }
    attack.run("commit").await;
    assert_eq!(total, 2);
    attack.holds().await;
}

/// What is rolled back was never given, and what follows it starts from what is there.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_rolling_back_to_before_the_charge() {
    let mut attack = Attack::begin().await;
    let wish = flowers();
    attack.run("begin").await;
    attack.run("savepoint s").await;
    assert_eq!(attack.grants(std::slice::from_ref(&wish)).await, 1);
    attack.run("rollback to s").await;
    assert_eq!(attack.grants(&[flowers(), flowers(), flowers()]).await, 2);
    assert_eq!(attack.grants(&[wish]).await, 0);
    attack.run("commit").await;
    attack.holds().await;
}

/// Two open transactions, neither of which sees what the other has charged.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_two_transactions_that_do_not_see_each_other() {
    for first_commits in [true, false] {
        let mut attack = Attack::begin().await;
        let mut other = attack.world.sql_as_app().await;
        attack.run("begin").await;
        assert_eq!(attack.grants(&[flowers(), flowers()]).await, 2);
        let tenant = attack.tenant;
        let second = tokio::spawn(async move {
            kernel::admit(&mut other, tenant, &[flowers(), flowers()])
                .await
                .unwrap()
        });
        let mut sql = attack.world.sql().await;
        wait_for_waiters(&mut sql, 1).await;
        attack
            .run(if first_commits { "commit" } else { "rollback" })
            .await;
        let expected = if first_commits { 0 } else { 2 };
        assert_eq!(
            granted(&second.await.unwrap()),
            expected,
            "first committed: {first_commits}"
        );
        attack.holds().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_the_same_id_twice_in_a_batch() {
    let mut attack = Attack::begin().await;
    let wish = flowers();
    let refused = kernel::admit(&mut attack.app, attack.tenant, &[wish.clone(), wish]).await;
    assert_eq!(sqlstate(&refused.unwrap_err()), MALFORMED);
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_an_amount_that_gives_back() {
    let mut attack = Attack::begin().await;
    for amount in [0, -1, -5000, i64::MIN, i64::MAX, 1_000_000_000_001] {
        let wish = Asked {
            amount,
            ..flowers()
        };
        let refused = kernel::admit(&mut attack.app, attack.tenant, &[flowers(), wish]).await;
        assert_eq!(sqlstate(&refused.unwrap_err()), MALFORMED, "{amount}");
    }
    attack.has_changed_nothing().await;
}

/// Large amounts, each of them allowed in form, whose sum does not fit into a bigint.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_a_sum_that_overflows() {
    let mut attack = Attack::begin().await;
    let batch: Vec<Asked> = (0..512)
        .map(|_| Asked {
            amount: 1_000_000_000_000,
            ..flowers()
        })
        .collect();
    assert_eq!(attack.grants(&batch).await, 0);
    attack.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_cancelling_twice() {
    let mut attack = Attack::begin().await;
    let batch = [flowers(), flowers()];
    assert_eq!(attack.grants(&batch).await, 2);
    let cancel = |etag| {
        [Cancelled {
            id: batch[0].id,
            actor: "fl-102".into(),
            etag,
        }]
    };
    assert_eq!(
        kernel::cancel(&mut attack.app, attack.tenant, &cancel(1))
            .await
            .unwrap(),
        [None]
    );
    for etag in [1, 2, 3] {
        let told = kernel::cancel(&mut attack.app, attack.tenant, &cancel(etag))
            .await
            .unwrap();
        assert!(told[0].is_some(), "{etag}");
    }
    let twice = [cancel(2)[0].clone(), cancel(2)[0].clone()];
    let refused = kernel::cancel(&mut attack.app, attack.tenant, &twice)
        .await
        .unwrap_err();
    assert_eq!(sqlstate(&refused), MALFORMED);
    assert_eq!(attack.grants(&[flowers(), flowers()]).await, 1);
    attack.holds().await;
}

/// A colleague's hold is not theirs to give back; the reporting line above may.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_cancelling_what_another_gave() {
    let mut attack = Attack::begin().await;
    let given = attack.given.id;
    for actor in ["fl-102", "duty", "nobody", "admin-1"] {
        let told = kernel::cancel(
            &mut attack.app,
            attack.tenant,
            &[Cancelled {
                id: given,
                actor: actor.into(),
                etag: 1,
            }],
        )
        .await
        .unwrap();
        assert_eq!(told[0].as_ref().unwrap().0, "FORBIDDEN", "{actor}");
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_another_agents_budget_policy_or_own_account() {
    let mut attack = Attack::begin().await;
    let batch = [
        Asked {
            budget: Some("care".into()),
            ..flowers()
        },
        Asked {
            agent: "fl-101".into(),
            customer: "c-fl-101".into(),
            ..flowers()
        },
        Asked {
            kind: "yacht".into(),
            amount: 100,
            ..flowers()
        },
        Asked {
            amount: 12001,
            agent: "mg-301".into(),
            ..flowers()
        },
    ];
    let answers = kernel::admit(&mut attack.app, attack.tenant, &batch)
        .await
        .unwrap();
    let codes: Vec<&str> = answers
        .iter()
        .map(|answer| answer.reasons[0]["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "BUDGET_NOT_ALLOWED",
            "OWN_ACCOUNT",
            "KIND_NOT_OFFERED",
            "AMOUNT_OUT_OF_RANGE"
        ]
    );
    attack.holds().await;
}

/// An answered id repeats its answer and charges nothing; with other terms it is refused.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_asking_again_under_a_known_id() {
    let mut attack = Attack::begin().await;
    let given = attack.given.clone();
    let other = Asked {
        amount: 1500,
        ..given.clone()
    };
    for (wish, outcome) in [(given, "APPROVED"), (other, "REUSED")] {
        for _ in 0..3 {
            let answers =
                kernel::admit(&mut attack.app, attack.tenant, std::slice::from_ref(&wish))
                    .await
                    .unwrap();
            assert_eq!(
                (answers[0].outcome.as_str(), answers[0].replayed),
                (outcome, outcome == "APPROVED")
            );
        }
    }
    attack.has_changed_nothing().await;
}

/// A tombstone is for ever: the late original finds its id given up.
#[tokio::test(flavor = "multi_thread")]
async fn not_under_an_id_that_was_given_up() {
    let mut attack = Attack::begin().await;
    let wish = flowers();
    let told = kernel::resolve(&mut attack.app, attack.tenant, wish.id, "fl-102")
        .await
        .unwrap();
    assert_eq!(told, "NEVER_HAPPENED");
    let answers = kernel::admit(&mut attack.app, attack.tenant, &[wish])
        .await
        .unwrap();
    assert_eq!(answers[0].outcome, "TOMBSTONED");
    attack.holds().await;
}

/// A higher limit can be applied, by whoever speaks as an administrator; the trail then shows it as a version.
#[tokio::test(flavor = "multi_thread")]
async fn a_raised_limit_is_a_version_that_the_trail_shows() {
    let mut attack = Attack::begin().await;
    let mut sql = attack.world.sql().await;
    let mut document: serde_json::Value =
        sqlx::query_scalar("select document from largesse.configurations where version = 1")
            .fetch_one(&mut sql)
            .await
            .unwrap();
    document["levels"][0]["maxima"][3]["amount_minor"] = 60000.into();
    document["levels"][0]["maxima"][4]["amount_minor"] = 60000.into();
    document["levels"][0]["maxima"][3]["count"] = 10.into();
    let stale = kernel::apply(&mut attack.app, "demo", 0, &document)
        .await
        .unwrap_err();
    assert_eq!(sqlstate(&stale), "LG409");
    kernel::apply(&mut attack.app, "demo", 1, &document)
        .await
        .unwrap();
    assert_eq!(attack.grants(&[flowers(), flowers(), flowers()]).await, 3);
    let events: i64 = sqlx::query_scalar(
        "select count(*) from largesse.events where type = 'CONFIGURATION_APPLIED' and configuration_version = 2
            and session_role = 'largesse_app'",
    )
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert_eq!(events, 1);
    attack.holds().await;
}

/// The connection is cut at every place of a transaction that spends: all of it is there, or nothing.
#[tokio::test(flavor = "multi_thread")]
async fn not_by_leaving_in_the_middle() {
    let mut attack = Attack::begin().await;
    for _ in 0..5 {
        let mut leaver = attack.world.sql_as_app().await;
        leaver.execute("begin").await.unwrap();
        kernel::admit(&mut leaver, attack.tenant, &[flowers()])
            .await
            .unwrap();
        leaver.close_hard().await.unwrap();
    }
    let mut sql = attack.world.sql().await;
    wait_until(&mut sql, "state = 'idle in transaction'", 0).await;
    attack.has_changed_nothing().await;
}
