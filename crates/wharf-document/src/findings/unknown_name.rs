//! WH003: a key, column or setting that the program does not know.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH003",
    slug: "unknown-name",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("unknown_name.md"),
};

/// `kind` says what the name is, for example "setting".
pub(crate) fn new(source: &Arc<SourceText>, span: Span, kind: &str, written: &str) -> Diagnostic {
    let message = format!("`{written}` is not a {kind} the program knows; it is kept");
    Diagnostic::new(CODE, Severity::Info, message, source, span)
}
