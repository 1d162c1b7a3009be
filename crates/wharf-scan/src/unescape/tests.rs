//! Places in a text without escapes are found again in the source.

use super::plain;

#[test]
fn escapes_are_taken_out_and_their_places_kept() {
    let source = r"é a\_b &#95;c&#x5F;d &lowbar;e \| \\ f\-g";
    let plain = plain(source).unwrap();
    assert_eq!(plain.text, r"é a_b _c_d _e \| \\ f-g");
    for (piece, is_escaped) in [
        ("a_b", true),
        ("_c_d", true),
        ("_e", true),
        ("f-g", true),
        ("é a", false),
        (r"\|", false),
    ] {
        let at = plain.text.find(piece).unwrap();
        let (span, has) = plain.in_source(&(at..at + piece.len()));
        assert_eq!(has, is_escaped, "{piece}");
        let meant = super::plain(&source[span]).map_or(piece.to_owned(), |plain| plain.text);
        assert_eq!(meant, piece);
    }
}

#[test]
fn a_text_without_escapes_is_not_copied() {
    for text in [
        "",
        "a_b",
        r"\| \n \\",
        "&amp; &#95 &#9999999; &#x;",
        "\\",
        "&",
        "&#",
    ] {
        assert!(plain(text).is_none(), "{text}");
    }
}
