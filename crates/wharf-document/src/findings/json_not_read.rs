//! WH301: a JSON block does not parse.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH301",
    slug: "json-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("json_not_read.md"),
};

/// `what` names the block, `why` is the parser's reason.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("the JSON of {what} cannot be read: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
}
