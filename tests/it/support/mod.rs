//! What every test stands on.
//!
//! [`World::demo`] gives a test a database of its own, a server on a free port and clients for the people of the demo;
//! [`World::of`] the same with another document. [`World::sql`] and [`World::sql_as_app`] are for looking behind the
//! scenes and for attacks.

mod approving;
mod clients;
pub mod clock;
mod cluster;
mod desk;
mod following;
mod fulfilling;
pub mod invariants;
pub mod kernel;
mod people;
pub mod process;
pub mod publisher;
mod random;
pub mod receiver;
mod refusals;
pub mod relay;
mod rows;
mod verbs;
mod wishes;

use std::time::Duration;

use largesse::admission::LaneBounds;
use largesse::identity::{Claims, KeySet, SigningKey, Verifier};
use largesse::postgres::{Database, PoolSize};
use largesse::server::{Parts, Running};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;

use relay::Firewall;

pub use approving::{asked_of, until};
pub use clients::{Client, Reasoned};
pub use cluster::{Clock, TestDatabase};
pub use desk::Desk;
pub use following::{after, from_consumer, from_latest};
pub use invariants::{assert_at_rest, assert_invariants};
pub use people::{Token, flowers, money, pickup, recipient};
pub use random::{Random, SeedOnPanic, seeds};
pub use refusals::{everything_said, fact_of, reason_of, violated_fields, violations, wrongs};
pub use rows::{Rows, dump, rows};
pub use wishes::{Answer, ask_above, no, use_of, used, wish, yes};

/// Sixty-four callers on two busy cores may wait; what happens when nobody waits is shown in `faults/busy.rs`.
const PATIENT: PoolSize = PoolSize {
    connections_max: 16,
    wait_max: Duration::from_secs(30),
    answer_max: Duration::from_secs(35),
};

/// How often timers are looked after.
const OFTEN: Duration = Duration::from_millis(200);

/// The demo's document.
pub const DEMO: &str = include_str!("../../../deploy/demo.yaml");

/// A database, a server on it, and the key that signs for everybody.
pub struct World {
    /// The test's own database.
    pub database: TestDatabase,
    /// The server.
    pub service: Running,
    /// The tenant's name.
    pub tenant: String,
    keys: tempfile::TempDir,
}

impl World {
    /// The demo tenant, on the real clock.
    pub async fn demo() -> Self {
        Self::of(DEMO).await
    }

    /// The tenant of this document, on the real clock.
    pub async fn of(document: &str) -> Self {
        Self::start(TestDatabase::new(Clock::Real).await, document).await
    }

    /// The tenant of this document, on a clock that the test moves (`clock.rs`).
    pub async fn of_with_movable_clock(document: &str) -> Self {
        Self::start(TestDatabase::new(Clock::Movable).await, document).await
    }

    /// On a cluster of its own, which the test may stop and start.
    pub async fn alone(document: &str) -> Self {
        Self::start(TestDatabase::alone().await, document).await
    }

    async fn start(database: TestDatabase, document: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        SigningKey::find_or_make(keys.path()).unwrap();
        let service = serve(database.app_options(), &keys, PATIENT, lanes(), OFTEN).await;
        let tenant = document
            .lines()
            .find_map(|line| line.strip_prefix("tenant: "))
            .unwrap();
        let tenant = tenant.split('#').next().unwrap().trim().to_owned();
        let world = Self {
            database,
            service,
            tenant,
            keys,
        };
        world.admin().await.apply(document, 0).await.unwrap();
        world
    }

    /// A second server on the same database, as another process would be.
    pub async fn another_service(&self) -> Running {
        self.another_service_with(PATIENT).await
    }

    /// A second server with another pool.
    pub async fn another_service_with(&self, size: PoolSize) -> Running {
        serve(
            self.database.app_options(),
            &self.keys,
            size,
            lanes(),
            OFTEN,
        )
        .await
    }

    /// A second server that reaches Postgres through this firewall.
    pub async fn another_service_behind(&self, firewall: &Firewall, size: PoolSize) -> Running {
        let options = self.database.app_options_at(firewall.address);
        serve(options, &self.keys, size, lanes(), OFTEN).await
    }

    /// A second server with other lanes.
    pub async fn another_service_with_lanes(&self, lanes: LaneBounds) -> Running {
        serve(
            self.database.app_options(),
            &self.keys,
            PATIENT,
            lanes,
            OFTEN,
        )
        .await
    }

