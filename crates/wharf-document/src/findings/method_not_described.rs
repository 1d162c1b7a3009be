//! WH902: the vendor's API description has an operation's path with other methods only.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH902",
    slug: "method-not-described",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("method_not_described.md"),
};

/// `template` is the path as described, `methods` what it is described with.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    method: &str,
    template: &str,
    methods: &[&str],
    links: &[Span],
) -> Diagnostic {
    let known = if methods.is_empty() {
        "no method".to_owned()
    } else {
        super::listed(methods)
    };
    let message = format!("the API description has `{template}` with {known}, not {method}");
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("write the method that the vendor describes");
    super::with_links(diagnostic, source, links)
}
