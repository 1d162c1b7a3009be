//! WH002: a name is unknown, but nearly the same as a known one.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH002",
    slug: "misspelt-name",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("misspelt.md"),
};

/// `kind` says what the name is, for example "setting".
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    kind: &str,
    written: &str,
    meant: &str,
) -> Diagnostic {
    let message = format!("`{written}` is not a known {kind}; did you mean `{meant}`?");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_label("kept, but not read")
        .with_fix(Fix {
            title: format!("Write `{meant}`"),
            applicability: Applicability::Unsafe,
            edits: vec![Edit {
                span,
                replacement: meant.to_owned(),
            }],
        })
}
