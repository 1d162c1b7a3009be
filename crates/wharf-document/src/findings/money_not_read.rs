//! WH119: a price cannot be read.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH119",
    slug: "money-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("money_not_read.md"),
};

/// `what` names the value.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not a price: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help(format!("write it like {}", crate::parse::money::FORMS))
}
