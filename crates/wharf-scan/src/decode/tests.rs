//! Decoders against published vectors.

use super::{base32_start, base64, base64_text};

#[test]
fn the_vectors_of_rfc_4648() {
    assert_eq!(base64_text("Zm9vYmFy").as_deref(), Some("foobar"));
    assert_eq!(base64_text("Zm9vYg==").as_deref(), Some("foob"));
    assert_eq!(base64("-_"), base64("+/"));
    let foobar = u64::from_be_bytes(*b"\0\0foobar");
    assert_eq!(base32_start("MZXW6YTBOI"), Some(foobar));
}

#[test]
fn other_characters_are_refused() {
    assert_eq!(base64("Zm9v YmFy"), None);
    assert_eq!(base64_text("_w"), None, "not UTF-8");
    assert_eq!(base32_start("MZXW6YTB0I"), None);
    assert_eq!(base32_start("MZXW"), None);
}
