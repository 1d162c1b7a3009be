//! Our credential in what a vendor says.

use std::borrow::Cow;

use http::Extensions;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::ext::ReasonPhrase;
use percent_encoding::percent_decode;
use secrecy::{ExposeSecret, SecretString};
use wharf_plan::CompiledPlacement;

use super::reference::parameter_names;

/// Shorter values are not looked for inside of others, in bytes: they stand in too many words.
/// Where a whole parameter is such a value, it is still found.
pub(crate) const SHORTEST_BYTES: usize = 8;

/// How often a value is decoded to find something in it: vendors quote URLs in URLs, and servers
/// behind a vendor's first may decode again what the first passed on.
const DECODINGS: usize = 3;

/// Every form of a credential that must not come back.
#[derive(Default)]
pub(crate) struct Forms {
    values: Vec<SecretString>,
    /// Of those that are looked for inside of others, the shortest, in bytes.
    shortest_bytes: usize,
}

impl Forms {
    pub(crate) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let values = values.into_iter().filter(|value| !value.is_empty());
        let values: Vec<SecretString> = values.map(Into::into).collect();
        let lengths = values.iter().map(|value| value.expose_secret().len());
        let shortest_bytes = lengths.filter(|length| *length >= SHORTEST_BYTES).min();
        Self {
            values,
            shortest_bytes: shortest_bytes.unwrap_or(usize::MAX),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let values = self.values.iter();
        values.map(|value| value.expose_secret().as_bytes())
    }
}

/// What must not come back from a vendor.
pub(crate) struct Secrets<'a> {
    placements: &'a [CompiledPlacement],
    /// `None`: the request carried no credential.
    forms: Option<&'a Forms>,
}

impl<'a> Secrets<'a> {
    /// `forms` are those of the credential that was sent.
    pub(crate) const fn new(placements: &'a [CompiledPlacement], forms: Option<&'a Forms>) -> Self {
        Self { placements, forms }
    }

    /// Whether a parameter of this name holds the credential; vendors that read names loosely
    /// also write them so.
    pub(super) fn is_parameter(&self, name: &str) -> bool {
        parameter_names(self.placements).any(|listed| listed.eq_ignore_ascii_case(name))
    }

    /// Whether a value is a secret, percent-encoded or not.
    pub(super) fn are(&self, value: &[u8]) -> bool {
        let Some(forms) = self.forms else {
            return false;
        };
        in_every_decoding(value, |value| {
            let mut forms = forms.iter();
            forms.any(|secret| value.eq_ignore_ascii_case(secret))
        })
    }

    /// Whether a secret stands somewhere in a value, percent-encoded or not, in any case.
    pub(super) fn stand_in(&self, value: &[u8]) -> bool {
        let Some(forms) = self.forms else {
            return false;
        };
        // No coding of a secret is shorter than the secret.
        if value.len() < forms.shortest_bytes {
            return false;
        }
        in_every_decoding(value, |value| {
            let long = forms.iter().filter(|secret| secret.len() >= SHORTEST_BYTES);
            long.into_iter().any(|secret| contains(value, secret))
        })
    }

    /// Removes every value that holds a secret, and every header whose name does.
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        if self.forms.is_some() {
            remove_holding(headers, |text| self.stand_in(text));
        }
    }

    /// Removes the words of the status line if they hold a secret.
    pub(crate) fn remove_from_status_line(&self, extensions: &mut Extensions) {
        let holds = |reason: &ReasonPhrase| self.stand_in(reason.as_bytes());
        if extensions.get().is_some_and(holds) {
            extensions.remove::<ReasonPhrase>();
        }
    }
}

/// Removes the headers of whose name `is_out` is true, and the values of which it is, and leaves
/// other values of the same name.
pub(crate) fn remove_holding(headers: &mut HeaderMap, is_out: impl Fn(&[u8]) -> bool) {
    let holding: Vec<HeaderName> = headers
        .iter()
        .filter(|(name, value)| is_out(value.as_bytes()) || is_out(name.as_str().as_bytes()))
        .map(|(name, _)| name.clone())
        .collect();
    for name in holding {
        let left: Vec<HeaderValue> = headers
            .get_all(&name)
            .iter()
            .filter(|value| !is_out(value.as_bytes()))
            .cloned()
            .collect();
        headers.remove(&name);
        if is_out(name.as_str().as_bytes()) {
            continue;
        }
        for value in left {
            headers.append(&name, value);
        }
    }
}

/// Whether `holds` is true for a value, as it stands or percent-decoded.
pub(crate) fn in_every_decoding(value: &[u8], holds: impl Fn(&[u8]) -> bool) -> bool {
    let mut value = Cow::Borrowed(value);
    for _ in 0..DECODINGS {
        if holds(&value) {
            return true;
        }
        // The decoder goes byte by byte, and few values have anything to decode.
        if memchr::memchr(b'%', &value).is_none() {
            return false;
        }
        let Cow::Owned(decoded) = Cow::from(percent_decode(&value)) else {
            return false;
        };
        value = Cow::Owned(decoded);
    }
    holds(&value)
}

/// Whether `needle`, which is not empty, stands in `haystack`, in any case.
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    // Most forms of a credential are longer than most values.
    let Some(first) = needle.first().filter(|_| needle.len() <= haystack.len()) else {
        return false;
    };
    // Every header of every answer is looked through, so all places but few are skipped at once.
    let starts = memchr::memchr2_iter(
        first.to_ascii_lowercase(),
        first.to_ascii_uppercase(),
        haystack,
    );
    starts
        .filter_map(|start| haystack.get(start..start + needle.len()))
        .any(|window| window.eq_ignore_ascii_case(needle))
}
