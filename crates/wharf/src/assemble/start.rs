//! What a start begins with: a reload from nothing but the last good texts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use wharf_document::Integration;
use wharf_workspace::by_importance;
use wharf_workspace::reload::{Documents, Outcome, Running};

use crate::installation::Installation;
use crate::reload::{self, kept::Kept};

/// The documents of a start.
pub(crate) struct Start {
    /// `None`: they are not on disk.
    pub(crate) documents: Option<Documents>,
    pub(crate) outcome: Outcome,
    /// `None`: nothing is kept.
    pub(crate) kept: Option<Kept>,
}

impl Start {
    /// Judges what was read. Makes nothing on disk.
    pub(crate) fn of(installation: &Installation, is_simulated: bool, state: &Path) -> Self {
        let Some(root) = &installation.root else {
            let integrations = installation.integrations();
            let by_id = integrations.into_iter().map(|i| (i.id.to_string(), i));
            let running: Running = by_id.collect();
            let outcome = Outcome {
                running,
                ..Outcome::default()
            };
            return Self {
                documents: None,
                outcome,
                kept: None,
            };
        };
        let (mut kept, versions) = if is_simulated {
            (None, BTreeMap::new())
        } else {
            let (kept, versions) = Kept::read(state, root);
            (Some(kept), versions)
        };
        if let Some(kept) = &mut kept {
            for (id, version) in versions.iter().filter(|(_, version)| version.is_older) {
                kept.remember(id, &version.integration);
            }
        }
        let (documents, outcome) = reload::start(
            root.clone(),
            &installation.workspace,
            installation.marks.clone(),
            &versions,
            !is_simulated,
        );
        Self {
            documents: Some(documents),
            outcome,
            kept,
        }
    }

    /// What is served, the most important first.
    pub(crate) fn by_importance(&self) -> Vec<Arc<Integration>> {
        by_importance(self.outcome.running.values().map(Arc::clone).collect())
    }
}
