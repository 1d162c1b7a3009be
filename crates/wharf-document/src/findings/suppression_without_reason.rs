//! WH009: a comment leaves out a finding and does not say why.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH009",
    slug: "suppression-without-reason",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("suppression_without_reason.md"),
};

/// `span` covers the comment.
pub(crate) fn new(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Warning,
        "this comment gives no reason, so it leaves out nothing",
        source,
        span,
    )
    .with_help("write the reason behind a colon: `wharf-ignore CODE: reason`")
}
