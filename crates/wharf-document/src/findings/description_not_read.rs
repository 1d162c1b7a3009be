//! WH904: a linked API description is there and cannot be read, or not as a whole.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH904",
    slug: "description-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("description_not_read.md"),
};

/// Names of paths that are shown.
const SHOWN: usize = 5;

/// `why` says what is wrong with the file, and never repeats its text.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, target: &str, why: &str) -> Diagnostic {
    let message = format!("`{target}` is not read as an API description: {why}");
    Diagnostic::new(CODE, Severity::Warning, message, source, span).with_help(
        "link a file in the form of OpenAPI 3, Swagger 2 or a Google discovery document; until \
         then no operation is compared with it",
    )
}

/// `paths` refer to other files.
pub(crate) fn in_parts(
    source: &Arc<SourceText>,
    span: Span,
    target: &str,
    paths: &[&str],
) -> Diagnostic {
    let shown: Vec<_> = paths
        .iter()
        .take(SHOWN)
        .map(|path| format!("`{path}`"))
        .collect();
    let shown = shown.join(", ");
    let rest = match paths.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "`{target}` is not read as a whole: what it says of {shown}{rest} stands elsewhere"
    );
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("link a description that holds everything in one file")
}
