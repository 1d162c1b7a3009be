//! What is shown of secrets in documents. What is asserted stands in `src/secrets.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::secrets(bytes));
