//! Our credential in what a vendor says.

use std::borrow::Cow;

use http::Extensions;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::ext::ReasonPhrase;
use percent_encoding::percent_decode;
use wharf_document::model::Placement;

use super::reference::parameter_names;

/// Shorter values are not looked for inside of others, in bytes: they stand in too many words.
/// Where a whole parameter is such a value, it is still found.
const SHORTEST_BYTES: usize = 8;

/// How often a value is decoded to find something in it: vendors quote URLs in URLs, and servers
/// behind a vendor's first may decode again what the first passed on.
const DECODINGS: usize = 3;

/// What must not come back from a vendor.
pub(crate) struct Secrets<'a> {
    placements: &'a [Placement],
    values: Vec<&'a str>,
}

impl<'a> Secrets<'a> {
    /// `values` are those of the credential as it was sent.
    pub(crate) fn new(
        placements: &'a [Placement],
        values: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self {
            placements,
            values: values
                .into_iter()
                .filter(|value| !value.is_empty())
                .collect(),
        }
    }

    /// Whether a parameter of this name holds the credential; vendors that read names loosely
    /// also write them so.
    pub(super) fn is_parameter(&self, name: &str) -> bool {
        parameter_names(self.placements).any(|listed| listed.eq_ignore_ascii_case(name))
    }

    /// Whether a value is a secret, percent-encoded or not.
    pub(super) fn are(&self, value: &[u8]) -> bool {
        in_every_decoding(value, |value| {
            self.values
                .iter()
                .any(|secret| value.eq_ignore_ascii_case(secret.as_bytes()))
        })
    }

    /// Whether a secret stands somewhere in a value, percent-encoded or not, in any case.
    pub(super) fn stand_in(&self, value: &[u8]) -> bool {
        in_every_decoding(value, |value| {
            self.values
                .iter()
                .any(|secret| secret.len() >= SHORTEST_BYTES && contains(value, secret.as_bytes()))
        })
    }

    /// Removes every value that holds a secret, and every header whose name does.
    pub(crate) fn remove_from(&self, headers: &mut HeaderMap) {
        if self.values.is_empty() {
            return;
        }
        remove_values(headers, |value| self.stand_in(value));
        let named: Vec<HeaderName> = headers
            .keys()
            .filter(|name| self.stand_in(name.as_str().as_bytes()))
            .cloned()
            .collect();
        for name in named {
            headers.remove(name);
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

/// Removes the values of which `is_out` is true, and leaves others of the same name.
pub(crate) fn remove_values(headers: &mut HeaderMap, is_out: impl Fn(&[u8]) -> bool) {
    let holding: Vec<HeaderName> = headers
        .iter()
        .filter(|(_, value)| is_out(value.as_bytes()))
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
        let Cow::Owned(decoded) = Cow::from(percent_decode(&value)) else {
            return false;
        };
        value = Cow::Owned(decoded);
    }
    holds(&value)
}

/// Whether `needle`, which is not empty, stands in `haystack`, in any case.
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else {
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
