//! Examples that lie beside the document, in files that its Examples part links.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText, Span};

use crate::findings::examples_not_read;
use crate::lower::examples_beside;
use crate::model::{Example, Integration};
use crate::secrets;

/// Findings in one file that are told.
const MOST_FINDINGS: usize = 20;

/// Files of examples that one document may link.
const MOST_FILES: usize = 100;

/// Bytes in all files of examples of one document.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What a link to examples led to.
#[derive(Clone, Debug)]
pub enum LinkedText {
    /// There is no such file.
    Missing,
    /// There is one, and this is why it is not used. The text of the file is not repeated.
    NotRead(String),
    /// A text.
    Read(Arc<SourceText>),
}

/// What stands in the files that a document links.
#[derive(Debug, Default)]
pub struct LinkedExamples {
    /// Each with the index of its operation, in the order of the links and of the files.
    pub examples: Vec<(usize, Example)>,
    /// What is wrong, told at the link: its place in the file is in the words.
    pub diagnostics: Vec<Diagnostic>,
}

/// Follows the document's links to examples. `open` is asked once for each target, however often
/// and in how many ways it is written; the path is as the document writes it first. A text that
/// several targets lead to is read once.
///
/// At most 100 files with 16 MiB in all are followed; what is behind them is told of.
pub fn linked_examples(
    integration: &Integration,
    mut open: impl FnMut(&str) -> LinkedText,
) -> LinkedExamples {
    let document = &integration.source;
    let mut linked = LinkedExamples::default();
    let mut targets = HashSet::new();
    let mut texts = HashSet::new();
    let mut bytes = 0;
    for link in &integration.example_files {
        let Some(target) = &link.target else {
            // A placeholder, which is told of.
            continue;
        };
        let Some(file) = link.file() else {
            let why = "it is an address, and nothing is fetched";
            let found = examples_not_read::new(document, target.span, &target.value, why);
            linked.diagnostics.push(found);
            continue;
        };
        if !targets.insert(straightened(file.value)) {
            continue;
        }
        if targets.len() > MOST_FILES {
            let found = examples_not_read::too_many(document, file.span, file.value, MOST_FILES);
            linked.diagnostics.push(found);
            break;
        }
        match open(file.value) {
            LinkedText::Missing => {
                let found = examples_not_read::missing(document, file.span, file.value);
                linked.diagnostics.push(found);
            }
            LinkedText::NotRead(why) => {
                let found = examples_not_read::new(document, file.span, file.value, &why);
                linked.diagnostics.push(found);
            }
            LinkedText::Read(text) => {
                // A symbolic link, or escapes in the target, are another way to the same text.
                if !texts.insert(SameText(Arc::clone(&text))) {
                    continue;
                }
                bytes += text.text().len();
                if bytes > MOST_BYTES {
                    let mebibytes = MOST_BYTES / 1024 / 1024;
                    let why = format!("with it, they are larger than {mebibytes} MiB in all");
                    let found = examples_not_read::new(document, file.span, file.value, &why);
                    linked.diagnostics.push(found);
                    break;
                }
                let (examples, mut found) = examples_beside(&text, &integration.operations);
                secrets::scan(&mut found);
                let (found, _) = found.finish();
                let found = found.into_iter().take(MOST_FINDINGS);
                let told = found.map(|found| at_link(document, file.span, file.value, found));
                linked.diagnostics.extend(told);
                linked.examples.extend(examples);
            }
        }
    }
    linked
}

/// A source that is told from others by its text.
struct SameText(Arc<SourceText>);

impl PartialEq for SameText {
    fn eq(&self, other: &Self) -> bool {
        self.0.text() == other.0.text()
    }
}

impl Eq for SameText {}

impl Hash for SameText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text().hash(state);
    }
}

/// A target without what leads nowhere: `./`, and `a/../`.
fn straightened(target: &str) -> String {
    let mut parts = Vec::new();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    // One slash in front leads to the root of the workspace.
    let root = if target.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// A finding in a linked file, told where the document links it.
fn at_link(document: &Arc<SourceText>, link: Span, target: &str, found: Diagnostic) -> Diagnostic {
    let place = found.primary.start().line;
    let message = format!("{target}, line {place}: {}", found.message);
    let told = Diagnostic::new(found.code, found.severity, message, document, link);
    match found.help {
        Some(help) => told.with_help(help),
        None => told,
    }
}

impl Integration {
    /// The document with the examples that lie beside it.
    #[must_use]
    pub fn with_examples(mut self, examples: Vec<(usize, Example)>) -> Self {
        for (index, example) in examples {
            if let Some(operation) = self.operations.get_mut(index) {
                operation.examples.push(example);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
