//! Tests of `credential`.
