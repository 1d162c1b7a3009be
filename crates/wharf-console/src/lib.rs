//! The control plane: metrics, health and readiness for everyone, and an API for who has the token.
//!
//! It knows neither the gateway nor the documents, and opens no store: what a page or a part of the
//! API needs it states as a trait, such as [`Metrics`] or [`Callers`], which whoever knows it fills.

mod api;
mod host;
mod pages;
mod problem;
mod refusals;
mod server;

pub use api::audit::Audit;
pub use api::callers::Callers;
pub use api::store::State;
pub use api::token::ControlToken;
pub use api::{Api, Later, wire};
pub use pages::{
    BrokenDocument, EnvironmentProblem, HeldDocument, Metrics, Readiness, Ready, WaitingDocument,
};
pub use refusals::{Reason, Refusals};
pub use server::{
    CONNECTION_LIFETIME, CONNECTION_LIMIT, Console, DRAIN_TIMEOUT, HEADER_READ_TIMEOUT, Options,
    RunError,
};
