//! First lines of a caller. What is asserted stands in `src/line.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::line(bytes));
