//! WH114: calls to a public host go out in clear text.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH114",
    slug: "plain-http",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("plain_http.md"),
};

/// `span` covers the address.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, host: &str) -> Diagnostic {
    let message = format!("calls to `{host}` go out in clear text, credentials included");
    Diagnostic::new(CODE, Severity::Warning, message, source, span).with_help("write `https://`")
}
