//! Sealed secrets, keys and names. What is asserted stands in `src/sealed.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::sealed(bytes));
