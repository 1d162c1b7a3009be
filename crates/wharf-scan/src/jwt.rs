//! JSON Web Tokens: a header and claims as JSON in base64 for addresses, and a signature, joined by
//! dots. The header names the algorithm.
//!
//! A token without a signature (`alg: none`) opens nothing. Neither do the `anon` tokens of Supabase, which are
//! made to be public, and those of its local stack, which are the same everywhere.
//!
//! Sources: RFC 7519, RFC 7515; "Understanding API keys" (supabase.com/docs).

use std::ops::Range;

use jsonc_parser::{CollectOptions, ast::Value, parse_to_ast};

use super::alphabet::{is_base64url, run, run_of_word, starts_word};
use super::json::STRICT;
use super::{Found, Kind, decode};

pub(super) const STARTS: [&str; 1] = ["eyJ"];

/// Signs of base64 that a header has at most, and below of claims and of a signature.
const MOST_HEADER: usize = 2_048;
const MOST_CLAIMS: usize = 16_384;
/// From 20 bytes of an old HMAC to RSA with 12,288 bits.
const SIGNATURE: std::ops::RangeInclusive<usize> = 27..=2_048;

pub(super) fn read(text: &str, at: usize, _start: &str) -> Option<Found> {
    if !starts_word(text, at, is_base64url) || text[..at].ends_with('.') {
        return None;
    }
    let span = token(text, at)?;
    let claims = text[span.clone()]
        .split('.')
        .nth(1)
        .and_then(decode::base64_text)?;
    let is = |name: &str, value: &str| field(&claims, name).as_deref() == Some(value);
    if is("role", "anon") || is("iss", "supabase-demo") {
        return None;
    }
    let kind = if is("role", "service_role") && claims.contains("supabase") {
        Kind::Supabase
    } else {
        Kind::Jwt
    };
    Some(Found::new(kind, span))
}

/// The place of the signed token that starts at `at`.
pub(super) fn token(text: &str, at: usize) -> Option<Range<usize>> {
    let header = part(text, at, MOST_HEADER)?;
    let algorithm = field(&decode::base64_text(&text[header.clone()])?, "alg")?;
    let claims = part(text, header.end + 1, MOST_CLAIMS)?;
    let claims_text = decode::base64_text(&text[claims.clone()])?;
    let signature = run_of_word(text, at, claims.end + 1, is_base64url, *SIGNATURE.end());
    let is_token = !algorithm.eq_ignore_ascii_case("none")
        && object(&claims_text, |_| ()).is_some()
        && SIGNATURE.contains(&signature.len());
    is_token.then_some(at..signature.end)
}

/// A part that ends with a dot.
fn part(text: &str, at: usize, most: usize) -> Option<Range<usize>> {
    let part = run(text, at, is_base64url, most);
    let is_part = part.len() <= most && text.as_bytes().get(part.end) == Some(&b'.');
    is_part.then_some(part)
}

/// A text field of a JSON object.
fn field(json: &str, name: &str) -> Option<String> {
    object(json, |value| {
        let Value::Object(object) = value else {
            return None;
        };
        object
            .properties
            .iter()
            .find_map(|property| match &property.value {
                Value::StringLit(text) if property.name.as_str() == name => {
                    Some(text.value.to_string())
                }
                _ => None,
            })
    })?
}

/// What `read` makes of a JSON object; `None` where the text is none.
fn object<T>(json: &str, read: impl FnOnce(&Value<'_>) -> T) -> Option<T> {
    if !json.starts_with('{') {
        return None;
    }
    let parsed = parse_to_ast(json, &CollectOptions::default(), &STRICT).ok()?;
    parsed.value.as_ref().map(read)
}

#[cfg(test)]
mod tests;
