//! Tests that need a process of their own: for its memory, its environment or its log.

use std::process::Command;
use std::thread;

/// Set in a child.
const MARK: &str = "WHARF_ITEST_CHILD";

/// Runs the current test in a process of its own and says that it did; says `false` in there.
///
/// The environment of the child is this one's with `variables`. A test that fails there fails
/// here.
pub(crate) fn runs_elsewhere(variables: &[(&str, &str)]) -> bool {
    let thread = thread::current();
    // The test runner names each thread after its test.
    let name = thread.name().unwrap();
    if std::env::var_os(MARK).is_some_and(|mark| mark == name) {
        return false;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(MARK, name)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    true
}
