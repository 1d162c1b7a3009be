//! Placeholders of all sorts are told from drawn words.

use super::{is_drawn, is_filler};
use crate::samples::{BASE62, HEX, drawn};

#[test]
fn what_stands_for_a_value_is_told() {
    for word in [
        "your-api-key-here",
        "IOSFODNN7EXAMPLE",
        "<token>",
        "${TOKEN}",
        "{{ token }}",
        "abc...xyz",
        "xxxxxxxxxxxxxxxx",
        "aaaaaaaaaaaa9f3k",
        "deadbeefdeadbeefdeadbeef",
        "abcdef0123456789abcdef0123456789",
        "9876543210987654",
        "1a2b3c4d5e6f7g8h9i0j",
        "RePlAcE-Me-Please-42",
    ] {
        assert!(is_filler(word), "{word}");
    }
}

#[test]
fn drawn_words_are_none() {
    for length in [16, 24, 40, 64] {
        assert!(is_drawn(&drawn(BASE62, length)));
        assert!(is_drawn(&drawn(HEX, length.max(32))));
    }
    assert!(!is_drawn("aaaabbbbccccaaaa"), "too little entropy");
}
