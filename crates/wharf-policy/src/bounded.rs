//! Words with a bound: names of things that the program knows, and texts of others that are kept.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of something that the program knows, for example of a step.
///
/// 1 to 64 lower-case ASCII letters, digits, `-`, `_` and `.`; the first is a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

impl Name {
    /// Most bytes of a name.
    pub const MOST_BYTES: usize = 64;

    /// Checks the form of a name.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let letter_or_digit = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = name.as_bytes();
        let is_valid = bytes.len() <= Self::MOST_BYTES
            && bytes.first().is_some_and(letter_or_digit)
            && bytes
                .iter()
                .all(|byte| letter_or_digit(byte) || matches!(byte, b'-' | b'_' | b'.'));
        if is_valid {
            Ok(Self(name.into()))
        } else {
            Err(NameError)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        Self::new(name)
    }
}

/// A text that cannot be a [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to 64 lower-case letters, digits, `-`, `_` and `.`, \
     and starts with a letter or digit"
)]
pub struct NameError;

/// A text of at most `MOST_BYTES` bytes. A longer one is cut and ends with `…`.
///
/// It may hold what acts on a terminal: whoever shows it takes that out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const MOST_BYTES: usize>(Arc<str>);

impl<const MOST_BYTES: usize> Text<MOST_BYTES> {
    /// The text, as much of it as may be kept.
    pub fn new(text: &str) -> Self {
        const CUT: &str = "…";
        if text.len() <= MOST_BYTES {
            return Self(text.into());
        }
        let Some(room) = MOST_BYTES.checked_sub(CUT.len()) else {
            return Self::default();
        };
        let start = &text[..text.floor_char_boundary(room)];
        Self(format!("{start}{CUT}").into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const MOST_BYTES: usize> fmt::Display for Text<MOST_BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
