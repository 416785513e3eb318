//! What `build.rs` generates from `proto/`. Known to `rpc`, `server` and `cli` only.

#![expect(clippy::all, reason = "generated; the protos are the documentation")]

tonic::include_proto!("largesse.v1");

/// The descriptors of every proto, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/largesse.descriptors"));
