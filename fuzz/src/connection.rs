//! Any header lines: what belongs to one connection goes, what ends a message stays. How long the
//! connection may rest is what `Keep-Alive` says, or nothing.

use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName};
use wharf_gateway::wire::{connection_names, remove_hop_by_hop};
use wharf_net::wire::keep_alive;

/// The target. Values need not be ASCII.
pub fn connection(bytes: &[u8]) {
    let mut headers = super::headers(bytes);
    let before = headers.clone();
    rest(&before);
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

fn rest(headers: &HeaderMap) {
    let rest = keep_alive(headers);
    let values = || headers.get_all("keep-alive").iter();
    let says = |value: &http::HeaderValue| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.windows(8).any(|part| part.starts_with(b"timeout"))
            && value.iter().any(u8::is_ascii_digit)
    };
    assert!(rest.is_none() || values().any(says), "{headers:?}");
    assert!(
        rest.is_none_or(|rest| rest < Duration::from_secs(1 << 32)),
        "{headers:?}"
    );
    // Alone, and as most servers write it, it is always read.
    let first = values().next().and_then(|value| value.to_str().ok());
    let digits = first.and_then(|value| value.strip_prefix("timeout="));
    let plain = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(seconds) = plain.and_then(|digits| digits.parse::<u32>().ok()) {
        let expected = Duration::from_secs(u64::from(seconds.saturating_sub(1)));
        assert_eq!(rest, Some(expected), "{headers:?}");
    }
}
