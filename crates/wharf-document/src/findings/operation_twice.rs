//! WH401: two operations have one name.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH401",
    slug: "operation-twice",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("operation_twice.md"),
};

/// `span` is the second name, `first` the first.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, first: Span, id: &str) -> Diagnostic {
    let message = format!("two operations have the id `{id}`");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_label("not read")
        .with_secondary(source, first, "the first one counts")
        .with_help("give each operation a name of its own")
}
