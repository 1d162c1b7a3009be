//! Who may call: a name, the token that is shown, and what is kept of it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::token;

/// The name of a calling system, for example `billing`.
///
/// 1 to 64 lower-case ASCII letters, digits, `-`, `_` and `.`; the first is a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallerName(Arc<str>);

impl CallerName {
    /// Checks the form of a name.
    pub fn new(name: &str) -> Result<Self, CallerNameError> {
        let letter_or_digit = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = name.len() <= 64
            && name.as_bytes().first().is_some_and(letter_or_digit)
            && name
                .as_bytes()
                .iter()
                .all(|byte| letter_or_digit(byte) || matches!(byte, b'-' | b'_' | b'.'));
        if valid {
            Ok(Self(name.into()))
        } else {
            Err(CallerNameError)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CallerName {
    type Err = CallerNameError;

    fn from_str(name: &str) -> Result<Self, CallerNameError> {
        Self::new(name)
    }
}

/// A text that cannot be a caller's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a caller's name has 1 to 64 lower-case letters, digits, `-`, `_` and `.`, \
     and starts with a letter or digit"
)]
pub struct CallerNameError;

/// A caller's token: `wharf_` and 43 base64url characters that stand for 32 random bytes.
///
/// It exists once, when it is made; only its [`TokenHash`] is kept.
#[derive(Clone)]
pub struct CallerToken(SecretString);

impl CallerToken {
    /// What every token starts with, so that people and secret scanners know one.
    pub const PREFIX: &'static str = "wharf_";

    /// How many random bytes a token stands for.
    pub const RANDOM_BYTES: usize = token::RANDOM_BYTES;

    /// The token of these bytes, which must be random ones that nobody else has: whoever can guess
    /// them can call.
    pub fn from_random(bytes: &Zeroizing<[u8; Self::RANDOM_BYTES]>) -> Self {
        Self(token::text(Self::PREFIX, bytes))
    }

    /// A token that was made before; `None`: the text is none.
    pub fn from_text(text: &str) -> Option<Self> {
        token::is_text(Self::PREFIX, text).then(|| Self(SecretString::from(text)))
    }

    /// The token's text, to show it once.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it.
    pub fn token_hash(&self) -> TokenHash {
        TokenHash::hash(self.expose_secret())
    }
}

impl fmt::Debug for CallerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerToken([REDACTED])")
    }
}

/// SHA-256 of a token.
///
/// A plain hash is enough because a token has 256 random bits. Comparing two need not take
/// constant time: whoever guesses tokens cannot choose the bytes of their hashes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes the text of a token, or whatever stands in its place.
    pub fn hash(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// A hash that was kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to keep them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    /// The first 4 bytes: enough to tell two apart in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(")?;
        for byte in &self.0[..4] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…)")
    }
}

#[cfg(test)]
mod tests;
