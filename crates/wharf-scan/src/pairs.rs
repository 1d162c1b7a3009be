//! A name and a password side by side: `auth=('name', 'VALUE')`, `login: name / VALUE`.
//!
//! Sources: the documentation of Requests, HTTPX and aiohttp (`auth`), Guzzle (`auth`), `SuperAgent`
//! (`.auth`), Go's `net/http` (`SetBasicAuth`), Ruby's `Net::HTTP` (`basic_auth`), Java's `Authenticator` and
//! .NET's `NetworkCredential`.

use std::ops::Range;

use super::assignment::is_decided_elsewhere;
use super::drawn_value::is_drawn_value;
use super::operator::Join;
use super::{Found, Kind, context, password, sealed, value, words};

/// What a pair of literals follows.
pub(super) const CALLS: [&str; 21] = [
    "auth=(",
    "auth = (",
    "auth=[",
    "BasicAuth(",
    "basicAuth(",
    "basic_auth(",
    "basic_auth ",
    "basic_auth=(",
    "'auth' => [",
    "\"auth\" => [",
    "auth: [",
    ".auth(",
    ".login(",
    "Credentials(",
    "NetworkCredential(",
    "Credentials.basic(",
    "PasswordAuthentication(",
    "HTTPDigestAuth(",
    "DigestAuth(",
    "PasswordAuthenticator(",
    "UsernamePassword(",
];

const MOST_USER: usize = 100;
const MOST_VALUE: usize = 200;

/// Two literals: `'name', 'VALUE'`.
pub(super) fn literals(text: &str, at: usize, start: &str) -> Option<Found> {
    let user = literal(text, at + start.len(), MOST_USER)?;
    let comma = text[user.end + 1..].trim_start().strip_prefix(',')?;
    let secret = literal(text, text.len() - comma.len(), MOST_VALUE)?;
    let (name, value) = (&text[user.clone()], &text[secret.clone()]);
    if password::is_set(value, name) {
        return (!is_decided_elsewhere(value)).then(|| found(text, secret, Kind::Password));
    }
    // The name of a pair without a password may be the key.
    let is_key = value.len() < 4 && !is_decided_elsewhere(name) && is_drawn_value(name, true);
    is_key.then(|| found(text, user, Kind::Assigned))
}

/// The inside of the literal that starts at `at`, behind space and the `password=` of an argument.
fn literal(text: &str, at: usize, most: usize) -> Option<Range<usize>> {
    let rest = text[at..].trim_start();
    let bytes = rest.as_bytes();
    let name = bytes
        .iter()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
    let name = name.count();
    let rest = rest[name..]
        .strip_prefix(['=', ':'])
        .map_or(rest, str::trim_start);
    // Go writes `[]byte("…")`, C# `@"…"`.
    let rest = rest.strip_prefix('@').unwrap_or(rest);
    let quote = *rest
        .as_bytes()
        .first()
        .filter(|byte| b"\"'`".contains(byte))?;
    let inner = &rest.as_bytes()[1..];
    let is_end = |byte: &u8| *byte == quote || byte.is_ascii_whitespace();
    let length = inner.iter().take(most).position(is_end)?;
    let from = text.len() - rest.len() + 1;
    (inner[length] == quote).then_some(from..from + length)
}

/// The password behind the name of a user that was read as a value: `name / VALUE`, `name:VALUE`.
pub(super) fn behind_user(text: &str, user: &Range<usize>, is_login: bool) -> Option<Found> {
    let name = &text[user.clone()];
    if let Some((first, rest)) = name.split_once([':', '/'])
        && !name.contains("://")
        && first != "arn"
        && !sealed::is_encrypted(name)
    {
        let span = user.end - rest.len()..user.end;
        return second(text, first, span);
    }
    let is_mark = |sign| matches!(sign, '`' | '*' | ' ');
    let rest = text[user.end..].trim_start_matches(is_mark);
    // `/user:name /pass:VALUE` are options of Windows.
    let slash = rest
        .strip_prefix('/')
        .filter(|rest| rest.starts_with(is_mark));
    let rest = slash.or_else(|| rest.strip_prefix(", ").filter(|_| is_login))?;
    let rest = rest.trim_start_matches(is_mark);
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"\"'`|,;)<".contains(&byte);
    let length = value::length(rest, MOST_VALUE, is_end);
    let from = text.len() - rest.len();
    let end = text.floor_char_boundary(from + length);
    let value = text[from..end].trim_end_matches(['.', '*', ':']);
    // A list of names has commas too.
    let is_name = value.bytes().all(|byte| byte.is_ascii_alphanumeric()) && words::is_name(value);
    second(text, name, from..from + value.len()).filter(|_| !is_name)
}

fn second(text: &str, name: &str, span: Range<usize>) -> Option<Found> {
    let is_part = |sign: char| sign.is_alphanumeric() || "@._-+\\".contains(sign);
    let value = &text[span.clone()];
    let is_pair = (1..=MOST_USER).contains(&name.len())
        && name.chars().all(is_part)
        && name.chars().any(char::is_alphabetic)
        && name != value
        // `UserName=a, Group=b2`: fields with their values.
        && !value.trim_end_matches('=').contains('=')
        && password::is_chosen(value, Join::Sign)
        && !is_decided_elsewhere(value);
    is_pair.then(|| found(text, span, Kind::Password))
}

fn found(text: &str, span: Range<usize>, kind: Kind) -> Found {
    Found::new(context::kind(text, &span, true).unwrap_or(kind), span)
}

#[cfg(test)]
mod tests;
