//! Phase 1: who calls?
//!
//! A caller's token is accepted wherever the vendor's key would stand, so that an official
//! client library needs no other change than its base URL and its key.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use wharf_document::model::{Template, TemplatePart};
use wharf_plan::{CompiledIntegration, CompiledPlacement};
use wharf_policy::caller::{CallerToken, TokenHash};

use crate::call::Arrived;
use crate::headers::clean_trailers;
use crate::lookup::Lookup;
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::relocate::secrets::{contains, in_every_decoding, remove_holding};
use crate::snapshot::{Integration, Snapshot};
use crate::trace::Clock;

/// Every caller's token starts with this, so that another secret is not mistaken for one.
const TOKEN_PREFIX: &str = CallerToken::PREFIX;

/// A caller that is let in, until it is removed.
#[derive(Debug)]
pub(crate) struct Caller {
    name: String,
    removed: AtomicBool,
}

impl Caller {
    fn new(name: String) -> Arc<Self> {
        Arc::new(Self {
            name,
            removed: AtomicBool::new(false),
        })
    }

    /// Whether its token was taken back, so that nothing more may flow to it.
    pub(crate) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Relaxed)
    }
}

impl Deref for Caller {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The callers that are let in, by the hash of their token.
#[derive(Clone, Debug, Default)]
pub struct CallerDirectory {
    callers: Lookup<TokenHash, Arc<Caller>>,
}

impl CallerDirectory {
    /// A directory of these callers.
    pub fn new(callers: impl IntoIterator<Item = (TokenHash, String)>) -> Self {
        Self {
            callers: callers
                .into_iter()
                .map(|(hash, name)| (hash, Caller::new(name)))
                .collect(),
        }
    }

    /// How many callers there are.
    pub fn len(&self) -> usize {
        self.callers.len()
    }

    /// Whether nobody is let in.
    pub fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    /// Who is let in.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.callers.values().map(|caller| caller.name.as_str())
    }

    /// Takes the place of `old`: who is in both stays the same, so that what flows to it goes on.
    #[must_use]
    pub(crate) fn after(mut self, old: &Self) -> Self {
        for (hash, caller) in &mut self.callers {
            if let Some(known) = old
                .callers
                .get(hash)
                .filter(|known| known.name == caller.name)
            {
                *caller = Arc::clone(known);
            }
        }
        self
    }

    /// Marks as removed who is in `old` and no more in this one.
    pub(crate) fn retire(&self, old: &Self) {
        for (hash, caller) in &old.callers {
            if !self
                .callers
                .get(hash)
                .is_some_and(|now| Arc::ptr_eq(now, caller))
            {
                caller.removed.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// Who calls, and by which token.
#[derive(Debug)]
pub(crate) struct Identified {
    pub(crate) caller: Arc<Caller>,
    pub(crate) token: Token,
}

/// A caller's token as it came, so that it can be kept from going further. Overwritten at its end.
pub(crate) struct Token(Text);

/// Every call has one, so one of the usual length stands in its place without a heap.
enum Text {
    Short(Zeroizing<[u8; Token::USUAL_BYTES]>, u8),
    Long(SecretString),
}

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
        .and_then(|token| directory.callers.get(&TokenHash::hash(token.expose())));
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

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([REDACTED])")
    }
}

impl Token {
    /// What our own tokens take, and some more.
    const USUAL_BYTES: usize = 63;

    /// What looks like a token.
    fn read(candidate: &str) -> Option<Self> {
        candidate
            .starts_with(TOKEN_PREFIX)
            .then(|| Self::new(candidate))
    }

    fn new(text: &str) -> Self {
        let mut short = Zeroizing::new([0; Self::USUAL_BYTES]);
        let room = short.get_mut(..text.len());
        Self(match (room, u8::try_from(text.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Text::Short(short, length)
            }
            _ => Text::Long(text.into()),
        })
    }

    fn expose(&self) -> &str {
        match &self.0 {
            Text::Short(bytes, length) => bytes
                .get(..usize::from(*length))
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Text::Long(text) => text.expose_secret(),
        }
    }

    /// Whether the token stands somewhere in a text: as it is, percent-encoded, or in one word of
    /// base64, as Basic credentials are written.
    pub(crate) fn stands_in(&self, text: &[u8]) -> bool {
        let token = self.expose().as_bytes();
        // No coding of it is shorter than the token.
        if text.len() < token.len() {
            return false;
        }
        in_every_decoding(text, |text| {
            contains(text, token)
                || text
                    .split(|byte| !is_base64(*byte))
                    .filter(|word| word.len() >= token.len())
                    .filter_map(decoded_base64)
                    .any(|word| contains(&word, token))
        })
    }

    /// Removes the token from every header, named for credentials or not, and every header that
    /// is named like it. Of cookies, only those go that hold it; `cookies`: there are some.
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap, cookies: bool) {
        if cookies {
            self.remove_from_cookies(headers);
        }
        remove_holding(headers, |text| self.stands_in(text));
    }

    fn remove_from_cookies(&self, headers: &mut HeaderMap) {
        let cookies: Vec<HeaderValue> = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| self.without_own_cookies(value))
            .collect();
        headers.remove(COOKIE);
        for value in cookies {
            headers.append(COOKIE, value);
        }
    }

    fn without_own_cookies(&self, value: &HeaderValue) -> Option<HeaderValue> {
        if !self.stands_in(value.as_bytes()) {
            return Some(value.clone());
        }
        let left: Vec<&[u8]> = value
            .as_bytes()
            .split(|byte| *byte == b';')
            .map(<[u8]>::trim_ascii)
            .filter(|cookie| !self.stands_in(cookie))
            .collect();
        let left = left.join(&b"; "[..]);
        HeaderValue::from_bytes(&left)
            .ok()
            .filter(|value| !value.is_empty())
    }
}

/// What a request's trailers must not hold: they are cleaned as its headers are.
#[derive(Debug)]
pub(crate) struct TrailerRules {
    integration: Arc<CompiledIntegration>,
    token: Token,
}

impl TrailerRules {
    pub(crate) const fn new(integration: Arc<CompiledIntegration>, token: Token) -> Self {
        Self { integration, token }
    }

    pub(crate) fn clean(&self, trailers: &mut HeaderMap) {
        clean_trailers(trailers, &self.integration.credential_headers);
        // Cookies have no place there.
        self.token.remove_from(trailers, false);
    }
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn decoded_base64(word: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(word)
        .or_else(|_| STANDARD_NO_PAD.decode(word))
        .ok()
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
