//! Looking like something else: tables and functions in front of the kernel's own, settings that twist its statements,
//! another role, another session.

use sqlx::{AssertSqlSafe, Executor};

use super::{Attack, FORBIDDEN, MALFORMED, tables};
use crate::support::kernel::{self, Asked, sqlstate};

#[tokio::test(flavor = "multi_thread")]
async fn no_temporary_table_is_made() {
    let mut attack = Attack::begin().await;
    for statement in [
        "create temporary table counters (like largesse.counters)",
        "create temporary view limits as select 1",
        "create temporary sequence heads",
        "select 1 as n into temporary table limits",
        "create table pg_temp.limits (n int)",
        "create function pg_temp.now() returns timestamptz language sql return clock_timestamp()",
    ] {
        attack.refused(statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}

/// Where somebody gave the right to make temporary tables after all, they change no decision.
#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_table_named_like_a_core_table_deceives_nobody() {
    let mut attack = Attack::begin().await;
    let mut sql = attack.world.sql().await;
    sql.execute(
        "do $$ begin execute format('grant temporary on database %I to largesse_app', current_database()); end $$",
    )
    .await
    .unwrap();
    for table in tables(&mut sql).await {
        attack
            .run(&format!(
                "create temporary table {table} (like largesse.{table} including defaults)"
            ))
            .await;
        attack
            .run(&format!("grant all on pg_temp.{table} to public"))
            .await;
    }
    // a roomy world of the attacker's own
    attack.run("set largesse.tenant = ''").await;
    attack
        .run(&format!("set largesse.tenant = '{}'", attack.tenant))
        .await;
    attack
        .run("insert into pg_temp.limits select * from largesse.limits")
        .await;
    attack
        .run("update pg_temp.limits set hard_minor = 1000000000000000000, hard_count = 2147483647")
        .await;
    attack
        .run("insert into pg_temp.maxima select * from largesse.maxima")
        .await;
    attack
        .run("update pg_temp.maxima set max_minor = 1000000000000000000, max_count = 2147483647")
        .await;
    attack.run("set search_path = pg_temp, largesse").await;
    let baskets: Vec<Asked> = (0..40)
        .map(|_| Asked::of("fl-102", "flowers", "kim", 5000))
        .collect();
    let answers = kernel::admit(&mut attack.app, attack.tenant, &baskets)
        .await
        .unwrap();
    let granted = answers
        .iter()
        .filter(|answer| answer.outcome == "APPROVED")
        .count();
    assert_eq!(granted, 2, "150.00 for one customer: two of 55.00");
    let (rows,): (i64,) = sqlx::query_as(
        "select (select count(*) from pg_temp.gestures) + (select count(*) from pg_temp.counters)",
    )
    .fetch_one(&mut attack.app)
    .await
    .unwrap();
    assert_eq!(rows, 0, "nothing was written into the disguise");
    sql.execute(
        "do $$ begin execute format('revoke temporary on database %I from largesse_app', current_database()); end $$",
    )
    .await
    .unwrap();
    attack.run("discard temp").await;
    crate::support::assert_at_rest(&mut sql).await;
}

/// Every setting that could change how a statement of the kernel is read, planned or compared.
const SETTINGS: &[&str] = &[
    "search_path = pg_temp",
    "search_path = public, pg_catalog",
    "search_path = ''",
    "largesse.tenant = '00000000-0000-0000-0000-000000000000'",
    "largesse.tenant = 'nobody'",
    "TimeZone = 'Pacific/Kiritimati'",
    "DateStyle = 'German, DMY'",
    "IntervalStyle = 'sql_standard'",
    "standard_conforming_strings = off",
    "backslash_quote = on",
    "array_nulls = off",
    "transform_null_equals = on",
    "bytea_output = 'escape'",
    "extra_float_digits = -15",
    "quote_all_identifiers = on",
    "row_security = off",
    "check_function_bodies = off",
    "enable_indexscan = off",
    "enable_nestloop = off",
    "enable_seqscan = on",
    "enable_hashagg = off",
    "enable_sort = off",
    "from_collapse_limit = 1",
    "join_collapse_limit = 1",
    "geqo_threshold = 2",
    "plan_cache_mode = force_custom_plan",
    "constraint_exclusion = on",
    "work_mem = '64kB'",
    "statement_timeout = 0",
    "lock_timeout = 0",
    "synchronous_commit = off",
    "client_encoding = 'LATIN1'",
    "xmloption = document",
    "default_text_search_config = 'pg_catalog.simple'",
    "debug_parallel_query = on",
    "force_parallel_mode = on",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_setting_of_the_session_changes_an_answer() {
    let mut attack = Attack::begin().await;
    let wishes = || -> Vec<Asked> {
        [4500, 5500, 6100, 1400, 1500]
            .map(|amount| Asked {
                waived: vec!["return-window-15-days".into()],
                ..Asked::of("fl-102", "flowers", "kim", amount)
            })
            .into()
    };
    let mut expected = None;
    for setting in SETTINGS {
        let mut app = attack.world.sql_as_app().await;
        if let Err(error) = app.execute(AssertSqlSafe(format!("set {setting}"))).await {
            // some are of another version of Postgres, some are the superuser's
            assert!(
                ["42704", FORBIDDEN].contains(&sqlstate(&error).as_str()),
                "{setting}: {error}"
            );
            continue;
        }
        app.execute("begin").await.unwrap();
        let told = kernel::admit(&mut app, attack.tenant, &wishes()).await;
        // the owner is behind its own fence, so a session that wants no fence gets no answer
        if *setting == "row_security = off" {
            assert_eq!(sqlstate(&told.unwrap_err()), FORBIDDEN);
            continue;
        }
        let told = told.unwrap_or_else(|error| panic!("{setting}: {error}"));
        app.execute("rollback").await.unwrap();
        let previewed = kernel::preview(&mut app, attack.tenant, &wishes()[2]).await;
        assert_eq!(previewed.unwrap().outcome, "NEEDS_APPROVAL", "{setting}");
        assert_eq!(
            *expected.get_or_insert_with(|| told.clone()),
            told,
            "{setting}"
        );
    }
    attack.has_changed_nothing().await;
}

/// An older snapshot would not see what the locks waited for.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_decided_on_an_old_snapshot() {
    let mut attack = Attack::begin().await;
    for isolation in ["repeatable read", "serializable"] {
        attack
            .run(&format!("begin isolation level {isolation}"))
            .await;
        let wish = [Asked::of("fl-101", "flowers", "kim", 2000)];
        let refused = kernel::admit(&mut attack.app, attack.tenant, &wish)
            .await
            .unwrap_err();
        assert_eq!(sqlstate(&refused), MALFORMED);
        attack.run("rollback").await;
        attack
            .run(&format!("begin isolation level {isolation}"))
            .await;
        let refused = kernel::suspend(&mut attack.app, attack.tenant, "fl-101", true)
            .await
            .unwrap_err();
        assert_eq!(sqlstate(&refused), MALFORMED);
        attack.run("rollback").await;
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_another_role() {
    let mut attack = Attack::begin().await;
    for statement in [
        "set role largesse_owner",
        "set role postgres",
        "set session authorization largesse_owner",
        "set session authorization postgres",
        "grant largesse_owner to largesse_app",
        "alter role largesse_app superuser",
        "alter role largesse_app bypassrls",
        "alter role largesse_owner login",
        "create role mine",
        "reassign owned by largesse_owner to largesse_app",
        "alter role largesse_app set row_security = off; grant pg_write_all_data to largesse_app",
        "set session_replication_role = replica",
        "set local session_replication_role = replica",
        "alter system set fsync = off",
        "set plpgsql.variable_conflict = use_column",
    ] {
        attack.refused(statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}

/// The caller says who acts; the database says who was connected. The second part cannot be dictated.
#[tokio::test(flavor = "multi_thread")]
async fn session_facts_are_not_forged() {
    let mut attack = Attack::begin().await;
    attack.run("set application_name = 'postgres'").await;
    attack.run("set largesse.session_role = 'postgres'").await;
    attack.run("select set_config('role', 'none', false), set_config('largesse.session_user', 'mg-301', false)").await;
    let wish = [Asked::of("mg-301", "flowers", "kim", 2000)];
    kernel::admit(&mut attack.app, attack.tenant, &wish)
        .await
        .unwrap();
    let facts: (String, String, String) = sqlx::query_as(
        "select actor, session_role, session_address from largesse.events where gesture_id = $1",
    )
    .bind(wish[0].id)
    .fetch_one(&mut attack.world.sql().await)
    .await
    .unwrap();
    assert_eq!(
        facts,
        ("mg-301".into(), "largesse_app".into(), "local".into())
    );
}
