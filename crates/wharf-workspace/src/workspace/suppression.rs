//! Comments of documents are heard once every pass over the workspace has run.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Workspace;

impl Workspace {
    /// Takes out what comments suppress, and reports comments that have no effect.
    pub(super) fn suppress(&mut self) {
        let mut shared_by_source: HashMap<_, Vec<_>> = HashMap::new();
        for diagnostic in std::mem::take(&mut self.diagnostics) {
            let key = Arc::as_ptr(&diagnostic.primary.source);
            shared_by_source.entry(key).or_default().push(diagnostic);
        }
        let is_alone = self.documents.len() == 1;
        let around = Arc::clone(&self.around);
        for document in &mut self.documents {
            let Some(integration) = &document.integration else {
                continue;
            };
            let source = &integration.source;
            let shared = shared_by_source
                .remove(&Arc::as_ptr(source))
                .unwrap_or_default();
            // Findings of documents side by side stay apart from those of one document.
            let is_shared: HashSet<_> = shared
                .iter()
                .map(|diagnostic| (diagnostic.code, diagnostic.primary.span))
                .collect();
            let mut all = std::mem::take(&mut document.diagnostics);
            all.extend(shared);
            // A finding past the bound of the document may be the one that a comment is about.
            let at_hand = around.at_hand(document.left_out == 0, !is_alone);
            let outcome = wharf_document::suppress(source, all, |code| at_hand.has(code));
            self.suppressed.extend(outcome.suppressed);
            let mut own = outcome.kept;
            self.diagnostics.extend(own.extract_if(.., |diagnostic| {
                is_shared.contains(&(diagnostic.code, diagnostic.primary.span))
            }));
            own.shrink_to_fit();
            document.diagnostics = own;
        }
        // About texts that are no document of the workspace.
        self.diagnostics
            .extend(shared_by_source.into_values().flatten());
    }
}
