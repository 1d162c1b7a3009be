//! WH501: a response of Common Errors is not one of the known verbs.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, slip};

use super::write_instead;
use crate::model::Verb;

pub(crate) const CODE: Code = Code {
    id: "WH501",
    slug: "verb-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("verb_unknown.md"),
};

/// `written` is the word that is not known.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, written: &str) -> Diagnostic {
    let known = Verb::ALL.map(|(_, words)| words);
    let message = format!("`{written}` is not a response the program knows");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help(format!("known: {}", known.join(", ")));
    match slip(written, known) {
        Some(meant) => diagnostic
            .with_label(format!("did you mean `{meant}`?"))
            .with_fix(write_instead(span, meant.to_owned())),
        None => diagnostic,
    }
}
