//! A look at the database before serving from it: the right server, the right role, the right schema.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::SERVER_VERSION_MIN;
use super::migrate::version_needed;

/// Why the service will not work on this database. Each says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// Nobody answers.
    #[error("no Postgres answers at {address}: is it running, and is LARGESSE_DATABASE_URL right?")]
    NobodyAnswers {
        /// Where we looked.
        address: String,
        /// Why, in the words of the driver, which knows no data yet.
        source: sqlx::Error,
    },
    /// The role or its password was refused.
    #[error(
        "Postgres at {address} refuses the role {role} with this password; correct LARGESSE_DATABASE_URL"
    )]
    Refused {
        /// Where.
        address: String,
        /// As whom.
        role: String,
    },
    /// There is no such database.
    #[error(
        "Postgres at {address} has no database {database}; create it, then run: largesse migrate"
    )]
    NoDatabase {
        /// Where.
        address: String,
        /// Which.
        database: String,
    },
    /// The server is too old.
    #[error("PostgreSQL 15 or newer is needed, and the one at {address} is {version}")]
    TooOld {
        /// Where.
        address: String,
        /// What it says of itself.
        version: String,
    },
    /// The role could pass the rules.
    #[error(
        "the role {role} is a superuser or may act as largesse_owner, so Postgres could not hold it to any rule; \
         connect as largesse_app (as an administrator: alter role largesse_app login password '…')"
    )]
    TooPowerful {
        /// As whom.
        role: String,
    },
    /// The schema is missing or older than this binary.
    #[error(
        "the schema of this database is {found}, and this binary needs version {needed}; \
         run: LARGESSE_OWNER_DATABASE_URL=… largesse migrate"
    )]
    Schema {
        /// What is there.
        found: String,
        /// What is needed.
        needed: i64,
    },
}

/// Connects once and looks.
///
/// # Errors
/// [`NotUsable`].
pub async fn inspect(options: &PgConnectOptions) -> Result<(), NotUsable> {
    let address = address(options);
    let mut connection = PgConnection::connect_with(options)
        .await
        .map_err(|error| not_connected(options, error))?;
    let lost = |source| NotUsable::NobodyAnswers {
        address: address.clone(),
        source,
    };
    let (number, version, role, is_too_powerful): (i32, String, String, bool) = sqlx::query_as(
        "select current_setting('server_version_num')::int, current_setting('server_version'), current_user::text,
            (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user)
            or coalesce((select pg_has_role(r.oid, 'member') from pg_roles r where r.rolname = 'largesse_owner'), false)",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(lost)?;
    if number < SERVER_VERSION_MIN {
        return Err(NotUsable::TooOld { address, version });
    }
    if is_too_powerful {
        return Err(NotUsable::TooPowerful { role });
    }
    let found: Result<Option<i64>, sqlx::Error> =
        sqlx::query_scalar("select max(version) from largesse._sqlx_migrations where success")
            .fetch_one(&mut connection)
            .await;
    let needed = version_needed();
    match found {
        Ok(Some(version)) if version >= needed => Ok(()),
        Ok(Some(version)) => Err(NotUsable::Schema {
            found: format!("of version {version}"),
            needed,
        }),
        Ok(None) | Err(_) => Err(NotUsable::Schema {
            found: "not there".into(),
            needed,
        }),
    }
}

fn not_connected(options: &PgConnectOptions, error: sqlx::Error) -> NotUsable {
    let address = address(options);
    let code = error
        .as_database_error()
        .and_then(|refusal| refusal.code().map(|code| code.into_owned()));
    match code.as_deref() {
        Some("28P01" | "28000") => NotUsable::Refused {
            address,
            role: options.get_username().into(),
        },
        Some("3D000") => NotUsable::NoDatabase {
            address,
            database: options.get_database().unwrap_or("of that name").into(),
        },
        _ => NotUsable::NobodyAnswers {
            address,
            source: error,
        },
    }
}

fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}
