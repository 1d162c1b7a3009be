//! WH106: a value is not a whole number, or not within its bounds.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH106",
    slug: "number-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("number_not_read.md"),
};

/// `what` names the value; the bounds are inclusive.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    what: &str,
    least: u64,
    most: u64,
) -> Diagnostic {
    let bounds = if most == u64::MAX {
        format!("from {least}")
    } else {
        format!("from {least} to {most}")
    };
    let message = format!("{what} is not a whole number {bounds}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
}
