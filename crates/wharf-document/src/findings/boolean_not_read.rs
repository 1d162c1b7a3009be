//! WH118: a value is not yes or no.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH118",
    slug: "boolean-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("boolean_not_read.md"),
};

/// `what` names the value, `why` says what is wrong with it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not yes or no: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write it like `true` or `false`")
}
