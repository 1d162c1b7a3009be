//! Content codings of a body. What is asserted stands in `src/content.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::content(bytes));
