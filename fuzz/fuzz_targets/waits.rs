//! Waits that a vendor asks for. What is asserted stands in `src/waits.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::waits(bytes));
