//! WH131: two documents have one id.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH131",
    slug: "id-twice",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("id_twice.md"),
};

/// The two documents, in the order they were found.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    first: (&Arc<SourceText>, Span),
    id: &str,
) -> Diagnostic {
    let message = format!("two documents have the id `{id}`");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_label(format!("this is {}", source.name()))
        .with_secondary(first.0, first.1, format!("the first is {}", first.0.name()))
        .with_help("the id is the name of the file; rename one of the two")
}
