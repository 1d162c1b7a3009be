//! WH502: a line of the Retry Strategy block is not `name = value`.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH502",
    slug: "assignment-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("assignment_not_read.md"),
};

/// `span` covers the line.
pub(crate) fn new(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Error,
        "the line is not `name = value`",
        source,
        span,
    )
    .with_help("write it like `max_retries = 5` or `retry_on = [429, 503]`")
}
