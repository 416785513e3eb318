//! What goes wrong around the service: calls that are dropped, sessions and servers that die, a database that is busy.
//!
//! | file | what happens |
//! |---|---|
//! | `lost_writes` | a future is dropped while `BEGIN` is on the wire: what a bare pool loses, and what the service's does not |
//! | `cancelled` | clients go away at random moments |
//! | `killed` | backends are terminated under load; Postgres crashes and comes back |
//! | `busy` | no connection is free |
//! | `swallowed` | something on the way to Postgres forgets every connection, and says so to nobody |
//! | `sinks` | where events are published to is away, slow, or of another opinion; a publisher is killed |
//! | `stubborn` | a sink that takes every event but one, without refusing it |
//! | `nats` | the same for a NATS server that comes and goes |
//! | `backlog` | much waits for a sink, and is brought in one go |
//! | `vendor` | a vendor that fails in every way, fulfillers and services that die, Postgres that crashes under them |
//! | `lanes` | a tenant is stuck, a caller leaves its place, a batch loses its session |

mod backlog;
mod busy;
mod cancelled;
mod killed;
mod lanes;
mod lost_writes;
mod nats;
mod sinks;
mod stubborn;
mod swallowed;
mod vendor;

use largesse::pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Client, reason_of};

/// A gesture of which hundreds fit into the demo.
fn credit() -> pb::Gesture {
    pb::Gesture {
        kind: "goodwill-credit".into(),
        ..crate::support::flowers("ida", 100)
    }
}

/// Asks until there is an answer. Every error on the way must be one of those that say "ask again" or "nobody knows".
async fn asked_until_answered(client: &mut Client, id: Uuid) {
    for _ in 0..500 {
        let Err(status) = client.request_as(id, credit()).await else {
            return;
        };
        let reason = reason_of(&status);
        let is_known = match status.code() {
            Code::Unavailable => {
                ["OUTCOME_UNKNOWN", "DATABASE_UNAVAILABLE"].contains(&reason.as_str())
            }
            Code::ResourceExhausted => reason == "OVERLOADED",
            _ => false,
        };
        assert!(is_known, "{status:?}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("never answered");
}
