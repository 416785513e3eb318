//! What the service tells of itself: that it is there, that it is true, and that nothing personal is in it.

mod admin;
mod canaries;
mod collector;
mod collector_away;
mod health;
mod metrics;
mod publishing;
mod spans;
mod waits;
