//! WH202: the document has no environment, so nothing can be called.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH202",
    slug: "no-environment",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("no_environment.md"),
};

/// `span` is where the reader would look for one.
pub(crate) fn new(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Warning,
        "the document names no environment, so the service cannot be called",
        source,
        span,
    )
    .with_help("add an Environments table to Service Details: Environment, Endpoint, Status, Notes")
}
