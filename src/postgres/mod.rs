//! The one door to Postgres.
//!
//! [`Database`] lends out connections under rules that keep money safe:
//!
//! - **Invariant:** no statement that writes lives in the future of an RPC. [`Database::write`] runs it on a task of its
//!   own; a caller who goes away leaves it to its end. (A transaction that is dropped while its `BEGIN` is on the wire
//!   leaves the pooled session open, and the next borrower's acknowledged write is lost with it: seen with sqlx 0.9.0.)
//! - Reading and writing have pools of their own. A session that reads says `ROLLBACK` when it comes back, so one that was
//!   left open never meets a borrower; a session that writes never opens a transaction.
//! - Reads see one tenant: [`Database::read`] opens a read-only transaction that names the tenant, and row-level
//!   security hides every other.
//! - Failures leave here as a [`Failure`], told apart by SQLSTATE; the text of a driver error goes no further.
//!
//! Look next at `migrate` (the schema), `embedded` (the private cluster of a first start).

pub mod binaries;
pub mod embedded;
mod failure;
pub mod inspect;
pub mod migrate;
mod presence;
mod told;

pub use failure::Failure;
pub use sqlx::PgConnection;

use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres, SqlSafeStr};

use opentelemetry::Context;
use opentelemetry::context::FutureExt as _;

use self::presence::Presence;
use self::told::{Pool, Use, Waiting};

use crate::ids::TenantId;
use crate::problem::Problem;
use crate::telemetry::metrics::metrics;

/// The oldest server that has what the schema uses: 15.
pub const SERVER_VERSION_MIN: i32 = 150_000;

/// How often a statement is run again that Postgres asked to be run again (40001, 40P01).
const TRIES_MAX: u32 = 6;

/// A statement that borrows the connection; boxed because async closures cannot yet promise `Send`.
pub type Statement<'c, T> = BoxFuture<'c, Result<T, sqlx::Error>>;

/// The longest that a connection may take to be put right when it comes back, before it is closed instead.
const RELEASE_MAX: Duration = Duration::from_secs(5);

/// How many connections, and how long to wait for one, and on one.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// Most connections held by this process, 2 to 1000: half of them read, half of them write.
    pub connections_max: u32,
    /// How long a statement waits for a free one before the call is answered `RESOURCE_EXHAUSTED`.
    pub wait_max: Duration,
    /// How long an answer of Postgres is waited for. Longer than its own `statement_timeout`: what has not come by then will
    /// not, because something on the way has forgotten the connection.
    pub answer_max: Duration,
}

impl Default for PoolSize {
    fn default() -> Self {
        Self {
            connections_max: 16,
            wait_max: Duration::from_secs(3),
            answer_max: Duration::from_secs(35),
        }
    }
}

/// Connections as `largesse_app`.
#[derive(Debug, Clone)]
pub struct Database {
    pools: Arc<Pools>,
    presence: Arc<Presence>,
    answer_max: Duration,
}

#[derive(Debug)]
struct Pools {
    /// Its sessions open a transaction each time, and end it with a `ROLLBACK` when they come back.
    reads: PgPool,
    /// Its sessions never open one: each statement commits by itself.
    writes: PgPool,
}

impl Database {
    /// Opens the pools. Connections are dialled when they are needed.
    pub fn open(options: PgConnectOptions, size: PoolSize) -> Self {
        let options = with_session_settings(options);
        let of = |connections_max: u32| {
            PgPoolOptions::new()
                .max_connections(connections_max.max(1))
                .acquire_timeout(size.wait_max)
        };
        let reads = of(size.connections_max / 2).after_release(|connection, _| {
            Box::pin(async move {
                let ended = tokio::time::timeout(RELEASE_MAX, connection.execute("rollback"));
                ended.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
                Ok(true)
            })
        });
        let pools = Arc::new(Pools {
            reads: reads.connect_lazy_with(options.clone()),
            writes: of(size.connections_max.div_ceil(2)).connect_lazy_with(options.clone()),
        });
        told::observe(&pools);
        let presence = Arc::new(Presence::new(options));
        Self {
            pools,
            presence,
            answer_max: size.answer_max,
        }
    }

