//! Waiting for tasks: thousands may, and the database is asked once for all who wait for the same channel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::store;
use crate::ids::TenantId;
use crate::postgres::Database;

/// How often it is looked whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many are called at one look.
const CALLED_MAX: i32 = 1000;

type Channel = (TenantId, String);

/// Those who wait, by channel.
#[derive(Clone)]
pub(super) struct Waiting {
    database: Database,
    channels: Arc<Mutex<HashMap<Channel, Crowd>>>,
}

/// Those who wait for one channel.
struct Crowd {
    bell: Arc<Notify>,
    size: usize,
}

/// A place among those who wait; given up when it is dropped.
pub(super) struct Place {
    waiting: Waiting,
    channel: Channel,
    bell: Arc<Notify>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Waiting {
    pub fn new(database: Database) -> Self {
        Self {
            database,
            channels: Arc::default(),
        }
    }

    /// Takes a place. The first at a channel has it looked after, until the last has gone.
    pub fn place(&self, tenant: TenantId, channel: &str) -> Place {
        let channel = (tenant, channel.to_owned());
        let mut channels = self.channels();
        let crowd = channels.entry(channel.clone()).or_insert_with(|| Crowd {
            bell: Arc::default(),
            size: 0,
        });
        crowd.size += 1;
        if crowd.size == 1 {
            tokio::spawn(self.clone().look_after(channel.clone(), crowd.bell.clone()));
        }
        Place {
            waiting: self.clone(),
            channel,
            bell: crowd.bell.clone(),
        }
    }

    /// Calls as many of those who wait as there are tasks.
    async fn look_after(self, channel: Channel, bell: Arc<Notify>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(size) = self.size(&channel, &bell) else {
                return;
            };
            let most = i32::try_from(size).unwrap_or(i32::MAX).min(CALLED_MAX);
            // Where the database is away they go on waiting; who asks it by a call of their own is told.
            let ready = store::ready(&self.database, channel.0, &channel.1, most);
            let there = self.database.in_time(ready).await.unwrap_or_default();
            for _ in 0..there {
                bell.notify_one();
            }
        }
    }

    /// How many wait at this bell; none: nobody, or others who have a bell of their own.
    fn size(&self, channel: &Channel, bell: &Arc<Notify>) -> Option<usize> {
        let channels = self.channels();
        let crowd = channels.get(channel)?;
        Arc::ptr_eq(&crowd.bell, bell).then_some(crowd.size)
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<Channel, Crowd>> {
        // Whoever panicked with it left a map that is whole.
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Comes back when there is something to do for somebody who waits here.
    pub async fn called(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut channels = self.waiting.channels();
        if let Some(crowd) = channels.get_mut(&self.channel) {
            crowd.size -= 1;
            if crowd.size == 0 {
                channels.remove(&self.channel);
            }
        }
    }
}
