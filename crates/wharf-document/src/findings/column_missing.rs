//! WH120: a table lacks a column it needs.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH120",
    slug: "column-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("column_missing.md"),
};

/// `span` covers the header row, `table` names the table.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, table: &str, column: &str) -> Diagnostic {
    let message = format!("the table of {table} has no column `{column}`");
    Diagnostic::new(CODE, Severity::Error, message, source, span).with_help(format!(
        "add a column with the heading `{column}`; the order is free"
    ))
}
