//! Tests of `compiled`.
