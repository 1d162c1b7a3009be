//! The reader of frontmatter. What is asserted stands in `src/frontmatter.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::frontmatter(bytes));
