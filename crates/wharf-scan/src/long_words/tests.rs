//! The second pass skips no word.

use std::time::{Duration, Instant};

use super::read;
use crate::samples::{HEX, drawn};

#[test]
fn a_word_is_found_wherever_it_stands() {
    let key = ["SK", &drawn(HEX, 32)].concat();
    for before in 0..60 {
        let text = format!(
            "{}{} {key} {}",
            "a".repeat(before % 7),
            " ".repeat(before),
            "b".repeat(before)
        );
        let found = read(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(&text[found[0].span.clone()], key);
    }
}

#[test]
fn two_words_are_found_in_their_order() {
    let key = ["SK", &drawn(HEX, 32)].concat();
    let text = format!("{key},{key}");
    let places: Vec<_> = read(&text).into_iter().map(|found| found.span).collect();
    assert_eq!(places, [0..34, 35..69]);
}

/// A run without a space was read again from behind every word that was found in it.
#[test]
fn words_of_one_run_are_found_in_one_walk() {
    let key = ["SK", &drawn(HEX, 32), "/"].concat();
    let start = Instant::now();
    assert_eq!(read(&key.repeat(60_000)).len(), 60_000);
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
}
