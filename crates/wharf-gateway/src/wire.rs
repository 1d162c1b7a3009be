//! The readers of what comes over the wire, in a form that fuzz targets and properties can reach.
//!
//! Not part of the interface: nothing else may use it.

use http::header::{AUTHORIZATION, CONNECTION, HeaderName, HeaderValue};
use http::{HeaderMap, request};
use wharf_document::model::{Template, TemplatePart};
use wharf_plan::CompiledPlacement;
use wharf_policy::caller::TokenHash;

use crate::caller::CallerDirectory;
use crate::classify;
use crate::headers::{Kind, Kinds};
use crate::identify;
use crate::inbound::CameOver;
use crate::matching;
use crate::media_type::MediaType;
use crate::path;
use crate::relocate::{Forms, Places, Secrets, relocate};

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
    let forms = Forms::new(secrets.iter().copied());
    let secrets = Secrets::new(&[], Some(&forms));
    let kinds = Kinds::of_answer(&headers);
    relocate(
        &mut headers,
        kinds,
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

/// Removes what belongs to one connection.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    crate::headers::remove_hop_by_hop(headers);
}

/// The `Content-Type` under which a caller with these headers is told of a problem.
pub fn problem_type(headers: &HeaderMap) -> HeaderValue {
    MediaType::wanted(headers).header()
}

/// The host that a request over a connection was sent to; `None` when it is refused or names none.
pub fn host(head: &request::Parts) -> Option<HeaderValue> {
    matching::host(head, CameOver::Connection(None)).ok()?
}

/// Whether a path could climb out of its base.
pub fn leads_out(path: &str) -> bool {
    path::leads_out(path)
}

/// What is left of two headers, `Authorization` and another, once the caller's token is taken out;
/// `None` when the first holds nothing that looks like one.
pub fn without_token(authorization: &[u8], other: &[u8]) -> Option<Vec<HeaderValue>> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_bytes(authorization).ok()?);
    headers.insert("x-other", HeaderValue::from_bytes(other).ok()?);
    let token = identify::token_of(&headers, None, [])?;
    token.remove_from(&mut headers, false);
    Some(headers.into_iter().map(|(_, value)| value).collect())
}

/// Takes the token of the only registered caller out of a request; gives the query that is left,
/// or `None` when the request is refused.
///
/// The token is looked for in `Authorization`, in `X-Api-Key: Key …` and in the parameter `key`.
pub fn remove_token(headers: &mut HeaderMap, query: &str, token: &str) -> Option<String> {
    let directory = CallerDirectory::new([(TokenHash::hash(token), "caller".to_owned())]);
    let field = || TemplatePart::Field("api_key".to_owned());
    let placements = [
        CompiledPlacement::Header {
            name: HeaderName::from_static("x-api-key"),
            value: Template {
                parts: vec![TemplatePart::Literal("Key ".to_owned()), field()],
            },
        },
        CompiledPlacement::Query {
            name: "key".to_owned(),
            value: Template {
                parts: vec![field()],
            },
        },
    ];
    let found = identify::caller(&directory, headers, Some(query), &placements).ok()?;
    let query = identify::query_without_credentials(query, &placements, &found.token).into_owned();
    let cookies = Kinds::of_request(headers).has(Kind::Cookie);
    identify::remove_credentials(headers, &[HeaderName::from_static("x-api-key")]);
    found.token.remove_from(headers, cookies);
    Some(query)
}

/// The vendor's own codes in a JSON error body.
pub fn codes(body: &[u8]) -> Vec<String> {
    classify::codes(body)
}

#[cfg(test)]
mod tests;
