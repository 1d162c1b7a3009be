//! WH201: `environment` names no row of the Environments table.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, closest};

use super::listed;

pub(crate) const CODE: Code = Code {
    id: "WH201",
    slug: "environment-unknown",
};

pub(crate) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("environment_unknown.md"),
};

/// For `environment` of the frontmatter. `known` are the names of the rows.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    written: &str,
    known: &[&str],
) -> Diagnostic {
    let help = format!("known: {}, or `all`", listed(known));
    with_help(source, span, written, known, help)
}

/// For a value that stands for one environment.
pub(crate) fn of_setting(
    source: &Arc<SourceText>,
    span: Span,
    written: &str,
    known: &[&str],
) -> Diagnostic {
    let known_ones = if known.is_empty() {
        "the document names none".to_owned()
    } else {
        format!("known: {}", listed(known))
    };
    let help = format!("an object has one value for each environment; {known_ones}");
    with_help(source, span, written, known, help)
}

fn with_help(
    source: &Arc<SourceText>,
    span: Span,
    written: &str,
    known: &[&str],
    help: String,
) -> Diagnostic {
    let message = format!("there is no environment `{written}`");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span).with_help(help);
    match closest(written, known.iter().copied()) {
        Some(meant) => diagnostic.with_label(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}
