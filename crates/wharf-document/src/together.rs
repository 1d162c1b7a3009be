//! What can only be said about a document among others: its id.

use std::collections::HashMap;
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText};

use crate::checks::{id_not_valid, id_twice};
use crate::lower::document_place;
use crate::model::{Integration, IntegrationId};

/// Longest id that is made from a name that is none.
const LONGEST_MADE_ID: usize = 64;

/// The id of a document, from the stem of its file.
///
/// A stem that cannot be an id gives the nearest one that can, and a finding.
pub fn identify(stem: &str, source: &Arc<SourceText>) -> (Option<IntegrationId>, Vec<Diagnostic>) {
    if let Some(id) = IntegrationId::new(stem) {
        return (Some(id), Vec::new());
    }
    let made: String = stem
        .to_lowercase()
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
        .trim_start_matches(['_', '.', '-'])
        .chars()
        .take(LONGEST_MADE_ID)
        .collect();
    let id = IntegrationId::new(&made).or_else(|| IntegrationId::new("document"));
    let used = id.as_ref().map_or("document", IntegrationId::as_str);
    let diagnostic = id_not_valid::new(source, document_place(source), stem, used);
    (id, vec![diagnostic])
}

/// Findings about documents that only show side by side: two with one id.
pub fn check_together<'a>(
    integrations: impl IntoIterator<Item = &'a Integration>,
) -> Vec<Diagnostic> {
    let mut first_of: HashMap<&IntegrationId, &Integration> = HashMap::new();
    let mut diagnostics = Vec::new();
    for integration in integrations {
        let first = first_of.entry(&integration.id).or_insert(integration);
        if !std::ptr::eq(*first, integration) {
            diagnostics.push(id_twice::new(
                &integration.source,
                document_place(&integration.source),
                (&first.source, document_place(&first.source)),
                integration.id.as_str(),
            ));
        }
    }
    diagnostics
}
