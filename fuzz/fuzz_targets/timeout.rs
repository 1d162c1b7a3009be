//! `Wharf-Timeout` of a caller. What is asserted stands in `src/timeout.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::timeout(bytes));
