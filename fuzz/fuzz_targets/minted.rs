//! Answers of token endpoints. What is asserted stands in `src/minted.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::minted(bytes));
