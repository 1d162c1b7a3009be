//! The token that every request to the API must have.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use wharf_policy::token;

/// The token of a running process: `wharf_control_` and 43 base64url characters that stand for 32
/// random bytes.
#[derive(Clone)]
pub struct ControlToken(SecretString);

impl ControlToken {
    /// What every token starts with, so that people and secret scanners know one.
    pub const PREFIX: &'static str = "wharf_control_";

    /// How many random bytes a token stands for.
    pub const RANDOM_BYTES: usize = token::RANDOM_BYTES;

    /// The token of these bytes, which must be random ones that nobody else has: whoever can guess
    /// them can change the state.
    pub fn from_random(bytes: &Zeroizing<[u8; Self::RANDOM_BYTES]>) -> Self {
        Self(token::text(Self::PREFIX, bytes))
    }

    /// A token that was made before; `None`: the text is none.
    pub fn from_text(text: &str) -> Option<Self> {
        token::is_text(Self::PREFIX, text).then(|| Self(SecretString::from(text)))
    }

    /// The token's text, to write it where its owner alone can read it.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether this is what somebody presents. The time that it takes tells nothing but whether the
    /// length is right, which is no secret.
    pub fn is(&self, presented: &[u8]) -> bool {
        verify_slices_are_equal(self.expose_secret().as_bytes(), presented).is_ok()
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlToken([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::zeroize::Zeroizing;

    use super::ControlToken;

    #[test]
    fn a_token_is_read_back_and_is_itself_alone() {
        let token = ControlToken::from_random(&Zeroizing::new([7; 32]));
        let text = token.expose_secret();
        assert_eq!(text.len(), ControlToken::PREFIX.len() + 43);
        assert!(ControlToken::from_text(text).is_some_and(|read| read.is(text.as_bytes())));
        let other = ControlToken::from_random(&Zeroizing::new([8; 32]));
        for no_token in [
            "",
            "wharf_control_",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text} "),
            other.expose_secret(),
        ] {
            assert!(!token.is(no_token.as_bytes()), "{no_token}");
        }
        for no_token in ["", "wharf_control_AAAA", &format!("{text}A"), &text[14..]] {
            assert!(ControlToken::from_text(no_token).is_none(), "{no_token}");
        }
        assert!(!format!("{token:?}").contains(&text[14..]));
    }
}
