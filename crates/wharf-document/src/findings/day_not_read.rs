//! WH123: a date without a time cannot be read.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH123",
    slug: "day-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("day_not_read.md"),
};

/// What looks like a date among words that may hold one, and is none that can be read.
pub(crate) fn unread(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    let message = format!("`{}` in {what} is not read as a date", source.slice(span));
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("write year, month and day, for example `2027-06-30`")
}

/// `what` names the value.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    let message = format!("{what} holds no date");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write year, month and day, for example `2027-06-30`")
}
