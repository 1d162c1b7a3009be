//! WH212: an active environment has no entry in Credential Storage.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH212",
    slug: "credential-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_missing.md"),
};

/// `span` covers the environment's name.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, environment: &str) -> Diagnostic {
    let message = format!("the environment `{environment}` has no credential");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_label("active, but not in Credential Storage")
        .with_help(format!(
            "add an entry `{}:` to Credential Storage; no environment uses another's credential",
            environment.to_lowercase()
        ))
}
