//! The text of a file: JSON or YAML, and how much of either is read.

use serde_saphyr::Options;

/// Nesting of values in a YAML file; JSON has the same bound.
const MOST_YAML_DEPTH: usize = 128;

/// A text as what it is.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    Json(&'a str),
    Yaml(&'a str),
}

/// A text is neither valid JSON nor valid YAML; the words are those of the reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SyntaxError(pub(crate) String);

impl<'a> Text<'a> {
    /// JSON where it begins with `{`, else YAML.
    pub(crate) fn of(text: &'a str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('{') {
            Self::Json(text)
        } else {
            Self::Yaml(text)
        }
    }
}

/// How YAML is read, up to so many values in one file, those that anchors repeat included.
pub(crate) fn yaml_options(most_values: usize) -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: most_values,
            // Each list and object is two events.
            max_events: 2 * most_values,
            max_depth: MOST_YAML_DEPTH,
            // One anchor may well be used everywhere; what it adds up to is bounded.
            enforce_alias_anchor_ratio: false,
        },
        // Published descriptions do repeat keys; other readers take the last.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    }
}
