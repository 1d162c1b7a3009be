//! WH631: the fallback table names something that the document does not have.

use wharf_diag::{Code, Diagnostic, Page, Severity, Spanned, closest};

use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH631",
    slug: "mapping-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("mapping_unknown.md"),
};

/// Looks names up among the document's own operations, environments and mappings.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let operations: Vec<_> = integration
        .operations
        .iter()
        .map(|o| o.id.as_str())
        .collect();
    for row in &integration.recovery.operations {
        look_up(findings, &row.operation, "an operation", &operations);
    }
    let environments: Vec<_> = integration
        .environments
        .iter()
        .map(|environment| environment.name.value.as_str())
        .collect();
    for row in &integration.recovery.environments {
        look_up(findings, &row.environment, "an environment", &environments);
    }
    if let Some(verification) = &integration.webhooks.verification {
        for environment in verification
            .secrets
            .iter()
            .filter_map(|secret| secret.environment.as_ref())
        {
            look_up(findings, environment, "an environment", &environments);
        }
    }
    let rotate_with = integration.authentication.as_ref();
    if let Some(rotate_with) = rotate_with.and_then(|found| found.rotate_with.as_ref()) {
        let named = [
            Some(&rotate_with.value.operation),
            rotate_with.value.revoke.as_ref(),
        ];
        for operation in named.into_iter().flatten() {
            look_up(findings, operation, "an operation", &operations);
        }
    }
    let mappings = integration.webhooks.mappings.iter();
    let mappings: Vec<_> = mappings
        .map(|mapping| mapping.name.value.as_str())
        .collect();
    for row in &integration.webhooks.incoming {
        if let Some(mapping) = &row.mapping {
            look_up(findings, mapping, "a mapping", &mappings);
        }
    }
}

fn look_up(findings: &mut Findings<'_>, name: &Spanned<String>, kind: &str, known: &[&str]) {
    if known
        .iter()
        .any(|known| known.eq_ignore_ascii_case(&name.value))
    {
        return;
    }
    let message = format!("`{}` is not {kind} of this document", name.value);
    let mut diagnostic =
        Diagnostic::new(CODE, Severity::Error, message, findings.source, name.span);
    if let Some(meant) = closest(&name.value, known.iter().copied()) {
        diagnostic = diagnostic.with_help(format!("did you mean `{meant}`?"));
    }
    findings.report(diagnostic);
}
