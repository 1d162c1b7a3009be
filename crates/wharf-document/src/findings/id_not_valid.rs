//! WH130: the name of the file cannot be an integration's id.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH130",
    slug: "id-not-valid",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("id_not_valid.md"),
};

/// `stem` is the file's name without its ending, `id` what is used in its place. `reserved` says
/// why the name is none although it has, or nearly has, the form of one.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    stem: &str,
    id: &str,
    reserved: Option<&str>,
) -> Diagnostic {
    let message = format!("the file's name `{stem}` cannot be the id of an integration");
    let why =
        reserved.unwrap_or("lower-case letters, digits, `-`, `_` and `.`, at most 64 of them");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_label(format!("read as `{id}`"))
        .with_help(format!("rename the file, for example to `{id}.md`: {why}"))
}
