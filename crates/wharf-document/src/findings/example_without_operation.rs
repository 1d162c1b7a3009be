//! WH402: an example answer belongs to no operation.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, closest};

pub(crate) const CODE: Code = Code {
    id: "WH402",
    slug: "example-without-operation",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("example_without_operation.md"),
};

/// `written` is the id in the block's info string; empty when it names none.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    written: &str,
    known: &[&str],
) -> Diagnostic {
    let message = if written.is_empty() {
        "the example names no operation".to_owned()
    } else {
        format!("the example is for `{written}`, which is no operation")
    };
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("open the block with `json`, `text` or `sse` and the operation's id");
    match closest(written, known.iter().copied()) {
        Some(meant) => diagnostic.with_label(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}
