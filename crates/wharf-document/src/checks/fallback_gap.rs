//! WH703: a fallback does not cover every operation.

use std::collections::{HashMap, HashSet};

use wharf_diag::{Code, Diagnostic, Page, Severity, closest};

use crate::findings::listed;
use crate::model::{Fallback, Integration};
use crate::together::{Index, fallback};

pub(crate) const CODE: Code = Code {
    id: "WH703",
    slug: "fallback-gap",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("fallback_gap.md"),
};

/// Operations that a name is compared with; the rest is not.
const MOST_COMPARED: usize = 50;

/// Looks up every operation, by the table or by its own id, among those of the fallback; and the
/// environments that a fallback has to have.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    let Some(id) = fallback(integration) else {
        return Vec::new();
    };
    let Some(other) = index.get(id.value) else {
        return Vec::new();
    };
    let mut diagnostics = Vec::new();
    let names: Vec<_> = other.operations.iter().map(|o| o.id.as_str()).collect();
    let known: HashSet<_> = names.iter().copied().collect();
    let mut rows = HashMap::new();
    for row in &integration.recovery.operations {
        rows.entry(row.operation.value.as_str()).or_insert(row);
    }
    let mut uncovered = Vec::new();
    for operation in &integration.operations {
        match rows.get(operation.id.as_str()) {
            // `none` says that this is meant.
            Some(row) if row.fallback.is_none() => {}
            Some(row) => diagnostics.extend(row.fallback.as_ref().and_then(|name| {
                if known.contains(name.value.as_str()) {
                    return None;
                }
                let message = format!("`{}` is not an operation of `{}`", name.value, other.id);
                let found = Diagnostic::new(
                    CODE,
                    Severity::Warning,
                    message,
                    &integration.source,
                    name.span,
                );
                let meant = closest(&name.value, names.iter().copied().take(MOST_COMPARED));
                Some(match meant {
                    Some(meant) => found.with_help(format!("did you mean `{meant}`?")),
                    None => found,
                })
            })),
            None if known.contains(operation.id.as_str()) => {}
            None => uncovered.push(operation.name.value.as_str()),
        }
    }
    if !uncovered.is_empty() {
        diagnostics.push(
            Diagnostic::new(
                CODE,
                Severity::Warning,
                format!(
                    "`{}` does not stand in for {}",
                    other.id,
                    listed(&uncovered)
                ),
                &integration.source,
                id.span,
            )
            .with_help(
                "map them in a table below Backup Service: `Operation`, `Fallback operation`; \
                 `none` says that an operation has none",
            ),
        );
    }
    diagnostics.extend(environment(integration, other));
    diagnostics
}

/// An environment that the fallback is to be called in and does not have.
fn environment(integration: &Integration, other: &Integration) -> Option<Diagnostic> {
    let fallback = integration.recovery.fallback.as_ref()?;
    let Fallback::Integration {
        environment: Some(name),
        ..
    } = &fallback.value
    else {
        return None;
    };
    let has = |name: &str| {
        let mut names = other.environments.iter().map(|e| &e.name.value);
        names.any(|known| known.eq_ignore_ascii_case(name))
    };
    (!has(name)).then(|| {
        let message = format!("`{}` has no environment `{name}`", other.id);
        let source = &integration.source;
        Diagnostic::new(CODE, Severity::Warning, message, source, fallback.span)
    })
}
