//! WH901: the vendor's API description has no path like an operation's.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH901",
    slug: "operation-not-described",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("operation_not_described.md"),
};

/// `path` is the operation's; `meant` is the described path that may have been meant. `links`
/// are the places that name the description.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    path: &str,
    meant: Option<&str>,
    links: &[Span],
) -> Diagnostic {
    let message = format!("the API description has no path `{path}`");
    let help = meant.map_or_else(
        || {
            "take the path from the vendor's documentation, or get the description's present \
             version"
                .to_owned()
        },
        |meant| format!("did you mean `{meant}`?"),
    );
    let diagnostic =
        Diagnostic::new(CODE, Severity::Warning, message, source, span).with_help(help);
    super::with_links(diagnostic, source, links)
}
