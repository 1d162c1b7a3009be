//! WH216: the document holds something that looks like a key for a vendor's test data.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};
use wharf_scan::Kind;

pub(crate) const CODE: Code = Code {
    id: "WH216",
    slug: "test-secret-in-text",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("test_secret_in_text.md"),
};

/// `span` covers the key. It is never shown.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, kind: Kind) -> Diagnostic {
    let message = format!("this looks like a {}", kind.name());
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_hidden(span)
        .with_label("not shown")
        .with_help("keep it in a store and name it in Credential Storage, as the live one")
}
