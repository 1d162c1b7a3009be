//! The snapshot of the process environment, seen from a process that was started with a bad value.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use secrecy::ExposeSecret;

use super::{ProcessVariables, Variables};

const TEXT: &str = "WHARF_SECRETS_TEST_TEXT";
const BYTES: &str = "WHARF_SECRETS_TEST_BYTES";

#[test]
fn values_that_are_not_utf_8_are_told_apart_from_missing_ones() {
    if std::env::var_os(TEXT).is_none() {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "variables::tests::values_that_are_not_utf_8_are_told_apart_from_missing_ones",
                "--exact",
            ])
            .env(TEXT, "wanted")
            .env(BYTES, OsStr::from_bytes(b"\xff\xfe"))
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(child.status.success(), "{output}");
        assert!(output.contains("1 passed"), "{output}");
        return;
    }
    let variables = ProcessVariables::read();
    assert_eq!(variables.get(TEXT).unwrap().expose_secret(), "wanted");
    assert!(!variables.is_not_text(TEXT));
    assert!(variables.get(BYTES).is_none());
    assert!(variables.is_not_text(BYTES));
    assert!(variables.get("WHARF_SECRETS_TEST_ABSENT").is_none());
    assert!(!variables.is_not_text("WHARF_SECRETS_TEST_ABSENT"));
    let shown = format!("{variables:?}");
    assert!(!shown.contains("wanted"), "{shown}");
}
