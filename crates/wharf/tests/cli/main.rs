//! The command line as a user meets it: the real program, real sockets, real signals.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

mod advice;
mod apart;
mod asked;
mod bounds;
mod call;
mod callers;
mod canary;
mod careful;
mod check;
mod compared;
mod control;
mod control_api;
mod credentials;
mod descriptors;
mod encodings;
mod field_store;
mod first_document;
mod fmt;
mod gone;
mod help;
mod hidden;
mod hostile;
mod index;
mod init;
mod leak;
mod list;
mod new;
mod notices;
mod refused;
mod reload;
mod restart;
mod retention;
mod room;
mod sealed;
mod settings;
mod shell;
mod simulate;
mod stop;
mod store;
mod stores;
mod support;
mod takeover;
mod terminal;
