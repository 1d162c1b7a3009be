//! WH210: a credential is in a store that the program does not know.

use std::sync::Arc;

use crate::vocabulary;
use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH210",
    slug: "location-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("location_unknown.md"),
};

/// The words a `location` may be.
pub(crate) const KNOWN: [&str; 4] = vocabulary::names(&vocabulary::LOCATIONS);

/// What was written is never shown: it may be the credential itself.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    environment: &str,
    meant: Option<&str>,
) -> Diagnostic {
    let message = format!("the location of the credential for `{environment}` is not known");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_hidden(span)
        .with_help(format!("known: {}", KNOWN.join(", ")));
    match meant {
        Some(meant) => diagnostic.with_label(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}
