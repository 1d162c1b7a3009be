//! A caller's token, and what keeps it from going further.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use wharf_plan::CompiledIntegration;
use wharf_policy::caller::CallerToken;

use crate::finding::{contains, in_every_decoding, remove_holding};
use crate::headers::clean_trailers;

/// A caller's token as it came, so that it can be kept from going further. Overwritten at its end.
pub(crate) struct Token(Text);

/// Every call has one, so one of the usual length stands in its place without a heap.
enum Text {
    Short(Zeroizing<[u8; Token::USUAL_BYTES]>, u8),
    Long(SecretString),
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
    pub(crate) fn read(candidate: &str) -> Option<Self> {
        candidate
            .starts_with(CallerToken::PREFIX)
            .then(|| Self::new(candidate))
    }

    pub(crate) fn new(text: &str) -> Self {
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

    pub(crate) fn expose(&self) -> &str {
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
