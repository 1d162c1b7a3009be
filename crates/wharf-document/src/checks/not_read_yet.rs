//! WH005: a section or part that the program keeps but does not read yet.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH005",
    slug: "not-read-yet",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("not_read_yet.md"),
};

/// `kind` is "section" or "part".
pub(crate) fn new(source: &Arc<SourceText>, span: Span, kind: &str, name: &str) -> Diagnostic {
    let message = format!("the {kind} `{name}` is kept, not read yet");
    Diagnostic::new(CODE, Severity::Info, message, source, span)
}
