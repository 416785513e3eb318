//! Generated workloads against a naive model, races, and the checker that both rely on.
//!
//! `workload` invents, `model` predicts, `agreement` compares. A failure prints its seed.

mod agreement;
mod checker;
mod model;
mod workload;
