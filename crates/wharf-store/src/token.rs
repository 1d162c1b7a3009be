//! The secret a caller shows, and what is kept of it.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

/// A caller's token: `wharf_` and 43 base64url characters that stand for 32 random bytes.
///
/// It exists once, when it is made; only its [`TokenHash`] is kept.
#[derive(Clone)]
pub struct CallerToken(SecretString);

impl CallerToken {
    /// What every token starts with, so that people and secret scanners know one.
    pub const PREFIX: &'static str = "wharf_";

    /// A new token from the operating system's random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut())?;
        let mut text = Zeroizing::new(String::with_capacity(Self::PREFIX.len() + 43));
        text.push_str(Self::PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes.as_ref(), &mut text);
        Ok(Self(SecretString::from(text.as_str())))
    }

    /// A token that was made before; `None`: the text is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let drawn = text.strip_prefix(Self::PREFIX)?;
        let is_whole = URL_SAFE_NO_PAD
            .decode(drawn)
            .is_ok_and(|bytes| Zeroizing::new(bytes).len() == 32);
        is_whole.then(|| Self(SecretString::from(text)))
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
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes the text of a token, or whatever stands in its place.
    pub fn hash(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
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
