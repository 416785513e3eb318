//! Largesse.
pub mod identity;
pub mod ids;
pub mod pb;
pub mod postgres;
pub mod problem;
pub mod settings;
pub mod telemetry;
