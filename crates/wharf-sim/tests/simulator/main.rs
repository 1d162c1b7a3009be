//! The simulator as its callers see it: a real listener, real requests.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

mod answers;
mod catalog;
mod codings;
mod credentials;
mod descriptions;
mod faults;
mod libraries;
mod matching;
mod recipes;
mod server;
mod streams;
mod support;
mod vendor_files;
