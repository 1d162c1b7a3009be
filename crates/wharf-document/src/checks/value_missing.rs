//! WH006: a value that has to be there is empty.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH006",
    slug: "value-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("value_missing.md"),
};

/// `what` names the value and its owner, for example "the method of the operation `List`".
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Error,
        format!("{what} is missing"),
        source,
        span,
    )
    .with_label("something has to stand here")
}
