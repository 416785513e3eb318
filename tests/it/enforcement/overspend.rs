//! More than the limits allow. fl-102 of the demo may give one customer 150.00 EUR in a month: two times flowers of
//! 50.00 EUR with a tolerance of a tenth, and not a third.

use sqlx::{Connection, Executor};

use super::{Attack, MALFORMED};
use crate::support::kernel::{self, Answer, Asked, sqlstate};
use crate::support::{assert_at_rest, wait_for_waiters, wait_until};

pub(super) fn flowers() -> Asked {
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
    pub(super) async fn grants(&mut self, batch: &[Asked]) -> usize {
        let answers = kernel::admit(&mut self.app, self.tenant, batch)
            .await
            .unwrap();
        granted(&answers)
    }

    pub(super) async fn holds(&mut self) {
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
