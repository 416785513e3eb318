//! Another tenant's rows. The setting that names a tenant is a fence for reads; whoever has SQL can set it. Writing is
//! behind the functions, which look at the tenant that they are given and at no setting.

use sqlx::{AssertSqlSafe, Executor};

use super::{Attack, FORBIDDEN, tables};
use crate::support::kernel::{self, Asked};
use crate::support::{DEMO, assert_at_rest};

impl Attack {
    /// A second tenant, like the first, where something happened too.
    async fn another_tenant(&mut self) -> uuid::Uuid {
        let token = crate::support::Token::of("admin-2", &["admin"]).in_tenant("other");
        let document = DEMO.replace("tenant: demo", "tenant: other");
        self.world
            .client(token)
            .await
            .apply(&document, 0)
            .await
            .unwrap();
        let other = kernel::tenant_of(&mut self.app, "other").await;
        let wish = [Asked::of("fl-101", "flowers", "zoe", 4500)];
        kernel::admit(&mut self.app, other, &wish).await.unwrap();
        sqlx::query("select largesse.customer_keys($1, '{zoe}', array[sha256('x')])")
            .bind(other)
            .execute(&mut self.app)
            .await
            .unwrap();
        other
    }

    /// How many rows of each table the service's role sees now.
    async fn seen(&mut self) -> Vec<(String, i64)> {
        let mut seen = Vec::new();
        for table in tables(&mut self.world.sql().await).await {
            if table != "tenant_names" && table != "_sqlx_migrations" {
                let count = AssertSqlSafe(format!("select count(*) from largesse.{table}"));
                seen.push((
                    table,
                    sqlx::query_scalar(count)
                        .fetch_one(&mut self.app)
                        .await
                        .unwrap(),
                ));
            }
        }
        seen
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_naming_a_tenant_nothing_is_seen() {
    let mut attack = Attack::begin().await;
    attack.another_tenant().await;
    for setting in ["reset largesse.tenant", "set largesse.tenant = ''"] {
        attack.run(setting).await;
        for (table, rows) in attack.seen().await {
            assert_eq!(rows, 0, "{table} after {setting}");
        }
    }
    attack.run("set row_security = off").await;
    attack
        .refused("select * from largesse.gestures", FORBIDDEN)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn naming_a_tenant_shows_that_one_alone() {
    let mut attack = Attack::begin().await;
    let other = attack.another_tenant().await;
    attack
        .run(&format!("set largesse.tenant = '{other}'"))
        .await;
    let mut sql = attack.world.sql().await;
    for (table, rows) in attack.seen().await {
        let count = format!("select count(*) from largesse.{table} where tenant_id = '{other}'");
        let expected: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut sql)
            .await
            .unwrap();
        assert_eq!(rows, expected, "{table}");
    }
    // nor by a condition that would run before the fence
    let told: i64 = sqlx::query_scalar("select count(*) from largesse.gestures where (tenant_id::text || state) like '%' or 1 / (seq - seq) = 1")
        .fetch_one(&mut attack.app)
        .await
        .unwrap();
    assert_eq!(told, 1);
}

/// The setting opens no door for writing: not for its tenant, and not for another.
#[tokio::test(flavor = "multi_thread")]
async fn naming_a_tenant_does_not_help_to_write() {
    let mut attack = Attack::begin().await;
    let other = attack.another_tenant().await;
    attack.untouched = super::fingerprint(&attack.world).await;
    for tenant in [attack.tenant, other] {
        attack
            .run(&format!("set largesse.tenant = '{tenant}'"))
            .await;
        for table in tables(&mut attack.world.sql().await).await {
            attack
                .refused(&format!("delete from largesse.{table}"), FORBIDDEN)
                .await;
            attack
                .refused(
                    &format!("insert into largesse.{table} default values"),
                    FORBIDDEN,
                )
                .await;
        }
    }
    attack.has_changed_nothing().await;
}

/// A gesture, an agent, a case or a replacement of one tenant is unknown to the other, though the ids are the same.
#[tokio::test(flavor = "multi_thread")]
async fn one_tenants_ids_mean_nothing_in_another() {
    let mut attack = Attack::begin().await;
    let other = attack.another_tenant().await;
    let given = attack.given.clone();
    let cancelled = [kernel::Cancelled {
        id: given.id,
        actor: "fl-101".into(),
        etag: 1,
    }];
    let told = kernel::cancel(&mut attack.app, other, &cancelled)
        .await
        .unwrap();
    assert_eq!(told, [Some(("UNKNOWN".into(), None, None))]);
    let replacing = Asked {
        replaces: Some(given.id),
        ..Asked::of("fl-101", "flowers", "ida", 2000)
    };
    let answer = kernel::preview(&mut attack.app, other, &replacing)
        .await
        .unwrap();
    assert_eq!(answer.reasons[0]["code"], "REPLACES_UNKNOWN");
    // the same id again, in the other tenant: another gesture, charged there
    let answers = kernel::admit(&mut attack.app, other, &[given])
        .await
        .unwrap();
    assert!(!answers[0].replayed);
    assert_at_rest(&mut attack.world.sql().await).await;
}

/// What the fence hides is not told by an error either.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_tells_nothing_of_a_hidden_row() {
    let mut attack = Attack::begin().await;
    attack.another_tenant().await;
    attack.run("reset largesse.tenant").await;
    for condition in [
        "1 / (amount_minor - amount_minor) = 1",
        "customer_id::int = 1",
        "set_config('x.y', customer_id, false) = ''",
    ] {
        let count = AssertSqlSafe(format!(
            "select count(*) from largesse.gestures where {condition}"
        ));
        let told: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut attack.app)
            .await
            .unwrap();
        assert_eq!(told, 0, "{condition}");
    }
    let estimates = attack
        .app
        .fetch_all("select * from pg_stats where schemaname = 'largesse'")
        .await
        .unwrap();
    assert!(
        estimates.is_empty(),
        "the planner's statistics hold values of rows"
    );
}
