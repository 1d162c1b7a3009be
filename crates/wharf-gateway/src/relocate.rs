//! What a vendor says about places, in headers, holds below its own integration only.
//!
//! To a client, all integrations are one origin. So no rule of the client keeps them apart, and
//! a vendor's word could lead it to another integration, where Wharf would add that vendor's
//! credential. Every reference is therefore resolved against the request it answers, and then
//! leads below the integration, or away from Wharf, or is removed.

mod cookies;
mod link;
mod origin;
mod reference;
mod secrets;

use http::header::{
    CONTENT_LOCATION, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION, REFRESH, SET_COOKIE,
};

pub(crate) use origin::is_for_whole_origin;
pub(crate) use reference::Places;
pub(crate) use secrets::{Forms, SHORTEST_BYTES, Secrets};

use crate::headers::{Kind, Kinds};
use origin::remove_for_whole_origin;
use reference::Place;

/// As `HX-Redirect`, or an object of JSON that has the reference in it.
const HX_LOCATION: HeaderName = HeaderName::from_static("hx-location");

/// Headers whose whole value is one reference that clients follow or ask again.
static REFERENCES: [HeaderName; 9] = [
    LOCATION,
    CONTENT_LOCATION,
    // Polling addresses of Azure.
    HeaderName::from_static("operation-location"),
    HeaderName::from_static("azure-asyncoperation"),
    // Addresses for the parts of a resumable upload at Google.
    HeaderName::from_static("x-goog-upload-url"),
    HeaderName::from_static("x-goog-upload-control-url"),
    // Where web front ends are told to go on.
    HeaderName::from_static("turbo-location"),
    HeaderName::from_static("hx-redirect"),
    HX_LOCATION,
];

/// Whether a header is changed here, so that it has no place among trailers.
pub(crate) fn is_about_places(name: &HeaderName) -> bool {
    *name == LINK || *name == REFRESH || *name == SET_COOKIE || REFERENCES.contains(name)
}

/// Makes an answer's headers safe for a client that sees all integrations as one origin, and
/// takes our credential out of them, wherever it stands.
///
/// `places` is asked only when there is something to replace; it gives `None` when the vendor's
/// URL cannot be read, and then every reference is removed.
pub(crate) fn relocate(
    headers: &mut HeaderMap,
    kinds: Kinds,
    places: impl FnOnce() -> Option<Places>,
    secrets: &Secrets<'_>,
) {
    if kinds.has(Kind::WholeOrigin) {
        remove_for_whole_origin(headers);
    }
    if kinds.has(Kind::Places) {
        let places = places();
        for name in &REFERENCES {
            rewrite(headers, name, |value| {
                let text = std::str::from_utf8(value).ok()?;
                let is_object = *name == HX_LOCATION && text.trim_start().starts_with('{');
                places.as_ref().filter(|_| !is_object)?.lead(text, secrets)
            });
        }
        rewrite(headers, &LINK, |value| {
            link::links(std::str::from_utf8(value).ok()?, |target| {
                places.as_ref()?.lead(target, secrets)
            })
        });
        rewrite(headers, &REFRESH, |value| {
            link::refresh(std::str::from_utf8(value).ok()?, |target| {
                places.as_ref()?.lead(target, secrets)
            })
        });
        rewrite(headers, &SET_COOKIE, |value| {
            cookies::set_cookie(value, places.as_ref()?)
        });
    }
    secrets.remove_from(headers);
}

/// Gives every value of a header anew; a value for which there is none is removed.
fn rewrite<Value>(
    headers: &mut HeaderMap,
    name: &HeaderName,
    change: impl Fn(&[u8]) -> Option<Value>,
) where
    HeaderValue: TryFrom<Value>,
{
    if !headers.contains_key(name) {
        return;
    }
    let changed: Vec<HeaderValue> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| change(value.as_bytes()))
        .filter_map(|value| HeaderValue::try_from(value).ok())
        .collect();
    headers.remove(name);
    for value in changed {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests;
