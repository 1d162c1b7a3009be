//! WH002: a name is unknown, but nearly the same as a known one.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use super::write_instead;

pub(crate) const CODE: Code = Code {
    id: "WH002",
    slug: "misspelt-name",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("misspelt.md"),
};

/// `kind` says what the name is, for example "setting".
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    kind: &str,
    written: &str,
    meant: &str,
) -> Diagnostic {
    let message = format!("`{written}` is not a known {kind}; did you mean `{meant}`?");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_label("kept, but not read")
        .with_fix(write_instead(span, meant.to_owned()))
}

/// The name of a section stands in a heading of level three; `span` covers its words.
pub(crate) fn heading_at(source: &Arc<SourceText>, span: Span, section: &str) -> Diagnostic {
    let message = format!("`{section}` is a section, and its heading is not of level two");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_label("kept, but not read")
        .with_help(format!("write `## {section}`"))
}

/// A line whose words are those of the heading `meant`, of a `kind`, and that is none of its level.
/// `is_in_html` says that HTML begins above it.
pub(crate) fn heading(
    source: &Arc<SourceText>,
    span: Span,
    kind: &str,
    meant: &str,
    is_in_html: bool,
) -> Diagnostic {
    let marks = if kind == "part" { "###" } else { "##" };
    let message = format!("this is not the heading `{marks} {meant}`, so the {kind} is not read");
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_label("kept, but not read");
    if is_in_html {
        return diagnostic.with_help("put a blank line between it and the HTML above it");
    }
    diagnostic.with_fix(write_instead(span, format!("{marks} {meant}")))
}
