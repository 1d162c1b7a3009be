//! WH012: what looks like a table is text to every page.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH012",
    slug: "table-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("table_not_read.md"),
};

/// `span` is the line of dashes.
pub(crate) fn new(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    let message = "this is no table: its line of dashes does not have one group for each column";
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_label("the table is not read")
        .with_help(
            "write as many groups as the header has cells, `|---|---|`, without spaces in one",
        )
}
