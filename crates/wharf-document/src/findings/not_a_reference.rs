//! WH211: a credential field holds something other than a reference to a secret.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH211",
    slug: "not-a-reference",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("not_a_reference.md"),
};

/// `what` names the field. What was written is never shown: it may be the credential itself.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    let message = format!("{what} is not a reference to a secret");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_hidden(span)
        .with_label("not shown, it may be a secret")
        .with_help(
            "a document never holds a secret: give `location` with `path` or `variables`; \
             if this is a live credential, replace it at the vendor",
        )
}
