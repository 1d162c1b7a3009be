//! Any `Wharf-Timeout`: a time above zero and up to one hour, or none.

use std::time::Duration;

/// The target.
pub fn timeout(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(time) = wharf_gateway::wire::timeout(text) {
        assert!(time <= Duration::from_secs(3_600), "{time:?}");
        assert!(
            text.contains(|sign: char| sign.is_ascii_digit()),
            "{time:?}"
        );
    }
}
