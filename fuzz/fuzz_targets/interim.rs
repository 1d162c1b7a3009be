//! Interim answers of a vendor. What is asserted stands in `src/interim.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::interim(bytes));
