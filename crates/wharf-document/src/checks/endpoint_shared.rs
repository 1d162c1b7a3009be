//! WH221: two environments have the same endpoint.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::findings::Findings;
use crate::model::{Environment, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH221",
    slug: "endpoint-shared",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("endpoint_shared.md"),
};

/// Compares every endpoint with those above it.
///
/// Where each environment has a credential of its own, the key decides which data a call reaches,
/// as many vendors want it; that is worth knowing and no mistake.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let mut above = HashMap::new();
    for environment in &integration.environments {
        let Some(endpoint) = environment.address() else {
            continue;
        };
        let (other, first) = match above.entry(endpoint.value) {
            Entry::Vacant(entry) => {
                entry.insert((environment, endpoint.span));
                continue;
            }
            Entry::Occupied(entry) => *entry.get(),
        };
        let names = (&environment.name.value, &other.name.value);
        let (severity, help) = if keys_differ(integration, environment, other) {
            (
                Severity::Info,
                "the credential alone decides which data a call reaches",
            )
        } else {
            (
                Severity::Warning,
                "nothing tells the two apart: give each its own endpoint or its own credential",
            )
        };
        let message = format!("`{}` and `{}` have the same endpoint", names.0, names.1);
        let diagnostic = Diagnostic::new(CODE, severity, message, findings.source, endpoint.span)
            .with_secondary(findings.source, first, format!("of `{}`", names.1))
            .with_help(help);
        findings.report(diagnostic);
    }
}

fn keys_differ(integration: &Integration, left: &Environment, right: &Environment) -> bool {
    let store = |environment: &Environment| {
        let credential = integration.credential(&environment.name.value)?;
        let names = crate::credential::names(&credential.store.value);
        let names: Vec<_> = names
            .map(|(store, name)| (store, crate::credential::place(store, &name.value)))
            .collect();
        Some(names)
    };
    match (store(left), store(right)) {
        (Some(left), Some(right)) => left.iter().all(|name| !right.contains(name)),
        _ => false,
    }
}
