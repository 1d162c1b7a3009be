//! Any place of a token: found or not without a panic, and gone once it is taken out.

use wharf_gateway::wire::{has_token, remove_token};

/// The only registered caller's.
const TOKEN: &str = "wharf_t";

/// The target. The first line is the query, the others are headers.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (query, lines) = text.split_once('\n').unwrap_or((text, ""));
    let mut headers = super::headers(lines);
    has_token(&headers, query, TOKEN);
    let query = remove_token(&mut headers, query);
    assert!(!headers.contains_key("authorization"));
    assert!(!headers.contains_key("x-api-key"));
    assert!(!has_token(&headers, &query, TOKEN), "{headers:?} {query}");
}
