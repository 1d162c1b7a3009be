//! Any place of a token: found or not without a panic, and gone once it is taken out.

use wharf_gateway::wire::{remove_token, without_token};

/// The only registered caller's.
const TOKEN: &str = "wharf_t";

/// The target. The first line is the query, the others are headers; all of it is also the value
/// of one header beside the token.
pub fn token(bytes: &[u8]) {
    if let Some(left) = without_token(b"Bearer wharf_t", bytes) {
        assert!(left.iter().all(|value| !holds_token(value.as_bytes())));
    }
    let (query, lines) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end..]),
        None => (bytes, &[][..]),
    };
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    let mut headers = super::headers(lines);
    let Some(left) = remove_token(&mut headers, query, TOKEN) else {
        return;
    };
    assert!(!holds_token(left.as_bytes()), "{left}");
    assert!(!headers.contains_key("authorization"), "{headers:?}");
    assert!(!headers.contains_key("x-api-key"), "{headers:?}");
    assert!(
        headers.values().all(|value| !holds_token(value.as_bytes())),
        "{headers:?}"
    );
    let again = remove_token(&mut headers, &left, TOKEN);
    assert_eq!(again, None, "{headers:?} {left}");
}

fn holds_token(bytes: &[u8]) -> bool {
    bytes
        .windows(TOKEN.len())
        .any(|window| window == TOKEN.as_bytes())
}
