//! Whether Postgres is there: asked on connections of our own, seldom, and remembered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// The longest that an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// The least time between two questions of callers that were refused: a refusal must not become a load of its own.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What is known of the server's presence.
#[derive(Debug)]
pub(super) struct Presence {
    options: PgConnectOptions,
    was_there: AtomicBool,
    /// When somebody asked last; locked while somebody asks.
    asked_at: Mutex<Option<Instant>>,
}

impl Presence {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            was_there: AtomicBool::new(true),
            asked_at: Mutex::new(None),
        }
    }

    /// What was learned within the last second, else asks. Whoever comes while somebody asks waits for that answer.
    pub(super) async fn is_there(&self) -> bool {
        let mut asked_at = self.asked_at.lock().await;
        if asked_at.is_none_or(|at| at.elapsed() > ASK_AGAIN_AFTER) {
            self.ask().await;
            *asked_at = Some(Instant::now());
        }
        self.was_there.load(Ordering::Relaxed)
    }

    /// Asks.
    pub(super) async fn ask(&self) -> bool {
        let answer = timeout(ANSWER_MAX, async {
            let mut connection = PgConnection::connect_with(&self.options).await?;
            connection.ping().await?;
            connection.close().await
        });
        let is_there = matches!(answer.await, Ok(Ok(())));
        self.was_there.store(is_there, Ordering::Relaxed);
        is_there
    }
}
