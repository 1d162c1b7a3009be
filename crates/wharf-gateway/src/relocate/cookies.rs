//! Cookies of a vendor come back to that vendor only.
//!
//! A client keeps cookies by host and path (RFC 6265, 5.3 and 5.4). All vendors share our host, so
//! the path keeps them apart: it is always set, and always below the integration.

use super::{Place, Places};

/// The attributes that are kept (RFC 6265bis, 4.1.1, and `Priority` of Chromium), but for `Path`.
/// Any other name is left out: some readers see a known one in it, since they take off more around
/// it than blanks of ASCII.
const KEPT: [&[u8]; 7] = [
    b"expires",
    b"max-age",
    b"secure",
    b"httponly",
    b"samesite",
    b"partitioned",
    b"priority",
];

/// Maps the attributes of a `Set-Cookie` value; `None` when no request through us could carry the
/// cookie, or when there is no room for its path.
///
/// `Domain` goes, and so does what is no attribute. To a caller without TLS, `Secure` goes too, and with it what is refused without
/// it: `SameSite=None` and `Partitioned`. The cookie's name stays, so a client that knows the
/// prefixes `__Secure-` and `__Host-` drops such a cookie where its conditions are not met.
pub(super) fn set_cookie(value: &[u8], places: &Places) -> Option<Vec<u8>> {
    let local = places.local_path()?;
    let mut parts = value.split(|byte| *byte == b';');
    let mut mapped = parts.next()?.trim_ascii().to_vec();
    let mut path: Option<&[u8]> = None;
    for attribute in parts {
        let attribute = attribute.trim_ascii();
        let (name, said) = match attribute.iter().position(|byte| *byte == b'=') {
            Some(at) => (
                attribute[..at].trim_ascii(),
                attribute[at + 1..].trim_ascii(),
            ),
            None => (attribute, &[][..]),
        };
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        let needs_tls = is("secure")
            || is("partitioned")
            || (is("samesite") && said.eq_ignore_ascii_case(b"none"));
        if is("path") {
            // The last one counts, also an empty one.
            path = Some(said);
        } else if KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept))
            && (places.is_local_secure() || !needs_tls)
        {
            mapped.extend_from_slice(b"; ");
            mapped.extend_from_slice(attribute);
        }
    }
    let path = match path {
        Some(path) if path.starts_with(b"/") => std::str::from_utf8(path).ok()?,
        _ => default_path(places.request_path()),
    };
    if !places.affords(path.len()) {
        return None;
    }
    mapped.extend_from_slice(b"; Path=");
    match places.place(path) {
        // Without its slash, the path covers the integration's own address too.
        Place::Below(below) if below.strip_suffix('/') == Some(local) => {
            mapped.extend_from_slice(local.as_bytes());
        }
        Place::Below(below) => mapped.extend_from_slice(below.as_bytes()),
        Place::Above => mapped.extend_from_slice(local.as_bytes()),
        Place::Beside => return None,
    }
    Some(mapped)
}

/// The path of a cookie that names none: the request's, up to its last slash (RFC 6265, 5.1.4).
fn default_path(request: &str) -> &str {
    match request.rfind('/') {
        None | Some(0) => "/",
        Some(last) => &request[..last],
    }
}
