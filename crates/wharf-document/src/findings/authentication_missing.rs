//! WH203: the document does not say how calls are authorised.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH203",
    slug: "authentication-missing",
};

pub(crate) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("authentication_missing.md"),
};

/// The section is there and says no type. `span` is its heading.
pub(crate) fn no_type(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Warning,
        "the Method list gives no `Type`, so calls go out without a credential",
        source,
        span,
    )
    .with_help("write `- Type: API Key` or another type; for an open service `- Type: None`")
}

/// `span` is where the reader would look for it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Warning,
        "the document does not say how calls are authorised, so they go out without a credential",
        source,
        span,
    )
    .with_help("add an Authentication section; for an open service write `- Type: None` in it")
}
