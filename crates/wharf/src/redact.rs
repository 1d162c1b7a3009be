//! Keeps what a finding hides out of everything that commands print.

use anyhow::Context as _;
use serde_json::Value;
use wharf_diag::Words;
use wharf_workspace::Workspace;

/// What stands in the place of a hidden word.
const MASK: &str = "********";

/// The text without what looks like a credential, wherever it comes from: for words that are kept or
/// told apart from the document that they quote.
pub(crate) fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for found in wharf_scan::scan(text) {
        shown += &text[from..found.span.start];
        shown += MASK;
        from = found.span.end;
    }
    shown + &text[from..]
}

/// Texts that no output may show: those that findings hide, such as a secret in a document.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    words: Words,
}

impl Redaction {
    /// Everything that the findings of a workspace hide. Fails where that is more than can be
    /// looked for.
    pub(crate) fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        let words = Words::hidden_by(workspace.hiding()).context(
            "so many secrets stand in the documents that none can be kept out of what is shown; \
             `wharf check` names them",
        )?;
        Ok(Self { words })
    }

    /// The words themselves.
    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// The text without them.
    pub(crate) fn text(&self, text: String) -> String {
        let replaced = self.words.replaced(&text, |_| MASK.to_owned());
        replaced.unwrap_or(text)
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

    /// What a command comes to. An error may quote a document as well.
    pub(crate) fn result<T>(&self, result: anyhow::Result<T>) -> anyhow::Result<T> {
        result.map_err(|error| {
            let told = format!("{error:#}");
            match self.words.replaced(&told, |_| MASK.to_owned()) {
                Some(told) => anyhow::Error::msg(told),
                None => error,
            }
        })
    }
}
