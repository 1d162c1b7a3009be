//! The gateway against vendors that misbehave, and callers that do.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

mod advice;
mod bodies;
mod broken_vendor;
mod clocks;
mod codes;
mod connections;
mod credentials;
mod crowd;
mod early;
mod field;
mod frames;
mod framing;
mod headers;
mod hostile;
mod lifecycle;
mod once;
mod places;
mod recovery;
mod refusals;
mod replay;
mod secrecy;
mod shown;
mod streaming;
mod support;
mod suspects;
mod tls;
mod tokens;
mod uploads;
