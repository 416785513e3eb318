//! Largesse.
pub mod admission;
pub mod authority;
pub mod cli;
pub mod configuration;
pub mod gesture;
pub mod identity;
pub mod ids;
pub mod money;
pub mod pb;
pub mod postgres;
pub mod problem;
pub mod rpc;
pub mod server;
pub mod settings;
pub mod telemetry;
pub mod trail;
pub mod vault;
