//! Run files of keys. What is asserted stands in `src/runs.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::runs(bytes));
