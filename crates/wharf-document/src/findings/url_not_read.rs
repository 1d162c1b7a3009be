//! WH113: a value is not an address.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH113",
    slug: "url-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("url_not_read.md"),
};

/// `what` names the value, `why` says what is wrong with it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str, why: &str) -> Diagnostic {
    let message = format!("{what} is not an address: {why}");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write it like `https://api.example.org/v1`")
}

/// Offers the scheme that is missing at a place.
pub(crate) fn with_scheme(diagnostic: Diagnostic, place: Span, scheme: &str) -> Diagnostic {
    diagnostic.with_fix(Fix {
        title: format!("write `{scheme}`"),
        applicability: Applicability::Unsafe,
        edits: vec![Edit {
            span: place,
            replacement: scheme.to_owned(),
        }],
    })
}

/// Like [`new`], for a value of which a part, `secret`, may be a password. It is never shown.
pub(crate) fn hiding(
    source: &Arc<SourceText>,
    span: Span,
    what: &str,
    why: &str,
    secret: Option<Span>,
) -> Diagnostic {
    let diagnostic = new(source, span, what, why);
    match secret {
        Some(secret) => diagnostic.with_hidden(secret),
        None => diagnostic,
    }
}
