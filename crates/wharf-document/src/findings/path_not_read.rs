//! WH115: a value is not a path.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH115",
    slug: "path-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("path_not_read.md"),
};

/// `what` names the value, `why` says what is wrong with it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not a path: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write it like `/v1/customers/{id}`")
}
