//! Every test that needs a database or a server. One binary, because linking is what costs.
//!
//! | folder | what is shown there |
//! |---|---|
//! | `stories` | what users live through, through gRPC alone |
//! | `benchmark` | that the benchmark measures what it says, and notices what does not hold |
//! | `enforcement` | attacks with the service's own database credentials and plain SQL |
//! | `properties` | generated workloads against a naive model; races |
//! | `faults` | lost connections, cancelled calls, crashes |
//! | `telemetry` | what the service tells of itself, and what it must not |
//! | `house` | the rules of the house, read from the source and from the protos |
//! | `support` | one Postgres for the run, a database per test, clients, a movable clock |

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod benchmark;
mod enforcement;
mod faults;
mod house;
mod properties;
mod stories;
mod support;
mod telemetry;
