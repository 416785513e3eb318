//! The trail: decision record, audit and outbox in one row per event, hashed one by one and sealed batch by batch.
//!
//! The kernel writes it and nobody rewrites it. What is here reads it again with implementations of its own: [`hash`] is
//! the canonical form, [`verify()`] goes through a tenant's trail, gestures and counters and names the first difference.
//!
//! [`archive()`] moves aside what is too old to be followed; [`events`] lets others follow it: pages, waiting for more, named consumers.
//!
//! **Absent on purpose:** any sink. Whoever wants events reads them.

pub mod archive;
mod counters;
pub mod events;
pub mod hash;
mod steps;
mod store;
mod verify;

pub use archive::{Archived, archive};
pub use steps::link_back;
pub use verify::{Difference, Report, verify};
