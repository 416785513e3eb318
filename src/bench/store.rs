//! Every statement about the databases of a bench: making, dropping, looking at them.
//!
//! Unchecked, unlike those of the service: they are sent to databases of the bench's own, as the role that owns them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use super::url::with_database;
use crate::postgres::migrate::migrate;

/// A Postgres in which databases may be made.
#[derive(Debug, Clone)]
pub struct Databases {
    /// The URL of a role that may make databases and act as the schema's owner.
    pub owner_url: String,
    /// The URL of `largesse_app`.
    pub app_url: String,
}

impl Databases {
    /// As the service connects.
    #[must_use]
    pub fn app_url(&self, database: &str) -> String {
        with_database(&self.app_url, database)
    }

    /// As the owner connects.
    #[must_use]
    pub fn owner_url(&self, database: &str) -> String {
        with_database(&self.owner_url, database)
    }

    /// A connection as the owner, to the database that the URL names.
    pub(super) async fn owner(&self) -> Result<PgConnection> {
        connect(&self.owner_url).await
    }

    /// A connection as the owner.
    pub(super) async fn owner_of(&self, database: &str) -> Result<PgConnection> {
        connect(&self.owner_url(database)).await
    }

    /// Makes a database with the schema and nothing in it.
    pub(super) async fn make(&self, name: &str) -> Result<()> {
        execute(&mut self.owner().await?, format!("create database {name}")).await?;
        let mut inside = self.owner_of(name).await?;
        inside.execute("set client_min_messages = warning").await?;
        migrate(&mut inside).await?;
        Ok(inside.close().await?)
    }

    /// Makes a copy, and has everything written that was dirty, so that no run pays for another's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn copy(&self, template: &str, name: &str) -> Result<()> {
        let mut owner = self.owner().await?;
        execute(
            &mut owner,
            format!("create database {name} template {template}"),
        )
        .await?;
        // A copy does not inherit what was revoked on its template.
        execute(
            &mut owner,
            format!("revoke temporary, create on database {name} from public"),
        )
        .await?;
        execute(&mut owner, "checkpoint".into()).await?;
        Ok(owner.close().await?)
    }

    /// Has the planner know what is there.
    pub(super) async fn analyze(&self, name: &str) -> Result<()> {
        let mut owner = self.owner_of(name).await?;
        execute(&mut owner, "vacuum analyze".into()).await?;
        Ok(owner.close().await?)
    }

    /// Removes a database, whoever is still connected.
    pub(super) async fn drop(&self, name: &str) -> Result<()> {
        execute(
            &mut self.owner().await?,
            format!("drop database if exists {name} with (force)"),
        )
        .await
    }

    /// The databases whose names begin like this.
    pub(super) async fn named_like(&self, start: &str) -> Result<Vec<String>> {
        let select = "select datname::text from pg_database where starts_with(datname, $1)";
        Ok(sqlx::query_scalar(select)
            .bind(start)
            .fetch_all(&mut self.owner().await?)
            .await?)
    }

    /// The server's version.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn version(&self) -> Result<String> {
        let mut owner = self.owner().await?;
        Ok(
            sqlx::query_scalar("select current_setting('server_version')")
                .fetch_one(&mut owner)
                .await?,
        )
    }

    /// The process that answers us.
    pub(super) async fn backend(&self) -> Result<(PgConnection, i32)> {
        let mut owner = self.owner().await?;
        let id = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(&mut owner)
            .await?;
        Ok((owner, id))
    }

    /// Settings that a figure depends on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn settings(&self) -> Result<BTreeMap<String, String>> {
        let mut owner = self.owner().await?;
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select name, current_setting(name) from pg_settings where name in ('fsync', 'synchronous_commit', \
             'full_page_writes', 'shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'autovacuum', 'wal_level', \
             'max_connections')",
        )
        .fetch_all(&mut owner)
        .await?;
        Ok(rows.into_iter().collect())
    }
}

