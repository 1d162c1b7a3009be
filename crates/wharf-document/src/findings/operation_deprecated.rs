//! WH903: the vendor marks an operation as deprecated.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH903",
    slug: "operation-deprecated",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("operation_deprecated.md"),
};

/// `name` is the operation's in the document.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, name: &str, links: &[Span]) -> Diagnostic {
    let message = format!("the vendor's API description marks `{name}` as deprecated");
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("look up what the vendor offers in its place before it is switched off");
    super::with_links(diagnostic, source, links)
}
