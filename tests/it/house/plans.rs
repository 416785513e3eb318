//! The statements whose speed must not depend on how much there is, and the plans that see to it.

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use uuid::Uuid;

use crate::support::kernel;
use crate::support::{Desk, World};

/// How many gestures there are, and how many of them wait for one approver. (With 1,000,000 and 10,000 the plan is the same,
/// and the first page takes about a millisecond; making them takes most of a minute.)
const GESTURES: i32 = 100_000;
const WAITING: i32 = 10_000;
/// How many batches a trail has, of an event each.
const BATCHES: i32 = 50_000;

/// The text of a statement as the service sends it, by the comment that it begins with.
fn statement(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let marker = format!("-- {name}\n");
    std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
            Some(kept["query"].as_str()?.to_owned())
        })
        .find(|query| query.starts_with(&marker))
        .unwrap()
}

/// Questions for the lead, the rest decided long ago.
async fn fill(sql: &mut PgConnection, tenant: Uuid) {
    sql.execute(AssertSqlSafe(format!(
        "insert into largesse.gestures (tenant_id, gesture_id, state, seq, created_at, updated_at, digest_version,
            request_digest, personal_digest, terms_digest, requested_by, kind, amount_minor, currency, customer_id, budget_id,
            configuration_version)
         select '{tenant}', gen_random_uuid(), case when n <= {WAITING} then 'PENDING_APPROVAL' else 'DECLINED' end, 1,
            now() - n * interval '1 second', now(), 1, '', '', '', 'fl-101', 'flowers', 7000, 'EUR', 'c-' || n % 1000, 'care', 1
         from generate_series(1, {GESTURES}) n;
         insert into largesse.approvals (tenant_id, gesture_id, purpose, opened_at, opened_seq, step, closed_at, closed_seq)
         select tenant_id, gesture_id, 'DECISION', created_at, 1, 1, case when state = 'DECLINED' then now() end,
            case when state = 'DECLINED' then 1 end
         from largesse.gestures where tenant_id = '{tenant}';
         insert into largesse.asks (tenant_id, gesture_id, agent_id, opened_seq, how, asked_at, answer_by, closed_at)
         select tenant_id, gesture_id, 'ld-201', 1, 'LINE', opened_at, opened_at + interval '4 hours', closed_at
         from largesse.approvals where tenant_id = '{tenant}';
         analyze largesse.gestures, largesse.approvals, largesse.asks"
    )))
    .await
    .unwrap();
}

