//! The control plane: metrics, health and readiness.
//!
//! It reads; it changes nothing. It knows neither the gateway nor the documents: what it shows
//! comes from the functions in [`Options`].

mod host;
mod problem;
mod readiness;
mod routes;
mod server;

pub use readiness::{BrokenDocument, EnvironmentProblem, HeldDocument, Readiness, WaitingDocument};
pub use server::{
    CONNECTION_LIFETIME, CONNECTION_LIMIT, Console, DRAIN_TIMEOUT, HEADER_READ_TIMEOUT, Options,
    RunError,
};
