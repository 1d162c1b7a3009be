//! WH124: the place of a field of an event cannot be read.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH124",
    slug: "event-field-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("event_field_not_read.md"),
};

/// `what` names the value.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} does not say where the field stands: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write `/type` for a field of the body or `header X-Event` for a header")
}
