//! WH905: a linked API description is not there.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH905",
    slug: "description-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("description_missing.md"),
};

/// `target` is the link's, as written.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, target: &str) -> Diagnostic {
    let message = format!("there is no file `{target}` beside the document");
    Diagnostic::new(CODE, Severity::Warning, message, source, span).with_help(
        "put the API description there, or link its address at the vendor, `https://…`; without \
         the file no operation is compared with it",
    )
}
