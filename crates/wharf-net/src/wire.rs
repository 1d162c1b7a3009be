//! Readers of what comes over the wire, in a form that fuzz targets can reach.
//!
//! Not part of the interface: nothing else may use it.

use std::time::Duration;

use http::HeaderMap;

use crate::client::head;

/// How long a connection may rest behind an answer with these headers.
pub fn keep_alive(headers: &HeaderMap) -> Option<Duration> {
    head::keep_alive(headers)
}
