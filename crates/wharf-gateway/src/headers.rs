//! Headers that belong to one hop, headers of our own, and how a message says where it ends.

use std::borrow::Cow;

use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, COOKIE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, MAX_FORWARDS,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, RANGE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    USER_AGENT, WWW_AUTHENTICATE,
};
use http::{Method, StatusCode};

use crate::relocate::{is_about_places, is_for_whole_origin};

pub(crate) const WHARF_SOURCE: HeaderName = HeaderName::from_static("wharf-source");
pub(crate) const WHARF_ATTEMPTS: HeaderName = HeaderName::from_static("wharf-attempts");
pub(crate) const WHARF_TIMEOUT: HeaderName = HeaderName::from_static("wharf-timeout");
pub(crate) const WHARF_ENVIRONMENT: HeaderName = HeaderName::from_static("wharf-environment");
pub(crate) const WHARF_WARNING: HeaderName = HeaderName::from_static("wharf-warning");
pub(crate) const WHARF_SIMULATE: HeaderName = HeaderName::from_static("wharf-simulate");
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What the simulator, which is no vendor, says of its own answers.
const WHARF_SIMULATED: HeaderName = HeaderName::from_static("wharf-simulated");

/// All headers of our own begin with this.
const OUR_PREFIX: &str = "wharf-";

/// RFC 9745 and RFC 8594.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that are never forwarded in either direction (RFC 9110, 7.6.1).
///
/// `Trailer` is not among them: it announces fields to the last recipient (RFC 9110, 6.6.2), and
/// without it no trailer is written.
static HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Fields that a recipient acts on before it sees trailers (RFC 9110, 6.5.1): they frame and
/// route a message, say who sends it, or how its content is to be read.
static NO_TRAILERS: [HeaderName; 12] = [
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    COOKIE,
    EXPECT,
    HOST,
    MAX_FORWARDS,
    RANGE,
    TRAILER,
    WWW_AUTHENTICATE,
];

/// The kinds of headers that a message has, found in one pass over its names.
///
/// What is done for a kind hashes a name or several, and most messages have few kinds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinds(u16);

/// What something is done for.
#[derive(Clone, Copy, Debug)]
#[repr(u16)]
pub(crate) enum Kind {
    /// `Connection`, or what belongs to one connection without being named there.
    HopByHop = 1,
    Upgrade = 1 << 1,
    TransferEncoding = 1 << 2,
    ContentLength = 1 << 3,
    Expect = 1 << 4,
    Cookie = 1 << 5,
    /// Those of our own.
    Ours = 1 << 6,
    /// What a caller takes, or who it says it is.
    Negotiation = 1 << 7,
    /// A vendor's references and cookies.
    Places = 1 << 8,
    /// What speaks for a whole origin.
    WholeOrigin = 1 << 9,
    /// That what was called will be gone.
    Deprecation = 1 << 10,
}

impl Kinds {
    /// Those of a request.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        Self::of(headers, |name| match *name {
            EXPECT => Kind::Expect as u16,
            COOKIE => Kind::Cookie as u16,
            ACCEPT | USER_AGENT => Kind::Negotiation as u16,
            _ => 0,
        })
    }

    /// Those of an answer.
    pub(crate) fn of_answer(headers: &HeaderMap) -> Self {
        Self::of(headers, |name| {
            if is_about_places(name) {
                Kind::Places as u16
            } else if is_for_whole_origin(name) {
                Kind::WholeOrigin as u16
            } else if *name == DEPRECATION || *name == SUNSET {
                Kind::Deprecation as u16
            } else {
                0
            }
        })
    }

    fn of(headers: &HeaderMap, further: impl Fn(&HeaderName) -> u16) -> Self {
        let kinds = headers.keys().map(|name| match *name {
            UPGRADE => Kind::HopByHop as u16 | Kind::Upgrade as u16,
            TRANSFER_ENCODING => Kind::HopByHop as u16 | Kind::TransferEncoding as u16,
            CONTENT_LENGTH => Kind::ContentLength as u16,
            _ if HOP_BY_HOP.contains(name) => Kind::HopByHop as u16,
            _ if is_ours(name) => Kind::Ours as u16,
            _ => further(name),
        });
        Self(kinds.fold(0, |all, kind| all | kind))
    }

    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 & kind as u16 != 0
    }
}

