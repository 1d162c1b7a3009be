//! Any `Wharf-Timeout`: a time above zero and up to one hour, or none.

use std::time::Duration;

/// The target.
pub fn timeout(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(time) = wharf_gateway::wire::timeout(text) {
        assert!(!time.is_zero(), "{text}");
        assert!(time <= Duration::from_secs(3_600), "{time:?}");
        let number = text.trim().trim_end_matches(['m', 's']).trim();
        let is_plain = |sign: char| sign.is_ascii_digit() || sign == '.';
        assert!(number.chars().all(is_plain), "{text}");
    }
}
