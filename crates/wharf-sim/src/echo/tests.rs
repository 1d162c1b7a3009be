//! Tests of `echo`.
