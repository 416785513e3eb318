//! What the service tells of itself: that it is there, that it is true, and that nothing personal is in it.

mod collector;
mod metrics;
mod spans;
