//! WH102: the title starts with a bracket and has no quotes, which is not YAML.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH102",
    slug: "title-not-quoted",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("title_not_quoted.md"),
};

/// `span` covers the title as written.
pub(crate) fn new(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    let title = source.slice(span);
    let quoted = format!("\"{}\"", title.replace('\\', "\\\\").replace('"', "\\\""));
    Diagnostic::new(
        CODE,
        Severity::Warning,
        "the title starts with `[`, so YAML takes it for a list",
        source,
        span,
    )
    .with_label("read as text all the same")
    .with_help("put the title in quotes, so that other programs can read it too")
    .with_fix(Fix {
        title: "Put the title in quotes".to_owned(),
        applicability: Applicability::Safe,
        edits: vec![Edit {
            span,
            replacement: quoted,
        }],
    })
}
