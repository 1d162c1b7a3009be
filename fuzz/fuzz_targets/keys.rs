//! Keys that sign. What is asserted stands in `src/keys.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::keys(bytes));
