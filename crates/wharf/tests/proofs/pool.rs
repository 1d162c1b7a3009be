//! The models of the pool of connections, which stand beside it as tests: here with as many
//! sequences as fit in the time.

use std::process::Command;
use std::time::{Duration, Instant};

use super::run::{Length, Run};

/// How the tests that drive the models are named.
const MODELS: &str = "client::tests::model::";

/// Sequences of each model between two looks at the clock.
const AT_ONCE: u64 = 100;

pub(crate) fn run(run: &mut Run) {
    if run.length == Length::Small {
        sequences(run, run.count);
        run.done = run.count;
        return;
    }
    // Building is no part of the time.
    sequences(run, 1);
    let (time, started) = (Duration::from_secs(run.count), Instant::now());
    let mut made = 0;
    while started.elapsed() < time && run.failed() == 0 {
        sequences(run, AT_ONCE);
        made += AT_ONCE;
    }
    run.done = run.count;
    run.note(format!("{made} sequences of each model"));
}

/// Runs each model through so many sequences, which follow from the seed of the proof.
fn sequences(run: &mut Run, count: u64) {
    let seed = run.random.u64(..);
    run.attempt(|_| {
        // The variables that cargo sets for this program are not those of another run.
        let output = Command::new("cargo")
            .args(["test", "--quiet", "--workspace", "--lib", "--", MODELS])
            .current_dir(super::fuzzing::root())
            .env_remove("CARGO_MANIFEST_DIR")
            .env("WHARF_POOL_CASES", count.to_string())
            .env("PROPTEST_RNG_SEED", seed.to_string())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        // A name that no test has any more would pass.
        assert!(
            output.status.success() && told.contains("ok. 4 passed"),
            "WHARF_POOL_CASES={count} PROPTEST_RNG_SEED={seed}: {told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    });
}
