//! WH107: a value is of another kind than its place needs, for example a list for a text.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH107",
    slug: "wrong-kind",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("wrong_kind.md"),
};

/// `what` names the value, `expected` and `found` the kinds.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    what: &str,
    expected: &str,
    found: &str,
) -> Diagnostic {
    let message = format!("{what} has to be {expected}, not {found}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
}
