//! Writing where only the kernel writes.

use super::rights::entrances;
use super::{Attack, FORBIDDEN, tables};

/// Every statement that could change a table, for every table of the catalog.
#[tokio::test(flavor = "multi_thread")]
async fn no_table_is_written_by_any_statement() {
    let mut attack = Attack::begin().await;
    let mut sql = attack.world.sql().await;
    for table in tables(&mut sql).await {
        let column: String = sqlx::query_scalar(
            "select attname::text from pg_attribute where attrelid = ('largesse.' || $1)::regclass and attnum = 1",
        )
        .bind(&table)
        .fetch_one(&mut sql)
        .await
        .unwrap();
        for statement in [
            format!("insert into largesse.{table} default values"),
            format!(
                "insert into largesse.{table} ({column}) select {column} from largesse.{table}"
            ),
            format!("update largesse.{table} set {column} = {column}"),
            format!("update largesse.{table} set {column} = default"),
            format!("delete from largesse.{table}"),
            format!("truncate largesse.{table} cascade"),
            format!(
                "merge into largesse.{table} t using (values (1)) x (n) on true when matched then delete"
            ),
            format!("select * from largesse.{table} for update"),
            format!("select * from largesse.{table} for key share"),
            format!("lock table largesse.{table} in share mode"),
            format!("copy largesse.{table} from stdin"),
            format!("with x as (delete from largesse.{table} returning 1) select * from x"),
        ] {
            // lock table asks for a transaction before it asks for a right
            attack.run("begin").await;
            attack.refused(&statement, FORBIDDEN).await;
            attack.run("rollback").await;
        }
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_is_reshaped() {
    let mut attack = Attack::begin().await;
    let mut sql = attack.world.sql().await;
    for table in tables(&mut sql).await {
        for statement in [
            format!("alter table largesse.{table} disable row level security"),
            format!("alter table largesse.{table} add column mine int"),
            format!("alter table largesse.{table} owner to largesse_app"),
            format!("drop table largesse.{table} cascade"),
            format!("create index on largesse.{table} ((1))"),
            format!("create rule mine as on insert to largesse.{table} do instead nothing"),
            format!("create policy mine on largesse.{table} using (true)"),
            format!("comment on table largesse.{table} is 'mine'"),
        ] {
            attack.refused(&statement, FORBIDDEN).await;
        }
        // this one is answered with a warning; the last line looks whether it granted anything
        attack
            .run(&format!("grant all on largesse.{table} to largesse_app"))
            .await;
    }
    attack
        .refused(
            "alter table largesse.counters drop constraint counters_within_ceiling",
            FORBIDDEN,
        )
        .await;
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_not_rewritten() {
    let mut attack = Attack::begin().await;
    let id = attack.given.id;
    for assignment in [
        "charged_minor = '{0,0,0,0,0,0}'",
        "hold_minor = 0",
        "state = 'CANCELLED'",
        "state = 'APPROVED'",
        "decided_at = now() - interval '1 year'",
        "authority = 'mg-301'",
        "amount_minor = 1",
    ] {
        let statement =
            format!("update largesse.gestures set {assignment} where gesture_id = '{id}'");
        attack.refused(&statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_not_rewritten() {
    let mut attack = Attack::begin().await;
    for statement in [
        "update largesse.events set actor = 'mg-301'",
        "update largesse.events set hash = sha256('x')",
        "delete from largesse.events where type = 'APPROVED'",
        "update largesse.batches set head = sha256('x')",
        "update largesse.heads set batch_no = 0, head = sha256('')",
        "delete from largesse.personal",
        "delete from largesse.customer_keys",
        "update largesse.customer_keys set key = sha256('x')",
    ] {
        attack.refused(statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}

/// What is not an entrance is not called, whatever the arguments: the right is asked before the body runs.
#[tokio::test(flavor = "multi_thread")]
async fn no_inner_function_is_called() {
    let mut attack = Attack::begin().await;
    let inner: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select p.proname::text, array(select format_type(t, null) from unnest(p.proargtypes) with ordinality x (t, ord)
             order by ord)
         from pg_proc p
         where p.pronamespace = 'largesse'::regnamespace and p.proname::text <> all ($1)",
    )
    .bind(entrances())
    .fetch_all(&mut attack.world.sql().await)
    .await
    .unwrap();
    assert!(inner.len() > 80, "{}", inner.len());
    for (name, types) in inner {
        let arguments: Vec<String> = types.iter().map(|kind| format!("null::{kind}")).collect();
        attack.run("set search_path = largesse").await;
        let statement = format!("select * from largesse.{name}({})", arguments.join(", "));
        attack.refused(&statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_is_replaced() {
    let mut attack = Attack::begin().await;
    for statement in [
        "create or replace function largesse.now() returns timestamptz language sql return '2030-01-01'::timestamptz",
        "drop function largesse.charge",
        "alter function largesse.admit security invoker",
        "alter function largesse.admit set search_path = public",
        "alter function largesse.admit owner to largesse_app",
        "grant execute on function largesse.charge to largesse_app",
    ] {
        attack.refused(statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}
