//! Checksums against published vectors.

use super::{crc32, ends_with_base36, ends_with_base62};

#[test]
fn checksums_are_those_of_the_standards() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    assert!(ends_with_base62("hello0zNvy2"));
    assert!(ends_with_base36("hello0f01gna"));
}

#[test]
fn a_changed_character_is_noticed() {
    for text in [
        "hallo0zNvy2",
        "hello0zNvy3",
        "hello1zNvy2",
        "0zNvy2",
        "",
        "é",
    ] {
        assert!(!ends_with_base62(text), "{text}");
    }
    assert!(!ends_with_base36("hallo0f01gna"));
}
