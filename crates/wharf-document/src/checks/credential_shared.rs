//! WH220: two environments use one credential.

use std::borrow::Cow;
use std::collections::HashMap;

use wharf_diag::{Code, Diagnostic, Page, Severity, Span};

use crate::credential::{names, place};
use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH220",
    slug: "credential-shared",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_shared.md"),
};

/// Compares variables and paths of all entries of Credential Storage.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let mut first_of: HashMap<(&str, Cow<'_, str>), (Span, &str)> = HashMap::new();
    for credential in &integration.credentials {
        let environment = credential.environment.value.as_str();
        for (store, name) in names(&credential.store.value) {
            let key = (store, place(store, &name.value));
            let Some((first, other)) = first_of.get(&key).copied() else {
                first_of.insert(key, (name.span, environment));
                continue;
            };
            if other.eq_ignore_ascii_case(environment) {
                continue;
            }
            let message = format!(
                "`{environment}` and `{other}` use one credential, `{}`",
                name.value
            );
            let diagnostic =
                Diagnostic::new(CODE, Severity::Error, message, findings.source, name.span)
                    .with_label(format!("of `{environment}`"))
                    .with_secondary(findings.source, first, format!("of `{other}`"))
                    .with_help("give each environment a credential of its own");
            findings.report(diagnostic);
        }
    }
}
