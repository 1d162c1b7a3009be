//! WH214: an entry of Credential Storage belongs to no environment.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, closest};

use super::environment_names;
use crate::findings::{Findings, listed};
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH214",
    slug: "credential-unused",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_unused.md"),
};

/// Looks up the environment of every entry.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    if integration.authentication.is_none() {
        return;
    }
    let (known, lower_case) = environment_names(integration);
    for credential in &integration.credentials {
        let name = &credential.environment;
        if !known.is_empty() && !lower_case.contains(&name.value.to_lowercase()) {
            findings.report_at(name.span, |source, span| {
                new(source, span, &name.value, &known)
            });
        }
    }
}

/// Environments that a name is compared with. There may be thousands of both, and each name is
/// compared with each.
const MOST_COMPARED: usize = 50;

/// `span` covers the entry's name, `known` are the environments.
fn new(source: &Arc<SourceText>, span: Span, written: &str, known: &[&str]) -> Diagnostic {
    let message = format!("the credential `{written}` belongs to no environment");
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, span);
    match closest(written, known.iter().copied().take(MOST_COMPARED)) {
        Some(meant) => diagnostic.with_label(format!("did you mean `{meant}`?")),
        None => diagnostic.with_help(format!("known: {}", listed(known))),
    }
}
