//! The tests in Rust, again and again on a busy machine.

use std::io::Read as _;
use std::process::{Command, Stdio};

use super::run::Run;

/// The word that makes this program keep one processor busy.
pub(crate) const BUSY: &str = "busy";

/// Turns until standard input is closed, which also happens when the one who asked dies.
pub(crate) fn keep_busy() {
    std::thread::spawn(|| {
        let mut turns = 0_u64;
        loop {
            turns = std::hint::black_box(turns.wrapping_add(1));
        }
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

pub(crate) fn run(run: &mut Run) {
    let mut busy: Vec<_> = (0..2)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg(BUSY).stdin(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    run.as_many_as_fit(|_| {
        // The variables that cargo sets for this program are not those of another run.
        let status = Command::new("cargo")
            .args(["nextest", "run", "--workspace", "--no-fail-fast"])
            .args(["--status-level", "slow", "--final-status-level", "slow"])
            .current_dir(super::fuzzing::root())
            .env_remove("CARGO_MANIFEST_DIR")
            .status()
            .expect("cargo-nextest is installed");
        assert!(status.success(), "{status}");
    });
    for process in &mut busy {
        drop(process.stdin.take());
        process.wait().unwrap();
    }
}
