//! WH111: a value is not a rate.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH111",
    slug: "rate-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("rate_not_read.md"),
};

/// `what` names the value, `why` says what is wrong with it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not a rate: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help(format!("write it like {}", crate::parse::rate::FORMS))
}
