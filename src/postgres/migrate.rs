//! The schema: roles, numbered migrations, then every function.
//!
//! Numbered files are run once and never edited after a release (sqlx keeps their checksums). The functions, grants
//! and policies below `migrations/functions/` are all applied again each time, in one transaction, in order of their
//! path. See `migrations/README.md`.

use include_dir::{Dir, include_dir};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::SERVER_VERSION_MIN;

/// The role that owns the schema; nobody logs in as it.
pub const OWNER: &str = "largesse_owner";
/// The role of the service; it may read, and execute the functions that write.
pub const APP: &str = "largesse_app";

static NUMBERED: Migrator = sqlx::migrate!("./migrations");
static FUNCTIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations/functions");

/// Why the schema could not be brought up to date. Nothing that the failed step began is kept.
#[derive(Debug, thiserror::Error)]
pub enum MigrationProblem {
    /// The server is older than what the schema needs.
    #[error(
        "PostgreSQL 15 or newer is needed, and this server is {0}; point the owner's URL at a newer one"
    )]
    ServerTooOld(String),
    /// The role has no right to become the owner.
    #[error(
        "the role {role} may not act as {OWNER}: give the URL of an administrator, or of a role of its own for migrations \
         (never {APP}), for which a superuser ran: create role {OWNER} nologin; create role {APP} login password '…'; \
         grant {OWNER} to <that role>; grant create on database {database} to {OWNER};"
    )]
    NotTheOwner {
        /// Who we are connected as.
        role: String,
        /// Where.
        database: String,
    },
    /// A numbered migration failed, or one that was applied has been changed since.
    #[error("a migration failed")]
    Numbered(#[from] MigrateError),
    /// A file of `migrations/functions/` failed.
    #[error("{path} failed")]
    Function {
        /// The file, below `migrations/functions/`.
        path: String,
        /// What Postgres says.
        source: sqlx::Error,
    },
    /// Postgres could not be asked.
    #[error("the database did not answer as expected")]
    Database(#[from] sqlx::Error),
}

/// The version of the newest numbered migration that this binary knows.
pub fn version_needed() -> i64 {
    NUMBERED
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Brings the database up to date. May be run again at any time, by several processes at once.
///
/// # Errors
/// [`MigrationProblem`]; each says what would help.
pub async fn migrate(connection: &mut PgConnection) -> Result<(), MigrationProblem> {
    refuse_old_server(connection).await?;
    make_roles(connection).await?;
    make_schema(connection).await?;
    connection.execute("set role largesse_owner").await?;
    connection
        .execute("set search_path = largesse, pg_temp")
        .await?;
    NUMBERED.run(&mut *connection).await?;
    apply_functions(connection).await?;
    connection.execute("reset role").await?;
    connection.execute("reset search_path").await?;
    Ok(())
}

async fn refuse_old_server(connection: &mut PgConnection) -> Result<(), MigrationProblem> {
    let (number, text): (i32, String) = sqlx::query_as(
        "select current_setting('server_version_num')::int, current_setting('server_version')",
    )
    .fetch_one(connection)
    .await?;
    if number < SERVER_VERSION_MIN {
        return Err(MigrationProblem::ServerTooOld(text));
    }
    Ok(())
}

/// Makes the two roles where that is possible. Where they exist it is enough that we may become the owner.
async fn make_roles(connection: &mut PgConnection) -> Result<(), MigrationProblem> {
    for statement in [
        "do $$ begin create role largesse_owner nologin; exception when duplicate_object then null; end $$",
        "do $$ begin create role largesse_app login; exception when duplicate_object then null; end $$",
    ] {
        match connection.execute(statement).await {
            Err(sqlx::Error::Database(refusal)) if refusal.code().as_deref() == Some("42501") => {}
            other => {
                other?;
            }
        }
    }
    let (role, database, may_own): (String, String, bool) = sqlx::query_as(
        "select current_user::text, current_database()::text,
            coalesce((select pg_has_role(oid, 'member') from pg_roles where rolname = 'largesse_owner'), false)
            and exists (select from pg_roles where rolname = 'largesse_app')",
    )
    .fetch_one(connection)
    .await?;
    if may_own {
        Ok(())
    } else {
        Err(MigrationProblem::NotTheOwner { role, database })
    }
}

/// The schema belongs to the owner, and nobody else makes anything anywhere: neither tables beside ours nor temporary
/// ones that could stand in for ours.
async fn make_schema(connection: &mut PgConnection) -> Result<(), MigrationProblem> {
    let mut transaction = connection.begin().await?;
    // Serialises with other processes that migrate; sqlx takes a lock of its own only for the numbered files.
    transaction
        .execute("select pg_advisory_xact_lock(7235416001)")
        .await?;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_namespace where nspname = 'largesse')")
            .fetch_one(&mut *transaction)
            .await?;
    if !exists {
        transaction
            .execute("create schema largesse authorization largesse_owner")
            .await?;
    }
    // Every time: what is said of a database is lost when it is restored under another name. What we have no right to
    // revoke (a superuser's functions, in a Postgres that others run) stays as it is.
    for revocation in [
        "execute format('revoke temporary, create on database %I from public', current_database())",
        "revoke create on schema public from public",
        // large objects: in no table, under no policy, found by nobody
        "revoke execute on function lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea) from public",
    ] {
        let block = format!(
            "do $$ begin {revocation}; exception when insufficient_privilege then null; end $$"
        );
        transaction.execute(AssertSqlSafe(block)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn apply_functions(connection: &mut PgConnection) -> Result<(), MigrationProblem> {
    let mut transaction = connection.begin().await?;
    transaction
        .execute("select pg_advisory_xact_lock(7235416002)")
        .await?;
    for (path, text) in function_files() {
        transaction
            .execute(AssertSqlSafe(text))
            .await
            .map_err(|source| MigrationProblem::Function {
                path: path.into(),
                source,
            })?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Every `.sql` file below `migrations/functions/`, in order of its path.
fn function_files() -> Vec<(&'static str, &'static str)> {
    fn collect(folder: &Dir<'static>, files: &mut Vec<(&'static str, &'static str)>) {
        for file in folder.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8())
                && path.ends_with(".sql")
            {
                files.push((path, text));
            }
        }
        folder.dirs().for_each(|below| collect(below, files));
    }
    let mut files = Vec::new();
    collect(&FUNCTIONS, &mut files);
    files.sort_unstable();
    files
}
