//! The ceiling itself passes, one line more fails, and tests do not count.

use std::path::Path;

use super::{CEILING_LINES, above_ceiling, is_counted};

#[test]
fn the_ceiling_is_the_last_length_that_passes() {
    assert_eq!(above_ceiling(&"x\n".repeat(CEILING_LINES)), None);
    assert_eq!(
        above_ceiling(&"x\n".repeat(CEILING_LINES + 1)),
        Some(CEILING_LINES + 1)
    );
}

#[test]
fn tests_and_other_files_do_not_count() {
    assert!(is_counted(Path::new("crates/a/src/lib.rs")));
    assert!(!is_counted(Path::new("crates/a/src/lib/tests.rs")));
    assert!(!is_counted(Path::new("crates/a/tests/it/main.rs")));
    assert!(!is_counted(Path::new("crates/a/README.md")));
}
