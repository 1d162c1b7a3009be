//! `Host` and target of a caller. What is asserted stands in `src/host.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::host(bytes));
