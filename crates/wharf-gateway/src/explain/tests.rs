//! What callers are told to wait.

use std::time::Duration;

use super::whole_seconds;

#[test]
fn no_wait_is_told_shorter_than_it_is() {
    for (milliseconds, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (2_900, 3)] {
        assert_eq!(whole_seconds(Duration::from_millis(milliseconds)), seconds);
    }
    assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
}
