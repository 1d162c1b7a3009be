//! WH705: an outgoing webhook goes to an operation that is not there.

use wharf_diag::{Code, Diagnostic, Page, Severity, closest};

use crate::model::{Integration, WebhookTarget};
use crate::together::Index;

pub(crate) const CODE: Code = Code {
    id: "WH705",
    slug: "operation-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("operation_unknown.md"),
};

/// Looks up the operation of every target.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for target in integration
        .webhooks
        .outgoing
        .iter()
        .filter_map(|row| row.target.as_ref())
    {
        let WebhookTarget::Operation {
            integration: id,
            operation,
        } = &target.value
        else {
            continue;
        };
        let Some(other) = index.get(id) else {
            continue;
        };
        let known: Vec<_> = other.operations.iter().map(|o| o.id.as_str()).collect();
        if known.contains(&operation.as_str()) {
            continue;
        }
        let message = format!("`{operation}` is not an operation of `{id}`");
        let found = Diagnostic::new(
            CODE,
            Severity::Error,
            message,
            &integration.source,
            target.span,
        );
        diagnostics.push(match closest(operation, known.iter().copied()) {
            Some(meant) => found.with_help(format!("did you mean `{meant}`?")),
            None => found,
        });
    }
    diagnostics
}
