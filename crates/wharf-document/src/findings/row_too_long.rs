//! WH121: a row of a table has more cells than the header.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH121",
    slug: "row-too-long",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("row_too_long.md"),
};

/// `span` covers what stands behind the last cell that has a heading.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, table: &str) -> Diagnostic {
    let message = format!("a row of {table} has more cells than the header");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_label("not read")
        .with_help("write `\\|` for a `|` that belongs into a cell")
}
