//! The rules of the house, read from the source and from the protos.

mod coverage;
mod plans;
mod tidy;
