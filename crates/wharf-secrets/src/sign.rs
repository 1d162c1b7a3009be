//! Signatures of requests: one file for each scheme.

pub(crate) mod aws4;
