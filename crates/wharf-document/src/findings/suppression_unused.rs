//! WH008: a comment leaves out a finding that is not there.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH008",
    slug: "suppression-unused",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("suppression_unused.md"),
};

/// `span` covers the code; `is_late` tells that the comment is for the file and stands behind
/// the first section.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    unused: Code,
    is_late: bool,
    removal: Option<Edit>,
) -> Diagnostic {
    let message = format!(
        "this comment leaves out nothing: {} ({}) is not found here",
        unused.id, unused.slug
    );
    let mut diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, span);
    if is_late {
        return diagnostic
            .with_help("a comment for the whole file stands before the first level-two heading");
    }
    diagnostic = diagnostic
        .with_help("remove it, or put it on the line of the finding, or on the line before it");
    match removal {
        Some(edit) => diagnostic.with_fix(Fix {
            title: "Remove what leaves out nothing".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![edit],
        }),
        None => diagnostic,
    }
}
