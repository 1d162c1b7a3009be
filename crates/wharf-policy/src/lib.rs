//! Decisions without input or output.
//!
//! Time and randomness are arguments here, so every decision can be tested case by case.
//! This crate knows nothing about documents, sockets or clocks. A digest is a pure function, so it may
//! compute one.

pub mod bounded;
pub mod budget;
pub mod caller;
pub mod fault;
pub mod limit;
pub mod notice;
pub mod procedure;
pub mod retry;
pub mod retry_after;
pub mod sealed;
pub mod token;
