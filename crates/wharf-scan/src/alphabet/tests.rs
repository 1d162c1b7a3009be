//! Runs are bounded, and words start where nothing of them stands before.

use super::{is_base62, is_base64, is_base64url, is_hex, run, run_of_word, starts_word};

#[test]
fn a_run_is_never_longer_than_what_tells_that_it_is_too_long() {
    assert_eq!(run("abc-", 0, is_base62, 10), 0..3);
    assert_eq!(run("abcdef", 1, is_base62, 2), 1..4);
    assert_eq!(run("abc", 7, is_hex, 2), 7..7);
}

#[test]
fn a_word_starts_behind_an_escape_and_not_within_a_word() {
    for before in [
        "",
        "\"",
        "\\n",
        "ü:",
        "NAME=",
        "?a=%22",
        "a%20",
        "\\u003d",
        "_",
        "**_",
        "x _",
        "/",
        "+",
        "\u{1b}[32m",
        "\u{1b}[1;32m",
    ] {
        let text = format!("{before}key");
        assert!(starts_word(&text, before.len(), is_base64), "{text}");
    }
    for before in [
        "a", "9", "a_", "NAME_", "__init_", "a%2", "\\u03", "m", "[m",
    ] {
        let text = format!("{before}key");
        assert!(!starts_word(&text, before.len(), is_base64), "{text}");
    }
    assert!(!starts_word("a-key", 2, is_base64url));
}

#[test]
fn marks_of_emphasis_are_no_part_of_a_word() {
    for (text, at, rest) in [
        ("_ab_", 1, "ab"),
        ("**_ab_**", 3, "ab"),
        ("__ab__ c", 2, "ab"),
        ("_ab", 1, "ab"),
        ("ab_", 0, "ab_"),
        ("=ab_ c", 1, "ab_"),
    ] {
        assert_eq!(
            &text[run_of_word(text, at, at, is_base64url, 8)],
            rest,
            "{text}"
        );
    }
    assert_eq!(run_of_word("ab", 0, 9, is_base64url, 8), 9..9);
}
