//! How far a tenant's trail has come, for all who wait for more of it: one look every half second per tenant and process,
//! however many wait, and none where nobody does.
//!
//! Looking is the truth: a notification would be lost with its connection, and tells nothing of another replica's commits
//! that it had missed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::store;
use crate::ids::TenantId;
use crate::postgres::Database;

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(500);

type Hearts = Arc<Mutex<HashMap<TenantId, watch::Sender<i64>>>>;

/// The numbers of the last batches.
#[derive(Debug, Clone)]
pub(super) struct Pulse {
    database: Database,
    hearts: Hearts,
}

impl Pulse {
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            hearts: Hearts::default(),
        }
    }

    /// The number of a tenant's last batch, as it grows.
    pub(super) fn of(&self, tenant: TenantId) -> watch::Receiver<i64> {
        // Whoever panicked while holding it left the map whole.
        let mut hearts = self.hearts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(heart) = hearts.get(&tenant) {
            return heart.subscribe();
        }
        let (sender, receiver) = watch::channel(0);
        hearts.insert(tenant, sender.clone());
        tokio::spawn(beat(
            self.database.clone(),
            self.hearts.clone(),
            tenant,
            sender,
        ));
        receiver
    }
}

/// Looks until nobody waits any more.
async fn beat(database: Database, hearts: Hearts, tenant: TenantId, sender: watch::Sender<i64>) {
    loop {
        match database.in_time(store::last_batch(&database, tenant)).await {
            Ok(number) => {
                sender.send_if_modified(|last| {
                    let has_grown = number > *last;
                    *last = number.max(*last);
                    has_grown
                });
            }
            // Whoever reads meets the same, and says so.
            Err(problem) => tracing::debug!(%problem, "the trail could not be looked at"),
        }
        tokio::time::sleep(EVERY).await;
        // Under the lock, so that nobody subscribes to a heart that has just stopped.
        let mut hearts = hearts.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.receiver_count() == 0 {
            hearts.remove(&tenant);
            return;
        }
    }
}
