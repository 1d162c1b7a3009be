//! WH403: a file that Examples links is not there or cannot be read.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH403",
    slug: "examples-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("examples_not_read.md"),
};

/// `target` is the link's, as written; `why` never repeats the text of the file.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, target: &str, why: &str) -> Diagnostic {
    let message = format!("the examples in `{target}` are not read: {why}");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("link a Markdown file in the workspace, such as `examples/stripe.md`")
}

pub(crate) fn missing(source: &Arc<SourceText>, span: Span, target: &str) -> Diagnostic {
    let message = format!("there is no file `{target}` beside the document");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("put the examples there, or take the link out; the simulator has none of them")
}

/// For the first link behind as many as are followed.
pub(crate) fn too_many(
    source: &Arc<SourceText>,
    span: Span,
    target: &str,
    most: usize,
) -> Diagnostic {
    let message = format!(
        "the examples in `{target}`, and in files behind it, are not read: {most} files are linked before it"
    );
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("put the examples of several operations into one file")
}
