//! WH212: an active environment has no entry in Credential Storage.

use std::collections::HashSet;
use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::findings::Findings;
use crate::model::{AuthenticationType, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH212",
    slug: "credential-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_missing.md"),
};

/// Looks up every environment in use. `entries` are the names of all credential entries, read or
/// not, in lower case; `None` when some may stand in what could not be read.
pub(super) fn check(
    findings: &mut Findings<'_>,
    integration: &Integration,
    entries: Option<&[String]>,
) {
    let (Some(authentication), Some(entries)) = (&integration.authentication, entries) else {
        return;
    };
    let is_open = authentication
        .kind
        .is_some_and(|kind| kind.value == AuthenticationType::None);
    if is_open {
        return;
    }
    let entries: HashSet<&String> = entries.iter().collect();
    for environment in &integration.environments {
        let name = &environment.name;
        let needs_one = environment.is_active() && environment.has_address();
        if needs_one && !entries.contains(&name.value.to_lowercase()) {
            findings.report_at(name.span, |source, span| new(source, span, &name.value));
        }
    }
}

/// `span` covers the environment's name.
fn new(source: &Arc<SourceText>, span: Span, environment: &str) -> Diagnostic {
    let message = format!("the environment `{environment}` has no credential");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_label("active, but not in Credential Storage")
        .with_help(format!(
            "add an entry `{}:` to Credential Storage; no environment uses another's credential",
            environment.to_lowercase()
        ))
}
