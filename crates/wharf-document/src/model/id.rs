//! Ids of integrations, and the names that are none although they look like one.

use std::fmt;
use std::sync::Arc;

/// The id of an integration: the stem of its file, for example `openai-api`.
///
/// Lower-case ASCII letters, digits, `-`, `_` and `.`; it starts with a letter or digit. None of
/// [`RESERVED`](Self::RESERVED).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IntegrationId(Arc<str>);

impl IntegrationId {
    /// Names that are no ids: Wharf keeps the paths that start with them for itself, where an
    /// integration's calls would stand.
    pub const RESERVED: [&'static str; 4] = ["webhooks", "events", "features", "mcp"];

    /// Most bytes of an id.
    const MOST_BYTES: usize = 64;

    /// Checks that a text can be the id of a document.
    pub fn new(id: &str) -> Option<Self> {
        Self::named(id).filter(|id| !id.is_reserved())
    }

    /// The id that a document names. One that no document can have is one too, so that it is
    /// looked up in vain and reported, and not taken for words.
    pub(crate) fn named(id: &str) -> Option<Self> {
        let valid = !id.is_empty()
            && id.len() <= Self::MOST_BYTES
            && id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && id.chars().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.')
            });
        valid.then(|| Self(id.into()))
    }

    /// Why a text is no id although it has the form of one, in words; `None` where it is another
    /// text.
    pub fn why_reserved(text: &str) -> Option<String> {
        let is_reserved = Self::RESERVED.contains(&text);
        is_reserved.then(|| format!("Wharf keeps the path `/{text}` for itself"))
    }

    /// An id for what cannot have a reserved name.
    pub fn beside_reserved(name: &str) -> String {
        format!("{name}-api")
    }

    fn is_reserved(&self) -> bool {
        Self::RESERVED.contains(&self.as_str())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntegrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::IntegrationId;

    #[test]
    fn reserved_names_are_no_ids_and_names_near_them_are() {
        for name in IntegrationId::RESERVED {
            assert_eq!(IntegrationId::new(name), None, "{name}");
            assert!(IntegrationId::why_reserved(name).is_some(), "{name}");
            let other = IntegrationId::beside_reserved(name);
            assert!(IntegrationId::new(&other).is_some(), "{other}");
        }
        for name in [
            "webhook",
            "webhooks2",
            "my-events",
            "mcp.x",
            "metrics",
            "readyz",
        ] {
            assert!(IntegrationId::new(name).is_some(), "{name}");
            assert_eq!(IntegrationId::why_reserved(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_named_has_the_form_of_an_id() {
        assert!(IntegrationId::named("events").is_some());
        for name in ["", "Events", "-a", "a b", "a/b", &"a".repeat(65)] {
            assert_eq!(IntegrationId::named(name), None, "{name}");
        }
    }
}