/// The headers that `Connection` names, in whatever bytes its value is written.
///
/// What cannot be a name is passed over, and the names beside it still count.
pub(crate) fn connection_names(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| matches!(byte, b',' | b';')))
        .map(unquoted)
        // What nearly every message says; that header belongs to one connection anyway.
        .filter(|name| *name != b"keep-alive")
        .filter_map(|name| HeaderName::from_bytes(name).ok())
}

fn unquoted(name: &[u8]) -> &[u8] {
    let is_around = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"');
    let start = name
        .iter()
        .position(|byte| !is_around(byte))
        .unwrap_or(name.len());
    let end = name
        .iter()
        .rposition(|byte| !is_around(byte))
        .map_or(start, |last| last + 1);
    &name[start..end]
}

/// Removes what belongs to one connection, the headers that `Connection` names included.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // A caller must not be able to name these away; they decide how a message ends.
    let named: Vec<HeaderName> = connection_names(headers)
        .filter(|name| *name != CONTENT_LENGTH && *name != HOST)
        .collect();
    for name in named {
        headers.remove(name);
    }
    let listed = |name: &HeaderName| HOP_BY_HOP.iter().position(|listed| listed == name);
    let seen = headers.keys().filter_map(listed);
    let seen = seen.fold(0_u8, |seen, place| seen | 1 << place);
    for (place, name) in HOP_BY_HOP.iter().enumerate() {
        if seen & 1 << place != 0 {
            headers.remove(name);
        }
    }
}

/// Prepares a caller's headers for the vendor. Credentials are removed by `identify`.
///
/// Faults that the caller asks for are for the simulator only. That trailers are welcome is said
/// again for our own connection, since they are passed on: some servers send none otherwise, and
/// those of gRPC refuse (RFC 9110, 6.5.1 and 10.1.4).
pub(crate) fn clean_request(headers: &mut HeaderMap, kinds: Kinds, simulated: bool) {
    if kinds.has(Kind::HopByHop) {
        let takes_trailers = takes_trailers(headers);
        remove_hop_by_hop(headers);
        if takes_trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
            headers.insert(CONNECTION, HeaderValue::from_static("te"));
        }
    }
    if kinds.has(Kind::Expect) {
        // Expectations are met by our own server before the body is read.
        headers.remove(EXPECT);
    }
    if kinds.has(Kind::Ours) {
        remove_ours(headers, |name| simulated && *name == WHARF_SIMULATE);
    }
}

/// Prepares a vendor's headers for the caller: a vendor does not speak as Wharf.
pub(crate) fn clean_answer(headers: &mut HeaderMap, kinds: Kinds, simulated: bool) {
    if kinds.has(Kind::HopByHop) {
        remove_hop_by_hop(headers);
    }
    if kinds.has(Kind::Ours) {
        remove_ours(headers, |name| simulated && *name == WHARF_SIMULATED);
    }
}

fn is_ours(name: &HeaderName) -> bool {
    name.as_str().starts_with(OUR_PREFIX)
}

fn remove_ours(headers: &mut HeaderMap, stays: impl Fn(&HeaderName) -> bool) {
    let ours: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_ours(name) && !stays(name))
        .cloned()
        .collect();
    for name in ours {
        headers.remove(name);
    }
}

