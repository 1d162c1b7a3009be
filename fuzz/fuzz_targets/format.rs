//! The layout of documents. What is asserted stands in `src/format.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::format(bytes));
