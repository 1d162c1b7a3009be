//! The path of a caller. What is asserted stands in `src/path.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::path(bytes));
