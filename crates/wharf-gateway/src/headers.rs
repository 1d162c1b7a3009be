//! Headers that belong to one hop, and headers of our own.

use http::header::{
    CONNECTION, EXPECT, HeaderMap, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRANSFER_ENCODING, UPGRADE,
};

pub(crate) const WHARF_SOURCE: HeaderName = HeaderName::from_static("wharf-source");
pub(crate) const WHARF_ATTEMPTS: HeaderName = HeaderName::from_static("wharf-attempts");
pub(crate) const WHARF_TIMEOUT: HeaderName = HeaderName::from_static("wharf-timeout");
pub(crate) const WHARF_ENVIRONMENT: HeaderName = HeaderName::from_static("wharf-environment");
pub(crate) const WHARF_WARNING: HeaderName = HeaderName::from_static("wharf-warning");
pub(crate) const WHARF_SIMULATE: HeaderName = HeaderName::from_static("wharf-simulate");
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Headers that are never forwarded in either direction (RFC 9110, 7.6.1).
///
/// `Trailer` is not among them: it announces fields to the last recipient (RFC 9110, 6.6.2), and
/// without it no trailer is written.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Removes what belongs to one connection, the headers that `Connection` names included.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
            // A caller must not be able to name these away; they decide how a message ends.
            .filter(|name| *name != http::header::CONTENT_LENGTH && *name != http::header::HOST)
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Prepares a caller's headers for the vendor. Credentials are removed by `identify`.
///
/// Faults that the caller asks for are for the simulator only.
pub(crate) fn clean_request(headers: &mut HeaderMap, simulated: bool) {
    remove_hop_by_hop(headers);
    // Expectations are met by our own server before the body is read.
    headers.remove(EXPECT);
    headers.remove(WHARF_TIMEOUT);
    headers.remove(WHARF_ENVIRONMENT);
    if !simulated {
        headers.remove(WHARF_SIMULATE);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};

    use super::{clean_request, remove_hop_by_hop};

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn headers_named_by_connection_go_with_it() {
        let mut map = headers(&[
            ("connection", "close, X-Session"),
            ("connection", "x-other"),
            ("x-session", "1"),
            ("x-other", "2"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("accept", "*/*"),
        ]);
        remove_hop_by_hop(&mut map);
        assert_eq!(
            map.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(),
            ["accept"]
        );
    }

    #[test]
    fn the_length_cannot_be_named_away() {
        let mut map = headers(&[("connection", "content-length"), ("content-length", "3")]);
        remove_hop_by_hop(&mut map);
        assert!(map.contains_key(CONTENT_LENGTH) && !map.contains_key(CONNECTION));
    }

    #[test]
    fn our_own_headers_do_not_reach_the_vendor() {
        let ours = [
            ("wharf-timeout", "3"),
            ("wharf-environment", "staging"),
            ("wharf-simulate", "reset"),
            ("expect", "100-continue"),
        ];
        let mut map = headers(&ours);
        clean_request(&mut map, false);
        assert!(map.is_empty());
        let mut map = headers(&ours);
        clean_request(&mut map, true);
        assert_eq!(
            map.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(),
            ["wharf-simulate"]
        );
    }
}
