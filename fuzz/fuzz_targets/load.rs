//! The reader of documents. What is asserted stands in `src/load.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::load(bytes));
