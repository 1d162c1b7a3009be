//! Phase 1: who calls?
//!
//! A caller's token is accepted wherever the vendor's key would stand, so that an official
//! client library needs no other change than its base URL and its key.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};
use percent_encoding::percent_decode_str;
use wharf_document::model::{Template, TemplatePart};
use wharf_plan::CompiledPlacement;
use wharf_policy::caller::TokenHash;

use crate::call::Arrived;
use crate::caller::CallerDirectory;
use crate::inbound::Identified;
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::snapshot::{Integration, Snapshot};
use crate::token::Token;
use crate::trace::Clock;

/// Phase 1. `named`: the integration that the address names.
pub(crate) fn phase(
    snapshot: &Snapshot,
    named: Option<&Arc<Integration>>,
    arrived: &Arrived,
    clock: &mut Clock<'_>,
) -> Result<Identified, Problem> {
    let identified = caller(
        &snapshot.callers,
        &arrived.head.headers,
        arrived.head.uri.query(),
        snapshot.placements(named),
    )?;
    clock.done(Phase::Identify, || {
        let caller = identified.caller.to_string();
        (caller, "the token is registered".into())
    });
    Ok(identified)
}

/// Who calls, by the token that stands in the request.
///
/// `placements` are those of the integration the path names. Where it names none, they are those
/// of all: whoever has a token is told that the id is wrong, and not that the token is.
pub(crate) fn caller<'a>(
    directory: &CallerDirectory,
    headers: &HeaderMap,
    query: Option<&str>,
    placements: impl IntoIterator<Item = &'a CompiledPlacement>,
) -> Result<Identified, Problem> {
    let found = token_of(headers, query, placements);
    let caller = found
        .as_ref()
        .and_then(|token| directory.get(&TokenHash::hash(token.expose())));
    match (caller, found) {
        (Some(caller), Some(token)) => Ok(Identified {
            caller: Arc::clone(caller),
            token,
        }),
        _ => Err(Problem::refused(Code::UnknownCaller, refusal(directory))),
    }
}

/// The first thing in the request that looks like a token and stands where one is looked for.
pub(crate) fn token_of<'a>(
    headers: &HeaderMap,
    query: Option<&str>,
    placements: impl IntoIterator<Item = &'a CompiledPlacement>,
) -> Option<Token> {
    if let Some(value) = headers.get(AUTHORIZATION)
        && let Some(token) = authorization(value.to_str().unwrap_or_default())
    {
        return Some(token);
    }
    placements
        .into_iter()
        .find_map(|placement| match placement {
            CompiledPlacement::Header { name, value } => {
                let text = headers.get(name)?.to_str().ok()?;
                Token::read(without_literals(text, value))
            }
            CompiledPlacement::Query { name, value } => {
                let text = parameter(query?, name)?;
                Token::read(without_literals(&text, value))
            }
            CompiledPlacement::Basic { .. } => None,
        })
}

/// The same for every request: what it says must not depend on where tokens are looked for, since
/// that depends on the integration, and who is unknown learns nothing of what exists.
fn refusal(directory: &CallerDirectory) -> &'static str {
    if directory.is_empty() {
        "no caller is registered yet: create a token with `wharf callers add NAME` and send it where the vendor's key would stand"
    } else {
        "no token of a registered caller came: send one where the vendor's key would stand, for example `Authorization: Bearer wharf_…`; `wharf callers add NAME` creates one"
    }
}

/// The token in an `Authorization` value.
fn authorization(value: &str) -> Option<Token> {
    let Some((scheme, rest)) = value.split_once(' ') else {
        return Token::read(value);
    };
    let rest = rest.trim();
    if !scheme.eq_ignore_ascii_case("basic") {
        return Token::read(rest);
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    let (username, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
    Token::read(username).or_else(|| Token::read(password))
}

/// The part of a value that stands where the template has its fields.
fn without_literals<'a>(text: &'a str, template: &Template) -> &'a str {
    let mut rest = text;
    if let Some(TemplatePart::Literal(prefix)) = template.parts.first()
        && let Some(head) = rest.get(..prefix.len())
        && head.eq_ignore_ascii_case(prefix)
    {
        rest = rest.get(prefix.len()..).unwrap_or_default();
    }
    if template.parts.len() > 1
        && let Some(TemplatePart::Literal(suffix)) = template.parts.last()
    {
        rest = rest.strip_suffix(suffix.as_str()).unwrap_or(rest);
    }
    rest.trim()
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = percent_decode_str(key).decode_utf8().ok()?;
        if key == name {
            percent_decode_str(value).decode_utf8().ok()
        } else {
            None
        }
    })
}

/// Removes every header where a credential can stand, so that the caller's token goes no further.
pub(crate) fn remove_credentials(headers: &mut HeaderMap, names: &[HeaderName]) {
    headers.remove(AUTHORIZATION);
    for name in names {
        headers.remove(name);
    }
}

/// The query without the parameters that can hold a credential, and without those that hold the
/// caller's token.
pub(crate) fn query_without_credentials<'a>(
    query: &'a str,
    placements: &[CompiledPlacement],
    token: &Token,
) -> Cow<'a, str> {
    let is_credential = |pair: &str| {
        let key = pair.split_once('=').map_or(pair, |(key, _)| key);
        let key = percent_decode_str(key).decode_utf8_lossy();
        let is_named = |placement: &CompiledPlacement| matches!(placement, CompiledPlacement::Query { name, .. } if *name == key);
        placements.iter().any(is_named) || token.stands_in(pair.as_bytes())
    };
    if !query.is_empty() && query.split('&').any(is_credential) {
        query
            .split('&')
            .filter(|pair| !is_credential(pair))
            .collect::<Vec<_>>()
            .join("&")
            .into()
    } else {
        query.into()
    }
}

#[cfg(test)]
mod tests;
