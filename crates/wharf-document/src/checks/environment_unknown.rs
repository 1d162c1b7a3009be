//! WH201: `environment` names no row of the Environments table.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, closest};

use super::listed;

pub(crate) const CODE: Code = Code {
    id: "WH201",
    slug: "environment-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("environment_unknown.md"),
};

/// `known` are the names of the rows.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    written: &str,
    known: &[&str],
) -> Diagnostic {
    let message = format!("there is no environment `{written}`");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help(format!("known: {}, or `all`", listed(known)));
    match closest(written, known.iter().copied()) {
        Some(meant) => diagnostic.with_label(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}
