//! WH103: the frontmatter has no closing `---` line.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH103",
    slug: "frontmatter-not-closed",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("frontmatter_not_closed.md"),
};

/// `span` covers the opening line.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, end: usize) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Error,
        "the frontmatter has no closing `---` line",
        source,
        span,
    )
    .with_label("opened here")
    .with_fix(Fix {
        title: "Close the frontmatter".to_owned(),
        applicability: Applicability::Unsafe,
        edits: vec![Edit {
            span: Span::at(end),
            replacement: "---\n".to_owned(),
        }],
    })
}
