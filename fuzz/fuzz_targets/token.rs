//! The places of a caller's token. What is asserted stands in `src/token.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::token(bytes));
