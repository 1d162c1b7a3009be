//! WH104: a date is not in the form of RFC 3339.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH104",
    slug: "date-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("date_not_read.md"),
};

/// `what` names the value.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    let written = source.slice(span);
    let message = format!("{what} is not a date with time and zone: `{written}`");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write it as RFC 3339, for example `2026-01-15T10:00:00Z`")
}
