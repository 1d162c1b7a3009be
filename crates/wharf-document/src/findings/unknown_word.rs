//! WH007: a word outside the closed set that its place allows.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, slip};

use super::{listed, write_instead};

pub(crate) const CODE: Code = Code {
    id: "WH007",
    slug: "unknown-word",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("unknown_word.md"),
};

/// `what` names the value, `known` the words that are allowed.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    what: &str,
    written: &str,
    known: &[&str],
) -> Diagnostic {
    let message = format!("{what} cannot be `{written}`");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help(format!("known: {}", listed(known)));
    match slip(written, known.iter().copied()) {
        Some(meant) => diagnostic
            .with_label(format!("did you mean `{meant}`?"))
            .with_fix(write_instead(span, meant.to_owned())),
        None => diagnostic,
    }
}
