//! Generated workloads against a naive model, races, and the checker that both rely on.

mod checker;
