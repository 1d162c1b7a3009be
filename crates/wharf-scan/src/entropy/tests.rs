//! Entropy against numbers by hand.

use super::{are_letters_scrambled, is_high, is_scrambled, shannon};
use crate::samples::{BASE62, HEX, drawn};

#[test]
fn entropy_is_shannons() {
    for (word, bits) in [("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("", 0.0)] {
        assert!((shannon(word) - bits).abs() < 1e-9, "{word}");
    }
}

#[test]
fn drawn_words_are_told_from_names() {
    assert!(is_high(&drawn(BASE62, 24)) && is_scrambled(&drawn(BASE62, 24)));
    assert!(is_high(&drawn(HEX, 32)) && is_scrambled(&drawn(HEX, 32)));
    assert!(are_letters_scrambled(&drawn("abcdefghABCDEFGH", 24)));
    assert!(!is_high("aaaabbbbaaaabbbb") && !is_high(""));
    assert!(!is_scrambled("production-eu-west-1"));
    assert!(!are_letters_scrambled("BasicAuthenticationProvider"));
}
