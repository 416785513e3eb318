//! An approved gesture is made real: leased, ordered, delivered, paid, and what was promised is watched.

mod bad_reports;
mod leases;
mod lilies_arrive;
mod money_follows;
mod promises;

use largesse::pb::{Gesture, GetAuthorityRequest};

use crate::support::{Client, World, flowers};

/// Flowers for 45.00 EUR, approved at once; they hold 49.50.
async fn lilies(world: &World) -> Gesture {
    let mut agent = world.agent("fl-101").await;
    agent.request(flowers("ida", 4500)).await.unwrap()
}

/// What an agent has used of a limit with flowers, in cents of a euro.
async fn used(client: &mut Client, limit: &str) -> i64 {
    let request = GetAuthorityRequest::default();
    let items = client.authority(request).await.unwrap().items;
    let flowers = items.iter().find(|item| item.kind == "flowers").unwrap();
    crate::support::used(flowers, limit)
}
