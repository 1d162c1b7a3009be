//! What stores that are asked over a network have in common.

use std::fmt;
use std::time::Duration;

use http::header::DATE;
use http::{HeaderMap, Uri};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::variables::Variables;

/// Time for one fetch where the settings say nothing.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// Clocks that differ by more than this are told of.
pub(super) const TOLD_SKEW_SECONDS: i64 = 60;

/// Scheme, host and port of a server, and the path that a proxy needs. Without a slash at its end.
#[derive(Clone, Debug)]
pub(super) struct Base(String);

impl Base {
    /// `None`: it is no address, or one with a user or a query, which may be a password.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let url: Uri = text.parse().ok()?;
        let has_scheme = matches!(url.scheme_str(), Some("http" | "https"));
        let host = url.authority().filter(|host| !host.as_str().contains('@'));
        (has_scheme && host.is_some() && url.query().is_none()).then(|| Self(text.to_owned()))
    }

    /// One that is known to be an address.
    pub(super) const fn known(text: String) -> Self {
        Self(text)
    }

    /// Fit to be shown.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of what is below it, encoded and without a slash before it.
    pub(super) fn url(&self, below: &str) -> Option<Uri> {
        format!("{}/{below}", self.0).parse().ok()
    }
}

/// A variable that is set, and not to nothing.
pub(super) fn variable(variables: &dyn Variables, name: &str) -> Option<String> {
    let value = variables.get(name)?;
    let value = value.expose_secret();
    (!value.is_empty()).then(|| value.to_owned())
}

/// How far the clock of who answered is ahead of `now`, where it tells.
pub(super) fn skew_seconds(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(date)
        .ok()?;
    Some(date.as_second() - now.as_second())
}

/// A text in an answer that nobody may see.
pub(super) struct SecretText(pub(super) SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = SecretText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<SecretText, E> {
                Ok(SecretText(SecretString::from(text)))
            }
        }
        source.deserialize_str(Visitor)
    }
}