    /// A second server that looks after timers only so often.
    pub async fn another_service_with_timers(&self, every: Duration) -> Running {
        serve(
            self.database.app_options(),
            &self.keys,
            PATIENT,
            lanes(),
            every,
        )
        .await
    }

    /// The client of an agent, with the role `requester`.
    pub async fn agent(&self, id: &str) -> Client {
        self.client(Token::agent(id)).await
    }

    /// The client of an agent who also answers, with the roles `requester` and `approver`.
    pub async fn approver(&self, id: &str) -> Client {
        self.client(Token::of(id, &["requester", "approver"])).await
    }

    /// The client of a fulfiller who does the work of these channels.
    pub async fn fulfiller(&self, subject: &str, channels: &[&str]) -> Client {
        self.client(Token::fulfiller(subject, channels)).await
    }

    /// A client with the role `admin`.
    pub async fn admin(&self) -> Client {
        self.client(Token::of("admin-1", &["admin"])).await
    }

    /// A client that follows the trail, with the role `follower`.
    pub async fn follower(&self) -> Client {
        self.client(Token::of("feed-1", &["follower"])).await
    }

    /// A client with any token.
    pub async fn client(&self, token: Token) -> Client {
        Client::connect(self.service.address, &self.sign(token)).await
    }

    /// A client of another server of this world.
    pub async fn client_at(&self, service: &Running, token: Token) -> Client {
        Client::connect(service.address, &self.sign(token)).await
    }

    /// Applies the first document of another tenant to the same database; a client with the role `admin` in it.
    pub async fn another_tenant(&self, name: &str, document: &str) -> Client {
        let own = format!("tenant: {}\n", self.tenant);
        assert!(document.contains(&own), "the document is of another tenant");
        let document = document.replace(&own, &format!("tenant: {name}\n"));
        let token = Token::of("admin-1", &["admin"]).in_tenant(name);
        let mut admin = self.client(token).await;
        admin.apply(&document, 0).await.unwrap();
        admin
    }

    /// Signs a token with the key that the servers trust.
    pub fn sign(&self, token: Token) -> String {
        self.sign_claims(&token.claims(&self.tenant))
    }

    /// Signs any claims with the key that the servers trust.
    pub fn sign_claims(&self, claims: &Claims) -> String {
        let key = SigningKey::read(self.keys.path()).unwrap();
        key.sign(claims).unwrap()
    }

    /// It is this instant from now on (RFC 3339), in a world with a movable clock.
    pub async fn set_clock(&self, at: &str) {
        clock::set(&mut self.sql().await, at.parse().unwrap()).await;
    }

    /// How many rows there are of everything.
    pub async fn rows(&self) -> Rows {
        rows(&mut self.sql().await).await
    }

    /// A connection as superuser.
    pub async fn sql(&self) -> PgConnection {
        self.database.superuser().await
    }

    /// A connection with the service's own credentials.
    pub async fn sql_as_app(&self) -> PgConnection {
        self.database.app().await
    }
}

/// Until so many sessions of this database wait for a lock.
pub async fn wait_for_waiters(sql: &mut PgConnection, count: i64) {
    wait_until(sql, "wait_event_type = 'Lock'", count).await;
}

/// Until so many other sessions of this database are like this.
pub async fn wait_until(sql: &mut PgConnection, condition: &str, count: i64) {
    let query = format!(
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and {condition}"
    );
    loop {
        let query = sqlx::AssertSqlSafe(query.clone());
        let found: i64 = sqlx::query_scalar(query)
            .fetch_one(&mut *sql)
            .await
            .unwrap();
        if found == count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// The lanes' bounds: the default, or batches as large as `LARGESSE_LANE_BATCH` says, to force them.
fn lanes() -> LaneBounds {
    let batch_max = std::env::var("LARGESSE_LANE_BATCH").map(|max| max.parse().unwrap());
    let default = LaneBounds::default();
    LaneBounds {
        batch_max: batch_max.unwrap_or(default.batch_max),
        ..default
    }
}

async fn serve(
    options: PgConnectOptions,
    keys: &tempfile::TempDir,
    size: PoolSize,
    lanes: LaneBounds,
    timers_every: Duration,
) -> Running {
    let set = KeySet::read(&SigningKey::key_set_path(keys.path())).unwrap();
    Running::start(Parts {
        database: Database::open(options, size),
        page_secret: b"the tests".to_vec(),
        verifier: Verifier::new(set, None),
        grpc: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        admin: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        tls: None,
        reflection: true,
        lanes,
        timers_every,
        trace_url: Some("https://traces.example/{trace_id}".into()),
        settings: serde_json::Value::Null,
    })
    .await
    .unwrap()
}
