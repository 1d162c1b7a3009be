//! Any header lines: what belongs to one connection goes, what ends a message stays.

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};

/// The target.
pub fn connection(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut headers = super::headers(text);
    let before = headers.clone();
    wharf_gateway::wire::remove_hop_by_hop(&mut headers);
    for name in [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        assert!(!headers.contains_key(&name), "{name} in {headers:?}");
    }
    assert!(!headers.contains_key("keep-alive"), "{headers:?}");
    for name in [CONTENT_LENGTH, HOST] {
        let count = |headers: &http::HeaderMap| headers.get_all(&name).iter().count();
        assert_eq!(count(&headers), count(&before), "{name}");
    }
    for name in before.get_all(CONNECTION) {
        let named = name.to_str().unwrap_or_default().split(',').map(str::trim);
        for name in named.filter_map(|name| name.parse::<http::HeaderName>().ok()) {
            let stays = name == CONTENT_LENGTH || name == HOST;
            assert!(stays || !headers.contains_key(&name), "{name}");
        }
    }
}
