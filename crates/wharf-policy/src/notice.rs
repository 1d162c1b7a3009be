//! Something that people should hear of. Routes deliver notices, and nothing else tells people.
//!
//! Who has something to tell writes a [`Notice`] in the same transaction as what it tells of.
//! Where it is kept, how it is counted up and for how long, `wharf-store` says.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::bounded::{Name, Text};

/// What makes two notices the same: a second one within the first one's time only counts up.
///
/// Made of the parts that tell one occasion from another, so it has the same length for all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey([u8; 16]);

impl DedupeKey {
    /// The first 16 bytes of the SHA-256 of the kind and the parts, each with its length before it.
    pub fn of(kind: &Name, parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for part in [kind.as_str()].iter().chain(parts) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let whole: [u8; 32] = digest.finalize().into();
        let mut key = [0; 16];
        key.copy_from_slice(&whole[..16]);
        Self(key)
    }

    /// A key that was kept.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, to keep them.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for DedupeKey {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DedupeKey({self})")
    }
}

/// How much a notice wants of people, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look within the day.
    Warning,
    /// Somebody should look now.
    Critical,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    /// The lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = SeverityError;

    fn from_str(word: &str) -> Result<Self, SeverityError> {
        let found = Self::ALL.into_iter().find(|of| of.as_str() == word);
        found.ok_or(SeverityError)
    }
}

/// A word that is no severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a severity is `info`, `warning` or `critical`")]
pub struct SeverityError;

/// What a notice or a procedure is about: an integration, one of its environments, or the
/// installation where both are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// Id of the integration; empty: none.
    pub integration: Text<128>,
    /// Name of its environment; empty: all of them.
    pub environment: Text<128>,
}

impl Subject {
    /// The installation itself.
    pub fn installation() -> Self {
        Self::default()
    }

    /// A whole integration.
    pub fn integration(id: &str) -> Self {
        Self {
            integration: Text::new(id),
            environment: Text::default(),
        }
    }

    /// One environment of an integration.
    pub fn environment(id: &str, environment: &str) -> Self {
        Self {
            integration: Text::new(id),
            environment: Text::new(environment),
        }
    }
}

impl fmt::Display for Subject {
    /// `stripe@production`, `stripe`, or `wharf` for the installation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.integration.as_str(), self.environment.as_str()) {
            ("", _) => f.write_str("wharf"),
            (integration, "") => f.write_str(integration),
            (integration, environment) => write!(f, "{integration}@{environment}"),
        }
    }
}

/// Something that people should hear of.
///
/// Its texts hold no secret: who makes one sees to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What makes it the same as another one.
    pub key: DedupeKey,
    /// What kind of thing it tells of, for example `document-broken`.
    pub kind: Name,
    /// How much it wants of people.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// One line.
    pub title: Text<200>,
    /// What happened, where, and what to do.
    pub text: Text<4_000>,
    /// When it happened.
    pub at: Timestamp,
    /// A second one with the same key that happened less than this after the first only counts up.
    pub same_within: Duration,
    /// Where the proof of it is: a file, an address or a command.
    pub evidence: Option<Text<500>>,
}

impl Notice {
    /// Whether another notice of the same key, at `at`, is the one that was first told at `first`.
    ///
    /// Before it counts as after it: a clock that was set back a little tells no trouble anew, and one
    /// that was far ahead when it was told first silences none for as long.
    pub fn is_same(first: Timestamp, same_within: Duration, at: Timestamp) -> bool {
        at.duration_since(first).unsigned_abs() < same_within
    }
}

#[cfg(test)]
mod tests;
