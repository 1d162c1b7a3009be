//! Segments of the log of events. What is asserted stands in `src/segments.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wharf_fuzz::segments(bytes));
