//! Generated workloads against a naive model, races, and the checker that both rely on.
//!
//! `workload` invents, `model` predicts, `agreement` compares; `races` lets callers meet. A failure prints its seed.

mod agreement;
mod approvals;
mod checker;
mod following;
mod model;
mod planted;
mod planted_fulfilled;
mod planted_questions;
mod questions_lived;
mod races;
mod through_grpc;
mod words;
mod workload;