    /// Runs one autocommitted statement that writes, on a task of its own, to its end, whatever becomes of the caller.
    ///
    /// `statement` is called again when Postgres answers 40001 or 40P01, which promise that nothing was written.
    ///
    /// # Errors
    /// [`Failure::OutcomeUnknown`] when the connection was lost after the statement was sent; the others say that
    /// nothing was written.
    pub async fn write<T, F>(&self, name: &'static str, statement: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut PgConnection) -> Statement<'c, T> + Send + Sync + 'static,
    {
        let database = self.clone();
        let run = async move {
            let mut tries = 0;
            loop {
                tries += 1;
                let mut use_of = Use::begin("CALL", name);
                let mut connection = use_of.told(database.borrow(Pool::Writes).await)?;
                use_of.lent(Pool::Writes);
                let answer = tokio::time::timeout(database.answer_max, statement(&mut connection));
                let answer = match answer.await {
                    Ok(answer) => answer.map_err(Failure::of_writing),
                    Err(_) => {
                        connection.close_on_drop();
                        Err(Failure::OutcomeUnknown)
                    }
                };
                match use_of.told(answer) {
                    Err(Failure::RunAgain) if tries < TRIES_MAX => {
                        metrics().retries.add(1, &[]);
                        pause_before(tries).await;
                    }
                    Err(failure) => {
                        tracing::debug!(
                            statement = name,
                            tries,
                            failure = failure.name(),
                            "a statement failed"
                        );
                        return Err(failure);
                    }
                    Ok(answer) => return Ok(answer),
                }
            }
        };
        let running = tokio::spawn(run.with_context(Context::current()));
        // The task neither panics on purpose nor is aborted; if it is, what it did is unknown.
        running.await.unwrap_or(Err(Failure::OutcomeUnknown))
    }

    /// Waits for work no longer than an answer may take, where no caller has a deadline. What it writes meanwhile goes on to
    /// its end all the same.
    ///
    /// # Errors
    /// [`Problem::DatabaseUnavailable`] when the time is over, else those of the work.
    pub async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        tokio::time::timeout(self.answer_max, work)
            .await
            .unwrap_or_else(|_| Err(Failure::Unavailable.into()))
    }

    /// A connection that only reads, in one transaction that sees one tenant at one moment.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when Postgres is away, [`Failure::PoolExhausted`] when no connection was free in time.
    #[track_caller]
    pub fn read(&self, tenant: TenantId) -> BoxFuture<'_, Result<Reading, Failure>> {
        // Safe to build by hand: the only part that varies is a uuid.
        let opening = format!(
            "begin isolation level repeatable read read only; set local largesse.tenant = '{tenant}'"
        );
        self.begin(told::source(Location::caller()), AssertSqlSafe(opening))
    }

    /// A connection that reads what belongs to no tenant (names of tenants, the clock).
    ///
    /// # Errors
    /// As [`Database::read`].
    #[track_caller]
    pub fn read_global(&self) -> BoxFuture<'_, Result<Reading, Failure>> {
        let opening = "begin isolation level repeatable read read only";
        self.begin(told::source(Location::caller()), opening)
    }

    /// Boxed, because it is large and would lie in the future of every call, of those that read nothing too.
    fn begin(
        &self,
        source: &'static str,
        opening: impl SqlSafeStr + Send + 'static,
    ) -> BoxFuture<'_, Result<Reading, Failure>> {
        let opening = opening.into_sql_str();
        Box::pin(async move {
            let mut use_of = Use::begin("READ", source);
            let mut connection = use_of.told(self.borrow(Pool::Reads).await)?;
            use_of.lent(Pool::Reads);
            let opened = sqlx::raw_sql(opening)
                .execute(&mut *connection)
                .await
                .map_err(Failure::of_reading);
            use_of.told(opened)?;
            Ok(Reading { connection, use_of })
        })
    }

    /// A connection of a pool. Where none was to be had in time, the reason may be that Postgres is away: the driver dials
    /// again and again until the time is over, and says no more than that it is over.
    async fn borrow(&self, pool: Pool) -> Result<PoolConnection<Postgres>, Failure> {
        let waiting = Waiting::begin(pool);
        let connections = match pool {
            Pool::Reads => &self.pools.reads,
            Pool::Writes => &self.pools.writes,
        };
        let lent = connections.acquire().await.map_err(Failure::of_acquiring);
        waiting.end(&lent);
        match lent {
            Err(Failure::PoolExhausted) if !self.presence.is_there().await => {
                Err(Failure::Unavailable)
            }
            other => other,
        }
    }

    /// Whether Postgres answers; asked on a connection of its own, which no load on the pools can take away.
    pub async fn is_there(&self) -> bool {
        self.presence.ask().await
    }

    /// Gives every connection back. Calls that still run are waited for.
    pub async fn close(&self) {
        self.pools.reads.close().await;
        self.pools.writes.close().await;
    }
}

/// A borrowed connection for reading. Dropping it ends its transaction: the pool says `ROLLBACK` when it comes back, which
/// is all the end that a transaction needs that wrote nothing.
#[derive(Debug)]
pub struct Reading {
    connection: PoolConnection<Postgres>,
    /// It tells how long the connection was lent when it is dropped.
    use_of: Use,
}

impl Reading {
    /// Why something has no answer that was read through it, told with it. The driver's error becomes no problem by itself, so
    /// that no read fails untold.
    pub fn failed(&mut self, error: sqlx::Error) -> Failure {
        self.use_of.failed(Failure::of_reading(error))
    }
}

impl Deref for Reading {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// Bounds on everything that Postgres leaves unbounded, and nothing that a session could leak into a log. No workers and no
/// compiling: what the service reads is a page, and plans that name no row at all were seen to start two workers for each call
/// once the table was large.
fn with_session_settings(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("largesse").options([
        ("statement_timeout", "30s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("client_min_messages", "error"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
    ])
}

/// A few milliseconds, longer each time and never the same twice, so that two losers do not meet again.
async fn pause_before(tries: u32) {
    let jitter = u64::from(uuid::Uuid::now_v7().as_bytes()[15] % 8);
    tokio::time::sleep(Duration::from_millis(u64::from(tries) * 4 + jitter)).await;
}
