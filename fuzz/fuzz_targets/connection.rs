//! `Connection`, `Keep-Alive` and what else belongs to one connection. What is asserted stands in `src/connection.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::connection(bytes));
