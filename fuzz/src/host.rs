//! Any target and `Host` of a caller: the host that references of a vendor are led back to is a
//! name or an address with a port, and brings nothing else into a URL.

use http::Request;
use http::header::HOST;
use url::Url;
use wharf_gateway::wire;

/// The target. The first line is the request's target, the others are headers.
pub fn host(bytes: &[u8]) {
    let (target, lines) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    let Ok(mut request) = Request::get(target).body(()) else {
        return;
    };
    *request.headers_mut() = super::headers(lines);
    let (head, ()) = request.into_parts();
    let found = wire::host(&head);
    let mut sent = head.headers.get_all(HOST).iter();
    let (first, second) = (sent.next(), sent.next());
    if second.is_some() || first.is_none() {
        // Two readers could take two, or another than ours.
        assert_eq!(found, None, "{head:?}");
    }
    if let Some(found) = &found {
        assert_plain(found.as_bytes());
        let named = head.uri.authority().map(|named| named.as_str().as_bytes());
        let wanted = named.or_else(|| first.map(http::HeaderValue::as_bytes));
        assert_eq!(Some(found.as_bytes()), wanted, "{head:?}");
    }
    if let (None, Some(first), None) = (head.uri.authority(), first, second) {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if !first.is_empty() && first.as_bytes().iter().all(is_name) {
            assert_eq!(found.as_ref(), Some(first), "{head:?}");
        }
    }
}

/// A URL with this host has no other part than it has without.
fn assert_plain(host: &[u8]) {
    let host = std::str::from_utf8(host).unwrap();
    let odd = |c: char| c <= ' ' || "/\\?#@\"<>".contains(c);
    assert!(!host.is_empty() && !host.contains(odd), "{host:?}");
    // Names that no resolver takes are none of URLs either.
    if let Ok(url) = Url::parse(&format!("http://{host}/own")) {
        assert_eq!(url.path(), "/own", "{host}");
        let others = (url.username(), url.password(), url.query(), url.fragment());
        assert_eq!(others, ("", None, None, None), "{host}");
    }
}