async fn connect(url: &str) -> Result<PgConnection> {
    let options: PgConnectOptions = url.parse().context("the URL of Postgres cannot be read")?;
    let options = options.disable_statement_logging();
    PgConnection::connect_with(&options)
        .await
        .context("Postgres does not let the bench in as the owner")
}

/// Names are made here and hold letters, digits and `_` alone: nothing to escape.
pub(super) async fn execute(connection: &mut PgConnection, statement: String) -> Result<()> {
    connection
        .execute(AssertSqlSafe(statement.clone()))
        .await
        .with_context(|| statement)?;
    Ok(())
}

/// How often which event happened to gestures, by its type; the first of a gesture apart from later ones.
pub(super) async fn events(connection: &mut PgConnection) -> Result<BTreeMap<(String, bool), u64>> {
    let rows: Vec<(String, bool, i64)> = sqlx::query_as(
        "select type, seq = 1, count(*) from largesse.events where gesture_id is not null group by 1, 2",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(word, first, count)| ((word, first), count.unsigned_abs()))
        .collect())
}

/// The names of the tenants.
pub(super) async fn tenants(connection: &mut PgConnection) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar("select name from largesse.tenant_names order by name")
            .fetch_all(connection)
            .await?,
    )
}

/// How many counters are not the sum of their holds, or above what they or their limit allow.
pub(super) async fn wrong_counters(connection: &mut PgConnection) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(
        "with held as (
            select g.tenant_id, c.limit_id, c.subject, c.window_on, sum(c.minor) minor, count(*) n
            from largesse.gestures g
            cross join lateral unnest(g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor)
                c (limit_id, subject, window_on, minor)
            where g.state = 'APPROVED' and c.window_on is not null
            group by 1, 2, 3, 4)
         select
            count(*) filter (where coalesce(k.held_minor + k.captured_minor, 0) <> coalesce(h.minor, 0)
                or coalesce(k.used_count, 0) <> coalesce(h.n, 0)),
            count(*) filter (where k.held_minor + k.captured_minor > least(k.ceiling_minor, l.hard_minor)
                or k.used_count > least(k.ceiling_count, l.hard_count))
         from largesse.counters k
         full join held h using (tenant_id, limit_id, subject, window_on)
         left join largesse.limits l using (tenant_id, limit_id)",
    )
    .fetch_one(connection)
    .await?)
}

/// A table at the end of a run.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct TableSize {
    /// Its name.
    pub table: String,
    /// Rows, as the statistics have them.
    pub rows: i64,
    /// Versions of rows that nobody sees any more.
    pub dead_rows: i64,
    /// The table's bytes.
    pub table_bytes: i64,
    /// Its indexes' bytes.
    pub index_bytes: i64,
    /// How often autovacuum went through it.
    pub autovacuums: i64,
}

/// The tables that grow, largest first.
pub(super) async fn sizes(connection: &mut PgConnection) -> Result<Vec<TableSize>> {
    Ok(sqlx::query_as(
        "select relname::text as table, n_live_tup as rows, n_dead_tup as dead_rows, pg_table_size(relid) as table_bytes,
            pg_indexes_size(relid) as index_bytes, autovacuum_count as autovacuums
         from pg_stat_user_tables
         where schemaname = 'largesse' and n_tup_ins + n_tup_upd > 100
         order by pg_total_relation_size(relid) desc",
    )
    .fetch_all(connection)
    .await?)
}

/// Ids as clients make them: 48 bits of milliseconds, the version, the rest drawn.
pub(super) const UUID_V7: &str = "create function public.uuid_v7(p_at timestamptz default clock_timestamp()) returns uuid \
    language sql volatile as $$ \
    select encode(set_byte(overlay(uuid_send(gen_random_uuid()) placing \
        substring(int8send((extract(epoch from p_at) * 1000)::bigint) from 3) from 1 for 6), \
        6, 112 + floor(random() * 16)::int), 'hex')::uuid $$";
