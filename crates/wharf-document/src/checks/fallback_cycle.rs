//! WH702: fallbacks lead back to where they began.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::model::Integration;
use crate::together::{Index, LONGEST_CHAIN, fallback};

pub(crate) const CODE: Code = Code {
    id: "WH702",
    slug: "fallback-cycle",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("fallback_cycle.md"),
};

/// Follows the fallbacks of a document. A cycle is reported once, at its first id in order.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    circle(integration, index).into_iter().collect()
}

fn circle(integration: &Integration, index: &Index<'_>) -> Option<Diagnostic> {
    let start = fallback(integration)?;
    let mut chain = vec![integration];
    let mut next = index.get(start.value)?;
    while next.id != integration.id {
        if chain.len() >= LONGEST_CHAIN || chain.iter().any(|known| known.id == next.id) {
            return None;
        }
        chain.push(next);
        next = index.get(fallback(next)?.value)?;
    }
    if chain.iter().any(|other| other.id < integration.id) {
        return None;
    }
    let ids: Vec<_> = chain
        .iter()
        .chain([&integration])
        .map(|integration| format!("`{}`", integration.id))
        .collect();
    let mut diagnostic = Diagnostic::new(
        CODE,
        Severity::Error,
        format!("the fallbacks lead in a circle: {}", ids.join(" → ")),
        &integration.source,
        start.span,
    )
    .with_help("when all of them are down, nothing would ever answer; let one of them have none");
    for other in chain.iter().skip(1) {
        if let Some(id) = fallback(other) {
            diagnostic = diagnostic.with_secondary(&other.source, id.span, "and on");
        }
    }
    Some(diagnostic)
}
