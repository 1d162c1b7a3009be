//! Every word is found, long ones to their end, and what is looked for stays small.

use super::{NEEDLE_BYTES, Words};

fn replaced(words: &[&str], text: &str) -> String {
    let words = Words::new(words.iter().copied());
    words
        .replaced(text, |_| "*".to_owned())
        .unwrap_or_else(|| text.to_owned())
}

#[test]
fn words_are_found_wherever_they_stand() {
    assert_eq!(replaced(&["secret"], "a secret, secrets"), "a *, *s");
    assert_eq!(replaced(&[], "a secret"), "a secret");
    assert_eq!(replaced(&["", "x"], "axb"), "a*b");
    assert_eq!(replaced(&["secret"], "secre"), "secre");
    assert_eq!(replaced(&["ключ-1"], "a ключ-1ж"), "a *ж");
}

#[test]
fn of_two_that_start_alike_the_longest_is_taken() {
    assert_eq!(replaced(&["secret", "secret-two"], "secret-two!"), "*!");
    assert_eq!(replaced(&["secret", "secret-two"], "secret-tw!"), "*-tw!");
}

#[test]
fn a_word_that_starts_inside_another_is_hidden_to_its_end() {
    assert_eq!(replaced(&["abcdefgh", "efghijkl"], "-abcdefghijkl-"), "-*-");
}

#[test]
fn a_long_word_is_hidden_to_its_end() {
    let long: String = (0..100).map(|n| format!("{n:03}.")).collect();
    assert_eq!(replaced(&[&long], &format!("a {long} b")), "a * b");
    // Its start alone gives it away as well.
    let start = &long[..NEEDLE_BYTES + 6];
    assert_eq!(replaced(&[&long], &format!("a {start}")), "a *");
    // The start of one, then the whole of another.
    let other = format!("{}efghijkl-0123456789", &long[40..NEEDLE_BYTES]);
    let text = format!("{}{other} b", &long[..40]);
    let shown = replaced(&[&long, &other], &text);
    assert!(!shown.contains("0123456789"), "{shown}");
}

#[test]
fn no_character_is_cut() {
    let long = "ж".repeat(200);
    // A word that repeats its own start hides as much again behind it.
    assert_eq!(replaced(&[&long], &format!("a {long} b")), "a *");
    let other = format!("{}x{}", "ж".repeat(32), "я".repeat(200));
    replaced(
        &[&long, &other],
        &format!("{}{}", &long[..64], "яx€".repeat(80)),
    );
}

#[test]
fn what_is_looked_for_is_small_however_long_the_words_are() {
    let repeated = "a1".repeat(40_000);
    let nested: Vec<&str> = (0..5_000).map(|n| &repeated[n..]).collect();
    let words = Words::new(nested);
    assert!(words.needle_bytes() <= 2 * NEEDLE_BYTES);
    let places = words.places(&repeated);
    assert_eq!(places.len(), 1);
    assert_eq!((places[0].start, places[0].end), (0, repeated.len()));
}
