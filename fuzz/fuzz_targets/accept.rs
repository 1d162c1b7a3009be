//! `Accept` and `User-Agent` of a caller. What is asserted stands in `src/accept.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::accept(bytes));
