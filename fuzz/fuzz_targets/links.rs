//! `Link` and `Location` of a vendor. What is asserted stands in `src/links.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::links(bytes));
