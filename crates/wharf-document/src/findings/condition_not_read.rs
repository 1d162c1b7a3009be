//! WH125: the condition of an error row cannot be read.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::parse::condition::FORMS;

pub(crate) const CODE: Code = Code {
    id: "WH125",
    slug: "condition-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("condition_not_read.md"),
};

/// `what` names the value.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not a condition: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help(format!("write {FORMS}; several are joined by `and`"))
}
