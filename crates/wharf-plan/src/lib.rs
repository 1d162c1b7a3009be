//! A workspace of integrations compiled into one immutable plan.
//!
//! The documents say some things twice and leave others open; here every question has one
//! answer: which base URL, how many retries, which timeout, which row of the error table.
//! Compiling cannot fail: what a document does not give is recorded as absent, and a call that
//! needs it gets an answer that says so.

mod calls;
mod change;
mod compile;
mod defaults;
mod effective;
mod limits;
mod not_in_force;
mod plan;

pub use calls::{
    Answer, CallSettings, CompiledEnvironment, CompiledIntegration, CompiledOperation,
    CompiledPlacement, ErrorTable, MatchedRow,
};
pub use change::{Risk, Section, what_it_changes};
pub use compile::compile;
pub use defaults::{ATTEMPT_TIMEOUT, CALL_BODY_LIMIT_BYTES, CONNECT_TIMEOUT};
pub use effective::{
    EffectiveSettings, EnvironmentSettings, OperationSettings, Place, SentAs, Setting, effective,
    shown,
};
pub use limits::{VendorLimits, VendorSign};
pub use not_in_force::{NotInForce, Part, not_in_force};
pub use plan::{Plan, Redirection};

#[cfg(test)]
mod tests;