/// Says anew where a request's body ends, from what the body is.
///
/// Without a length it is chunked, for every method: the client would take a `GET` that says
/// nothing for one without a body. HTTP/2 frames bodies itself, so the client drops the header
/// there. A request without a body has a length only where the caller gave one.
pub(crate) fn frame_request(headers: &mut HeaderMap, kinds: Kinds, length_bytes: Option<u64>) {
    let said = kinds.has(Kind::ContentLength) && headers.remove(CONTENT_LENGTH).is_some();
    match length_bytes {
        Some(length) if length > 0 || said => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Some(_) => {}
        None => {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
    }
}

/// Says anew where an answer's body ends (RFC 9112, 6.3). `kinds` are those of the answer as it
/// came, with the headers of its connection.
///
/// `length_bytes` is that of the body as it was framed, which is not what `Content-Length` says
/// where the body was chunked too. Where there is a length and no body, it is that of an answer
/// not sent, and stays if it can be read as one number.
pub(crate) fn frame_answer(
    headers: &mut HeaderMap,
    kinds: Kinds,
    method: &Method,
    status: StatusCode,
    length_bytes: Option<u64>,
) {
    let has_no_body = *method == Method::HEAD || status == StatusCode::NOT_MODIFIED;
    let length = if status == StatusCode::NO_CONTENT || status.is_informational() {
        None
    } else if has_no_body {
        said_length(headers).filter(|_| !kinds.has(Kind::TransferEncoding))
    } else {
        length_bytes
    };
    if kinds.has(Kind::ContentLength) {
        if length.is_some_and(|length| says_just(headers, length)) {
            return;
        }
        headers.remove(CONTENT_LENGTH);
    }
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Whether `Content-Length` has one value that is this number as we write it.
fn says_just(headers: &HeaderMap, length: u64) -> bool {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let said = values.next().map_or(&b""[..], HeaderValue::as_bytes);
    let is_plain =
        said.iter().all(u8::is_ascii_digit) && (said.len() == 1 || !said.starts_with(b"0"));
    let number = std::str::from_utf8(said).map(str::parse::<u64>);
    is_plain && number == Ok(Ok(length)) && values.next().is_none()
}

/// The length that `Content-Length` says, where all its values say the same.
fn said_length(headers: &HeaderMap) -> Option<u64> {
    let mut lengths = headers
        .get_all(CONTENT_LENGTH)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|text| {
            let text = text.trim_ascii();
            let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
            let text = std::str::from_utf8(text).ok().filter(|_| digits)?;
            text.parse::<u64>().ok()
        });
    let first = lengths.next()??;
    lengths.all(|length| length == Some(first)).then_some(first)
}

/// Removes from trailers what has no place there, in either direction: whatever is removed or
/// changed among headers, and what frames, routes or authorises a message.
///
/// `credentials` are the headers that hold a credential. HTTP/2 refuses some of these fields, and
/// the stream would hang.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap, credentials: &[HeaderName]) {
    remove_hop_by_hop(trailers);
    let out: Vec<HeaderName> = trailers
        .keys()
        .filter(|name| {
            NO_TRAILERS.contains(name)
                || credentials.contains(name)
                || is_ours(name)
                || is_about_places(name)
                || is_for_whole_origin(name)
        })
        .cloned()
        .collect();
    for name in out {
        trailers.remove(name);
    }
}

/// Whether a caller can take trailers.
fn takes_trailers(headers: &HeaderMap) -> bool {
    listed(headers, &TE).any(|coding| coding.eq_ignore_ascii_case(b"trailers"))
}

/// What the values of a header list, without commas.
fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    let values = headers.get_all(name).into_iter();
    values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
}

/// Whether a request asks to go on as a WebSocket on this connection (RFC 6455, 4.1).
pub(crate) fn asks_for_websocket(headers: &HeaderMap) -> bool {
    connection_names(headers).any(|name| name == UPGRADE)
        && headers.get_all(UPGRADE).iter().any(|value| {
            let mut protocols = value.as_bytes().split(|byte| *byte == b',');
            protocols.any(|protocol| {
                let name = protocol.split(|byte| *byte == b'/').next();
                name.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"websocket"))
            })
        })
}

/// Whether a header has a value that says something: blank ones are as good as none, and one
/// blank beside others leaves open which of them counts.
pub(crate) fn is_given(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.contains_key(name)
        && headers
            .get_all(name)
            .iter()
            .all(|value| !is_blank(value.as_bytes()))
}

/// Whether nothing is said: quotes around nothing, and blanks of any kind, in UTF-8 or ISO 8859-1.
fn is_blank(value: &[u8]) -> bool {
    let plain: Cow<'_, str> = std::str::from_utf8(value).map_or_else(
        |_| Cow::Owned(value.iter().map(|byte| char::from(*byte)).collect()),
        Cow::Borrowed,
    );
    plain
        .chars()
        .all(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{200b}' | '\u{feff}'))
}

/// The scheme by which the caller reached the outermost proxy before us.
pub(crate) fn caller_scheme(headers: &HeaderMap) -> &'static str {
    let outermost = headers
        .get(FORWARDED_PROTO)
        .and_then(|value| value.as_bytes().split(|byte| *byte == b',').next());
    match outermost {
        Some(scheme) if scheme.trim_ascii().eq_ignore_ascii_case(b"https") => "https",
        _ => "http",
    }
}

#[cfg(test)]
mod tests;
