//! WH001: a value is still the placeholder of the template.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH001",
    slug: "not-filled-in",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("not_filled_in.md"),
};

/// Whether the program does something with a value, and so misses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The program acts on the value.
    Used,
    /// The value is for readers.
    Read,
}

/// `what` names the value, for example "the endpoint".
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, need: Need) -> Diagnostic {
    let severity = match need {
        Need::Used => Severity::Warning,
        Need::Read => Severity::Info,
    };
    Diagnostic::new(
        CODE,
        severity,
        format!("{what} is not filled in"),
        source,
        span,
    )
    .with_label("placeholder of the template")
}
