//! Any body behind any content codings: no more comes out than may, the same whatever the bound
//! where it fits, and what was coded comes back.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, HeaderValue};
use wharf_net::content::{Undecoded, decoded};

const FEW_BYTES: usize = 1 << 10;
const MANY_BYTES: usize = 1 << 18;

/// Left out at the start of a body.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The target. The first line is `Content-Encoding`, the rest is the body.
pub fn content(bytes: &[u8]) {
    let (codings, body) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    stored(body);
    let Ok(codings) = HeaderValue::from_bytes(codings) else {
        return;
    };
    let headers = HeaderMap::from_iter([(CONTENT_ENCODING, codings)]);
    let few = decoded(&headers, body, FEW_BYTES);
    let many = decoded(&headers, body, MANY_BYTES);
    match (&few, &many) {
        (Ok(few), many) => assert_eq!(Ok(few), many.as_ref()),
        // The bound stands for nothing but a bound.
        (Err(Undecoded::TooLarge), Ok(_) | Err(Undecoded::TooLarge | Undecoded::Damaged(_))) => {}
        (Err(few), many) => assert_eq!(Err(few), many.as_ref()),
    }
    if let Ok(many) = many {
        assert!(many.len() <= MANY_BYTES.max(body.len()), "{}", many.len());
    }
}

/// The body as a block of `deflate` that is stored as it is (RFC 1951, 3.2.4).
fn stored(body: &[u8]) {
    let Ok(length) = u16::try_from(body.len()) else {
        return;
    };
    let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("deflate"))]);
    let coded = [
        &[1][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        body,
    ]
    .concat();
    let plain = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let back = decoded(&headers, &coded, body.len());
    assert_eq!(back.as_deref(), Ok(plain));
    if let Some(less) = body.len().checked_sub(1) {
        assert_eq!(decoded(&headers, &coded, less), Err(Undecoded::TooLarge));
    }
}