/// Every node of a plan.
fn nodes(plan: &serde_json::Value) -> Vec<&serde_json::Value> {
    let children = plan["Plans"].as_array().into_iter().flatten();
    std::iter::once(plan)
        .chain(children.flat_map(nodes))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_of_a_long_inbox_is_one_range_of_one_index() {
    let world = World::demo().await;
    let tenant: Uuid = sqlx::query_scalar("select tenant_id from largesse.tenant_names")
        .fetch_one(&mut world.sql().await)
        .await
        .unwrap();
    fill(&mut world.sql().await, tenant).await;

    let mut app = world.sql_as_app().await;
    let mut reading = app.begin().await.unwrap();
    reading
        .execute(AssertSqlSafe(format!(
            "set local largesse.tenant = '{tenant}'"
        )))
        .await
        .unwrap();
    let explained = format!(
        "explain (analyze, format json) {}",
        statement("approval::inbox")
    );
    let row = sqlx::query(AssertSqlSafe(explained))
        .bind(tenant)
        .bind("ld-201")
        .bind(None::<chrono::DateTime<chrono::Utc>>)
        .bind(None::<Uuid>)
        .bind(None::<String>)
        .bind(Vec::<String>::new())
        .bind(None::<String>)
        .bind(None::<String>)
        .bind(51_i64)
        .fetch_one(&mut *reading)
        .await
        .unwrap();
    let plan: Json<serde_json::Value> = row.get(0);
    let nodes = nodes(&plan.0[0]["Plan"]);
    let of = |relation: &str| -> Vec<_> {
        let all = nodes.iter();
        all.filter(|node| node["Relation Name"] == relation)
            .collect()
    };
    for relation in ["asks", "gestures", "approvals"] {
        assert!(
            of(relation).iter().all(|node| {
                let kind = node["Node Type"].as_str().unwrap();
                kind == "Index Scan" || kind == "Index Only Scan"
            }),
            "{relation}: {:#}",
            plan.0
        );
    }
    let inbox: Vec<_> = of("asks")
        .into_iter()
        .filter(|node| node["Index Name"] == "asks_open")
        .collect();
    assert!(!inbox.is_empty(), "{:#}", plan.0);
    // Of ten thousand that wait no more are read than the page shows.
    for node in inbox {
        let read = node["Actual Rows"].as_f64().unwrap() * node["Actual Loops"].as_f64().unwrap();
        assert!(read <= 60.0, "{read} rows read: {:#}", plan.0);
    }
}

/// How many tasks of a channel can be leased, and how many are leased or done. (With 1,000,000 the plan is the same, and a lease of
/// ten takes less than a millisecond.)
const TO_BE_DONE: i32 = 50_000;
const DONE: i32 = 50_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_as_fast_with_a_backlog_as_without() {
    let world = World::demo().await;
    let mut sql = world.sql().await;
    let tenant: Uuid = sqlx::query_scalar("select tenant_id from largesse.tenants")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    sql.execute(AssertSqlSafe(format!(
        "insert into largesse.tasks (tenant_id, gesture_id, channel, ready_at)
         select '{tenant}', gen_random_uuid(), 'florist',
            case when n <= {TO_BE_DONE} then now() - n * interval '1 second' end
         from generate_series(1, {TO_BE_DONE} + {DONE}) n;
         analyze largesse.tasks"
    )))
    .await
    .unwrap();
    let holder = "florist-1";
    let before: i64 = rows_read(&mut sql).await;
    for _ in 0..20 {
        let leased = sqlx::query("select * from largesse.lease($1, 'florist', $2, 10, 60)")
            .bind(tenant)
            .bind(holder)
            .fetch_all(&mut sql)
            .await
            .unwrap();
        assert_eq!(leased.len(), 10);
    }
    let read = rows_read(&mut sql).await - before;
    // Ten are found by the one index and met again by the other, and each further lease passes those that were taken before it.
    assert!(
        read <= 20 * 10 * 25,
        "{read} index entries for 20 leases of 10"
    );
}

/// How many entries of the indexes of tasks were read so far.
async fn rows_read(sql: &mut PgConnection) -> i64 {
    sql.execute("select pg_stat_force_next_flush()")
        .await
        .unwrap();
    sqlx::query_scalar(
        "select sum(idx_tup_read)::bigint from pg_stat_user_indexes where relname = 'tasks' and schemaname = 'largesse'",
    )
    .fetch_one(sql)
    .await
    .unwrap()
}

/// A long trail, on tables that nobody ever analysed and on such as are: what is read for a page is what the page shows.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_trail_costs_what_it_shows() {
    let world = World::demo().await;
    let mut sql = world.sql().await;
    let tenant: Uuid = sqlx::query_scalar("select tenant_id from largesse.tenant_names")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    fill(&mut sql, tenant).await;
    sql.execute(AssertSqlSafe(format!(
        "insert into largesse.batches (tenant_id, batch_no, batch_id, head, at)
         select '{tenant}', n, gen_random_uuid(), '', now() from generate_series(2, {BATCHES}) n;
         insert into largesse.events (tenant_id, batch_id, ordinal, gesture_id, seq, type, state, actor, session_role,
             session_address, at, hash)
         select '{tenant}', b.batch_id, 1, g.gesture_id, 1, 'DECLINED', 'DECLINED', 'fl-101', '', '', now(), ''
         from (select batch_id, row_number() over () n from largesse.batches where batch_no > 1) b
         join (select gesture_id, row_number() over () n from largesse.gestures) g on g.n = b.n;
         delete from pg_statistic"
    )))
    .await
    .unwrap();
    for analysed in [
        "",
        "analyze largesse.batches, largesse.events, largesse.gestures",
    ] {
        sql.execute(analysed).await.unwrap();
        let mut app = world.sql_as_app().await;
        let mut reading = app.begin().await.unwrap();
        let names = format!("set local largesse.tenant = '{tenant}'");
        reading.execute(AssertSqlSafe(names)).await.unwrap();
        let explained = format!(
            "explain (analyze, format json) {}",
            statement("trail::page")
        );
        let row = sqlx::query(AssertSqlSafe(explained))
            .bind(tenant)
            .bind(i64::from(BATCHES / 2))
            .bind(1)
            .bind(200_i64)
            .bind(Vec::<String>::new())
            .bind(None::<String>)
            .bind(None::<String>)
            .bind(None::<String>)
            .fetch_one(&mut *reading)
            .await
            .unwrap();
        let plan: Json<serde_json::Value> = row.get(0);
        for node in nodes(&plan.0[0]["Plan"]) {
            if ["batches", "events", "gestures"]
                .iter()
                .any(|table| node["Relation Name"] == *table)
            {
                let kind = node["Node Type"].as_str().unwrap();
                assert!(kind.starts_with("Index"), "{node:#}");
                let loops = node["Actual Loops"].as_f64().unwrap();
                let read = node["Actual Rows"].as_f64().unwrap() * loops;
                assert!(read <= 220.0, "{read} rows read: {node:#}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_measured_of_all_tenants_reads_what_is_open() {
    let world = World::demo().await;
    let mut sql = world.sql().await;
    let tenant: Uuid = sqlx::query_scalar("select tenant_id from largesse.tenants")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    fill(&mut sql, tenant).await;
    sql.execute(AssertSqlSafe(format!(
        "insert into largesse.tasks (tenant_id, gesture_id, channel, ready_at)
         select tenant_id, gesture_id, 'florist', case when row_number() over () <= {WAITING} then now() end
         from largesse.gestures;
         analyze largesse.tasks"
    )))
    .await
    .unwrap();
    let before = rows_scanned(&mut sql).await;
    sql.execute("select from largesse.signals()").await.unwrap();
    assert_eq!(rows_scanned(&mut sql).await - before, 0);
}

/// Where most tenants have few agents the planner takes it that each has, and one has twenty thousand: a step looks its people up.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_question_reads_whom_it_names() {
    let mut desk = Desk::open().await;
    let roster = format!(
        "set session_replication_role = replica;
         insert into largesse.agents (tenant_id, agent_id, type, person_id, level, authority_id, budget_id, is_listed)
         select gen_random_uuid(), 'a', 'HUMAN', 'a', 'none', 0, 'none', true from generate_series(1, 2000) n
         union all
         select '{}', 'a-' || n, 'HUMAN', 'a-' || n, 'none', 0, 'none', true from generate_series(1, 20000) n;
         analyze largesse.agents",
        desk.tenant
    );
    desk.sql.execute(AssertSqlSafe(roster)).await.unwrap();
    let mut steps = Vec::new();
    for number in 0..10 {
        let asked = kernel::Asked::of("fl-1", "basket", &format!("c-{number}"), 7000);
        let (_, seen) = desk.request(&asked).await;
        steps.push(kernel::Step {
            id: seen.id,
            step: 0,
            agents: vec![("ld-1", "LINE"), ("mg-1", "LINE")],
            until: kernel::Until {
                answer_by: desk.within(60),
                due_at: Some(desk.within(60)),
                expires_at: Some(desk.within(120)),
            },
        });
    }
    let mut app = desk.database.app().await;
    app.execute("begin").await.unwrap();
    let told = kernel::ask_all(&mut app, desk.tenant, &steps)
        .await
        .unwrap();
    assert!(told.iter().all(|word| word == "ASKED"), "{told:?}");
    let read: i64 = sqlx::query_scalar(
        "select (coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0))::bigint from pg_stat_xact_user_tables
         where relname = 'agents' and schemaname = 'largesse'",
    )
    .fetch_one(&mut app)
    .await
    .unwrap();
    assert!(read < 100, "{read} agents were read for ten steps");
}

/// How many rows of large tables were read without an index so far.
async fn rows_scanned(sql: &mut PgConnection) -> i64 {
    sql.execute("select pg_stat_force_next_flush()")
        .await
        .unwrap();
    sqlx::query_scalar(
        "select sum(seq_tup_read)::bigint from pg_stat_user_tables
         where relname in ('tasks', 'gestures') and schemaname = 'largesse'",
    )
    .fetch_one(sql)
    .await
    .unwrap()
}
