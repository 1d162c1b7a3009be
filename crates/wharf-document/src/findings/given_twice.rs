//! WH004: one name is given twice, and only the first one counts.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH004",
    slug: "given-twice",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("given_twice.md"),
};

/// `kind` says what the name is; `first` is where it stands first.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    first: Span,
    kind: &str,
    written: &str,
) -> Diagnostic {
    let message = format!("the {kind} `{written}` is given twice");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_label("not read")
        .with_secondary(source, first, "the first one counts")
        .with_help("remove one of the two")
}
