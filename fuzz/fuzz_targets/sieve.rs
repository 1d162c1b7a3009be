//! HTTP/2 frames of a vendor. What is asserted stands in `src/sieve.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::sieve(bytes));
