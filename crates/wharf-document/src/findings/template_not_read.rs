//! WH117: a value is not a text with credential fields.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH117",
    slug: "template-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("template_not_read.md"),
};

/// `what` names the value, `why` says what is wrong with it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not a template: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write it like `Bearer {api_key}`")
}
