//! Making things that could stay, or reach outside the database.

use super::{Attack, FORBIDDEN};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_in_any_schema() {
    let mut attack = Attack::begin().await;
    let schemas: Vec<String> = sqlx::query_scalar(
        "select nspname::text from pg_namespace where nspname !~ '^pg_(toast|temp)'",
    )
    .fetch_all(&mut attack.world.sql().await)
    .await
    .unwrap();
    assert!(schemas.contains(&"public".into()) && schemas.contains(&"largesse".into()));
    for schema in schemas {
        for statement in [
            format!("create table {schema}.mine (n int)"),
            format!("create table {schema}.mine as select 1"),
            format!("create view {schema}.mine as select 1"),
            format!("create materialized view {schema}.mine as select 1"),
            format!("create sequence {schema}.mine"),
            format!("create function {schema}.mine() returns int language sql return 1"),
            format!("create procedure {schema}.mine() language sql as ''"),
            format!("create type {schema}.mine as (n int)"),
            format!("create domain {schema}.mine as int"),
            format!(
                "create operator {schema}.=== (leftarg = int, rightarg = int, function = int4eq)"
            ),
            format!("create aggregate {schema}.mine (int) (sfunc = int4pl, stype = int)"),
            format!("create collation {schema}.mine from \"C\""),
        ] {
            attack.refused(&statement, FORBIDDEN).await;
        }
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_in_the_database_or_the_cluster() {
    let mut attack = Attack::begin().await;
    for statement in [
        "create schema mine",
        "create extension pgcrypto",
        "create publication mine for table largesse.gestures",
        "create server mine foreign data wrapper postgres_fdw",
        "create event trigger mine on ddl_command_start execute function pg_catalog.current_user()",
        "create language plperlu",
        "create database mine",
        "create tablespace mine location '/tmp'",
        "alter database postgres set search_path = public",
        "alter schema largesse owner to largesse_app",
        "drop schema largesse cascade",
    ] {
        let outcome = sqlx::Executor::execute(&mut attack.app, statement).await;
        let code = crate::support::kernel::sqlstate(&outcome.unwrap_err());
        // what does not exist on the machine is refused for that first
        assert!(
            [FORBIDDEN, "42704", "0A000", "42883"].contains(&code.as_str()),
            "{statement}: {code}"
        );
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_and_no_program_is_reached() {
    let mut attack = Attack::begin().await;
    for statement in [
        "copy (select 1) to program 'id'",
        "copy (select 1) to '/tmp/largesse-mine'",
        "copy largesse.gestures from program 'id'",
        "copy largesse.gestures from '/etc/passwd'",
        "select pg_read_file('/etc/passwd')",
        "select pg_read_binary_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "select pg_stat_file('PG_VERSION')",
        "select lo_import('/etc/passwd')",
        "select lo_export(1, '/tmp/largesse-mine')",
        "load '/tmp/mine.so'",
        "select pg_reload_conf()",
        "select pg_switch_wal()",
        "select pg_create_physical_replication_slot('mine')",
        "select pg_promote()",
        "select pg_rotate_logfile()",
    ] {
        attack.refused(statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}

/// They are in no table, so nobody would ever find or delete them.
#[tokio::test(flavor = "multi_thread")]
async fn no_large_object_is_made() {
    let mut attack = Attack::begin().await;
    for statement in [
        "select lo_create(0)",
        "select lo_creat(-1)",
        "select lo_from_bytea(0, 'hidden')",
    ] {
        attack.refused(statement, FORBIDDEN).await;
    }
    attack.has_changed_nothing().await;
}
