//! The control plane: metrics, health and readiness.
//!
//! It reads; it changes nothing. It knows neither the gateway nor the documents: what a page
//! needs it states as a trait, [`Metrics`] or [`Ready`], which whoever knows it fills.

mod host;
mod pages;
mod problem;
mod server;

pub use pages::{
    BrokenDocument, EnvironmentProblem, HeldDocument, Metrics, Readiness, Ready, WaitingDocument,
};
pub use server::{
    CONNECTION_LIFETIME, CONNECTION_LIMIT, Console, DRAIN_TIMEOUT, HEADER_READ_TIMEOUT, Options,
    RunError,
};
