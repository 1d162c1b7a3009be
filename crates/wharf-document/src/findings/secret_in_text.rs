//! WH215: the document holds something that looks like a live credential.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};
use wharf_scan::Kind;

pub(crate) const CODE: Code = Code {
    id: "WH215",
    slug: "secret-in-text",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("secret_in_text.md"),
};

/// `span` covers the credential. It is never shown.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, kind: Kind) -> Diagnostic {
    let message = format!("this looks like a live {}", kind.name());
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_hidden(span)
        .with_label("not shown")
        .with_help(
            "replace the credential at the vendor: whoever has read the document has it; \
             then keep the new one in a store and name it in Credential Storage",
        )
}
