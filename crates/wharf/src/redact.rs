//! Keeps what a finding hides out of everything that commands print.

use serde_json::Value;

use crate::workspace::Workspace;

/// What stands in the place of a hidden word.
const MASK: &str = "********";

/// Texts that no output may show: those that findings hide, such as a secret in a document.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    words: Vec<String>,
}

/// The forms that a word may be printed in: as it is, as a name in lower case, and as an id.
fn forms(word: &str) -> [String; 3] {
    let lower = word.to_lowercase();
    let id = lower.split(|c: char| !c.is_alphanumeric());
    let id: Vec<_> = id.filter(|part| !part.is_empty()).collect();
    let id = id.join("-");
    [word.to_owned(), lower, id]
}

impl Redaction {
    /// Everything that the findings of a workspace hide.
    pub(crate) fn of(workspace: &Workspace) -> Self {
        let mut words: Vec<_> = workspace
            .hiding()
            .flat_map(|diagnostic| {
                let source = &diagnostic.primary.source;
                diagnostic.hidden.iter().map(|span| source.slice(*span))
            })
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .flat_map(forms)
            .collect();
        // A word that holds another one goes first, so that nothing of it is left.
        words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
        words.dedup();
        words.retain(|word| !word.is_empty());
        Self { words }
    }

    /// The words themselves, the longest first.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// The text without them.
    pub(crate) fn text(&self, text: String) -> String {
        self.words
            .iter()
            .fold(text, |text, word| text.replace(word, MASK))
    }

    /// The value without them.
    pub(crate) fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (self.text(name), self.json(value)))
                .collect(),
            other => other,
        }
    }
}
