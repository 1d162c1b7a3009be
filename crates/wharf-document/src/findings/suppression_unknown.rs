//! WH010: a comment names a code that does not exist.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use super::write_instead;

pub(crate) const CODE: Code = Code {
    id: "WH010",
    slug: "suppression-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("suppression_unknown.md"),
};

/// `span` covers the code as written.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    written: &str,
    meant: Option<&str>,
) -> Diagnostic {
    let unknown = format!("`{written}` is no code of a finding");
    let Some(meant) = meant else {
        return Diagnostic::new(CODE, Severity::Warning, unknown, source, span)
            .with_help("`wharf explain` lists all codes");
    };
    let message = format!("{unknown}; did you mean `{meant}`?");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_fix(write_instead(span, meant.to_owned()))
}

/// A comment that names no code at all; `span` covers it.
pub(crate) fn without(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    let message = "this comment names no code, so it leaves out nothing";
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("name the code before the colon: `wharf-ignore CODE: reason`")
}
