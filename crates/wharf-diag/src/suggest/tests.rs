//! Near words are found, far words are not.

use super::closest;

const VERBS: [&str; 3] = ["Backoff", "Retry", "Rotate key"];

#[test]
fn finds_a_misspelt_word_whatever_its_case() {
    assert_eq!(closest("backof", VERBS), Some("Backoff"));
    assert_eq!(closest("RETYR", VERBS), Some("Retry"));
}

#[test]
fn leaves_a_different_word_alone() {
    assert_eq!(closest("explode", VERBS), None);
    assert_eq!(closest("", VERBS), None);
    assert_eq!(closest(&"x".repeat(65), VERBS), None);
}
