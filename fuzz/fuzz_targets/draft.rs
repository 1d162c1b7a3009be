//! Edits of documents. What is asserted stands in `src/draft.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::draft(bytes));
