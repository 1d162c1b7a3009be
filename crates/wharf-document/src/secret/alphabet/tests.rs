//! Runs are bounded, and words start where nothing of them stands before.

use super::{is_base62, is_hex, run, starts_word};

#[test]
fn a_run_is_never_longer_than_what_tells_that_it_is_too_long() {
    assert_eq!(run("abc-", 0, is_base62, 10), 0..3);
    assert_eq!(run("abcdef", 1, is_base62, 2), 1..4);
    assert_eq!(run("abc", 7, is_hex, 2), 7..7);
}

#[test]
fn a_word_starts_behind_an_escape_and_not_within_a_word() {
    for (text, at) in [("key", 0), ("\"key", 1), ("\\nkey", 2), ("ü:key", 3)] {
        assert!(starts_word(text, at, is_base62), "{text}");
    }
    for (text, at) in [("akey", 1), ("_key", 1), ("9key", 1)] {
        assert!(!starts_word(text, at, is_base62), "{text}");
    }
}
