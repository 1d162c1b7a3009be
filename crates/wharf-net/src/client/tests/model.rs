//! The pool as a state machine: any sequence of what callers, vendors and time do to it.
//!
//! `WHARF_POOL_CASES` sets how many sequences each model runs through, `PROPTEST_RNG_SEED` which.

mod http1;
mod shared;
mod vendor;

use proptest::prelude::ProptestConfig;

/// Sequences of a run that nobody asked more of.
const CASES: u32 = 48;

/// A sequence is made shorter for so long at most, in milliseconds.
const SHRINKING_MS: u32 = 60_000;

fn config() -> ProptestConfig {
    let asked = std::env::var("WHARF_POOL_CASES").ok();
    let cases = asked.map_or(CASES, |cases| cases.parse().unwrap());
    ProptestConfig {
        max_shrink_time: SHRINKING_MS,
        // The seed and the steps are printed, and a file beside the source helps nobody.
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}
