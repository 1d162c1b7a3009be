//! Our credential in what a vendor says.

use http::Extensions;
use http::header::HeaderMap;
use hyper::ext::ReasonPhrase;
use secrecy::{ExposeSecret, SecretString};
use wharf_plan::CompiledPlacement;

use super::reference::parameter_names;
use crate::finding::{contains, in_every_decoding, remove_holding};

/// Shorter values are not looked for inside of others, in bytes: they stand in too many words.
/// Where a whole parameter is such a value, it is still found.
pub(crate) const SHORTEST_BYTES: usize = 8;

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
