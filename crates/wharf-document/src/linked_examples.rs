//! Examples that lie beside the document, in files that its Examples part links.

use std::collections::HashSet;
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText, Span};

use crate::checks::examples_not_read;
use crate::lower::examples_beside;
use crate::model::{Example, Integration};

/// Findings in one file that are told.
const MOST_FINDINGS: usize = 20;

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

/// Follows the document's links to examples. `open` is asked once for each target; the path is as
/// the document writes it.
pub fn linked_examples(
    integration: &Integration,
    mut open: impl FnMut(&str) -> LinkedText,
) -> LinkedExamples {
    let document = &integration.source;
    let mut linked = LinkedExamples::default();
    let mut seen = HashSet::new();
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
        if !seen.insert(file.value) {
            continue;
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
                let (examples, found) = examples_beside(&text, &integration.operations);
                let found = found.diagnostics.into_iter().take(MOST_FINDINGS);
                let told = found.map(|found| at_link(document, file.span, file.value, found));
                linked.diagnostics.extend(told);
                linked.examples.extend(examples);
            }
        }
    }
    linked
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
