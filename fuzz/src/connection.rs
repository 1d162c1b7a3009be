//! Any header lines: what belongs to one connection goes, what ends a message stays.

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName};
use wharf_gateway::wire::{connection_names, remove_hop_by_hop};

/// The target. Values need not be ASCII.
pub fn connection(bytes: &[u8]) {
    let mut headers = super::headers(bytes);
    let before = headers.clone();
    remove_hop_by_hop(&mut headers);
    for name in [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        assert!(!headers.contains_key(&name), "{name} in {headers:?}");
    }
    assert!(!headers.contains_key("keep-alive"), "{headers:?}");
    for name in [CONTENT_LENGTH, HOST] {
        let count = |headers: &HeaderMap| headers.get_all(&name).iter().count();
        assert_eq!(count(&headers), count(&before), "{name}");
    }
    for value in before.get_all(CONNECTION) {
        let found = connection_names(value.as_bytes());
        let named = value.as_bytes().split(|byte| *byte == b',');
        for name in named.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()) {
            assert!(found.contains(&name), "{name}");
        }
        for name in found {
            let stays = name == CONTENT_LENGTH || name == HOST;
            assert!(stays || !headers.contains_key(&name), "{name}");
        }
    }
}
