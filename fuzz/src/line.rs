//! Any first line of a caller: what is wrong with it is told alike in whatever pieces it comes, in
//! few words, and a plain one is right.

use wharf_net::wire::mistake;

/// What is told quotes one character at most.
const MOST_BYTES: usize = 200;

/// The target.
pub fn line(bytes: &[u8]) {
    let at_once = mistake(bytes, usize::MAX);
    for piece_bytes in [1, 2, 7, 100] {
        assert_eq!(mistake(bytes, piece_bytes), at_once, "{piece_bytes}");
    }
    if let Some((_, detail)) = &at_once {
        assert!(detail.len() <= MOST_BYTES, "{detail}");
        assert!(!detail.chars().any(char::is_control), "{detail:?}");
    }
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/?&=%.-_~".contains(byte);
    if bytes.iter().all(is_plain) {
        let request = [b"GET /", bytes, b" HTTP/1.1\r\n"].concat();
        assert_eq!(
            mistake(&request, usize::MAX),
            None,
            "{}",
            bytes.escape_ascii()
        );
    }
}
