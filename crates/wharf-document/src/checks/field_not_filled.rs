//! WH213: no variable of a credential fills a field of the request.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH213",
    slug: "field-not-filled",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("field_not_filled.md"),
};

/// `span` covers the variables, `placement` the place that names the field, if it is written.
pub(crate) fn new(
    source: &Arc<SourceText>,
    span: Span,
    environment: &str,
    field: &str,
    placement: Option<Span>,
) -> Diagnostic {
    let message = format!("nothing in the credential for `{environment}` fills `{{{field}}}`");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span).with_help(
        format!("name a variable that ends with `_{}`", field.to_uppercase()),
    );
    match placement {
        Some(placement) => diagnostic.with_secondary(source, placement, "needed here"),
        None => diagnostic,
    }
}
