//! A vendor's JSON error body. What is asserted stands in `src/codes.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::codes(bytes));
