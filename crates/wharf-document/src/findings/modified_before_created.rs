//! WH105: the document was changed before it was written.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH105",
    slug: "modified-before-created",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("modified_before_created.md"),
};

/// The two dates.
pub(crate) fn new(source: &Arc<SourceText>, modified: Span, created: Span) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Error,
        "`modified` is before `created`",
        source,
        modified,
    )
    .with_label("changed here")
    .with_secondary(source, created, "written later")
    .with_help("`modified` is the time of the last change, at the earliest `created`")
}
