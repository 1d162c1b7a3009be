//! WH116: a value is not a header.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH116",
    slug: "header-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("header_not_read.md"),
};

/// Why a name is none.
pub(crate) const ODD_SIGN: &str = "the name holds a sign that no header may have";

/// `what` names the value, `why` says what is wrong with it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not a header: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write it like `Authorization: Bearer {api_key}`")
}
