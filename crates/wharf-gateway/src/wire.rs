//! The readers of what comes over the wire, in a form that fuzz targets and properties can reach.
//!
//! Not part of the interface: nothing else may use it.

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONNECTION, HeaderName, HeaderValue};

use crate::identify;
use crate::matching;
use crate::relocate::{Places, Secrets, relocate};

/// What a client gets for one header of a vendor's answer; `None` when it does not get it.
///
/// `request` is the URL the vendor was asked, `base` its environment's base URL, `local` the URL
/// under which the caller reaches the integration, and `secrets` the values of the credential.
pub fn relocated(
    name: &HeaderName,
    value: &[u8],
    (request, base, local): (&str, &str, &str),
    secrets: &[&str],
) -> Option<HeaderValue> {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_bytes(value).ok()?);
    let secrets = Secrets::new(&[], secrets.iter().copied());
    relocate(
        &mut headers,
        || Places::new(request, base, Some(local)),
        &secrets,
    );
    headers.remove(name)
}

/// The time that a value of `Wharf-Timeout` asks for; `None` when it is refused.
pub fn timeout(value: &str) -> Option<std::time::Duration> {
    matching::deadline(value).ok()
}

/// The headers that a value of `Connection` names.
pub fn connection_names(value: &[u8]) -> Vec<HeaderName> {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(value) {
        headers.insert(CONNECTION, value);
    }
    crate::headers::connection_names(&headers).collect()
}

/// Whether a path could climb out of its base.
pub fn leads_out(path: &str) -> bool {
    matching::leads_out(path)
}

/// What is left of two headers, `Authorization` and another, once the caller's token is taken out;
/// `None` when the first holds nothing that looks like one.
pub fn without_token(authorization: &[u8], other: &[u8]) -> Option<Vec<HeaderValue>> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_bytes(authorization).ok()?);
    headers.insert("x-other", HeaderValue::from_bytes(other).ok()?);
    let token = identify::token_of(&headers, None, [])?;
    token.remove_from(&mut headers);
    Some(headers.into_iter().map(|(_, value)| value).collect())
}

#[cfg(test)]
mod tests;
