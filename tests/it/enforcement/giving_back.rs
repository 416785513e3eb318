//! More than the limits allow, by giving back what was never taken, or by amounts, ids and versions that are not what they
//! seem. `overspend` has the straight ways.

use super::overspend::flowers;
use super::{Attack, MALFORMED};
use crate::support::kernel::{self, Asked, Cancelled, sqlstate};

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
