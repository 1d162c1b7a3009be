//! WH704: two services receive webhooks at one path.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::model::Integration;
use crate::together::Index;

pub(crate) const CODE: Code = Code {
    id: "WH704",
    slug: "webhook-path-twice",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("webhook_path_twice.md"),
};

/// Compares the paths of a document with those of the documents before it.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for row in &integration.webhooks.incoming {
        let Some(endpoint) = &row.endpoint else {
            continue;
        };
        let path = endpoint.value.as_str();
        let Some((first, span)) = index.receiver(path) else {
            continue;
        };
        if first.id == integration.id || told.contains(&path) {
            continue;
        }
        told.push(path);
        let message = format!("`{path}` already receives the webhooks of `{}`", first.id);
        diagnostics.push(
            Diagnostic::new(
                CODE,
                Severity::Error,
                message,
                &integration.source,
                endpoint.span,
            )
            .with_secondary(&first.source, span, format!("of `{}`", first.id))
            .with_help("give each service a path of its own, as each has its own signature"),
        );
    }
    diagnostics
}
