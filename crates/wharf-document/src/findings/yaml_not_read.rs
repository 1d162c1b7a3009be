//! WH101: a YAML block does not parse.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH101",
    slug: "yaml-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("yaml_not_read.md"),
};

/// `what` names the block, `why` is the parser's reason.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("the YAML of {what} cannot be read: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("put quotes around values that hold `: `, ` #` or start with a sign")
}
