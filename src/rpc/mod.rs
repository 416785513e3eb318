//! Transport: gRPC in, use cases called, gRPC out. No rule of the business lives here.
//!
//! One call, from top to bottom: `gate` finds the rule of the method (`access`), verifies the credential and puts a
//! `Caller` beside the request; the service's file (`gesture`, `approval`, `fulfilment`, `authority`, `event`, `audit`) reads the message into values of the domain
//! (`form`, every violated field at once), calls one use case, and writes the answer (`convert`). A `Problem` becomes a
//! status in one place (`status`).

pub mod access;
pub mod approval;
pub mod audit;
pub mod authority;
pub mod codec;
pub(crate) mod convert;
pub mod event;
pub(crate) mod form;
pub mod fulfilment;
pub mod gate;
pub mod gesture;
pub mod linked;
pub mod observed;
mod status;

pub use status::to_status;

use tonic::Request;

use crate::identity::Caller;
use crate::problem::Problem;

/// The caller whom the gate put beside the request.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<Caller, Problem> {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .ok_or_else(|| Problem::defect("no caller came through the gate"))
}
