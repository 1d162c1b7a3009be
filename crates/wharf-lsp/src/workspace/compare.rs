//! Documents side by side: after an edit, only what it can change is looked at again.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Diagnostic, Label};
use wharf_document::{Face, Index, Surroundings};

use super::Workspace;
use crate::settings::Settings;

/// What is to be compared.
#[derive(Debug)]
pub(super) enum Uncompared {
    /// Texts of these documents changed.
    Some(BTreeSet<PathBuf>),
    /// Documents came or went, or settings changed.
    All,
}

impl Default for Uncompared {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl Uncompared {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Some(paths) if paths.is_empty())
    }

    pub(super) fn add(&mut self, path: &Path) {
        if let Self::Some(paths) = self {
            paths.insert(path.to_owned());
        }
    }
}

impl Workspace {
    /// Puts documents side by side again, as far as a change can matter. Returns those that have
    /// other findings than before.
    pub(super) fn compare(&mut self) -> Vec<PathBuf> {
        let changed = match std::mem::take(&mut self.uncompared) {
            Uncompared::Some(changed) => self.touched_by(&changed),
            Uncompared::All => None,
        };
        let paths = changed.unwrap_or_else(|| {
            self.faces.clear();
            self.together
                .retain(|path, _| self.documents.contains_key(path));
            self.documents.keys().cloned().collect()
        });
        let found = self.check(&paths);
        // A comment about a finding among others may have been taken for one without effect.
        let commented = self.documents.values();
        let commented = commented.filter(|document| document.text().contains(super::COMMENT));
        let mut others: Vec<_> = commented.map(|document| document.path.clone()).collect();
        for (path, found) in paths.into_iter().zip(found) {
            if let Some(integration) = self
                .documents
                .get(&path)
                .and_then(|d| d.integration.as_ref())
            {
                self.faces.insert(path.clone(), Face::of(integration));
            } else {
                self.faces.remove(&path);
            }
            let before = self.together.remove(&path).unwrap_or_default();
            if fingerprint(&before) != fingerprint(&found) {
                others.push(path.clone());
            }
            if !found.is_empty() {
                self.together.insert(path, found);
            }
        }
        others
    }

    /// The documents whose findings among others may be others after these texts changed: these,
    /// those with a finding that points into them, and those that look at what changed. `None`: any
    /// document.
    fn touched_by(&self, changed: &BTreeSet<PathBuf>) -> Option<BTreeSet<PathBuf>> {
        let mut touched = changed.clone();
        for path in changed {
            let document = self.documents.get(path)?;
            let face = document.integration.as_ref().map(Face::of);
            match (self.faces.get(path), face) {
                (None, None) => continue,
                (Some(before), Some(now)) => {
                    let concerned = before.concerned(&now, self.faces.iter())?;
                    touched.extend(concerned.into_iter().cloned());
                }
                _ => return None,
            }
            let name = document.source.name();
            let pointing = self.together.iter().filter(|(_, found)| {
                let mut labels = found.iter().flat_map(|found| &found.secondary);
                labels.any(|label| label.source.name() == name)
            });
            touched.extend(pointing.map(|(path, _)| path.clone()));
        }
        Some(touched)
    }

    /// Findings of some documents among the others, in the same order.
    fn check(&self, paths: &BTreeSet<PathBuf>) -> Vec<Vec<Diagnostic>> {
        let roots: BTreeSet<_> = paths
            .iter()
            .filter_map(|path| self.documents.get(path)?.root.as_deref())
            .collect();
        let indexes: HashMap<&Path, (Index<'_>, Surroundings)> = roots
            .into_iter()
            .map(|root| {
                let documents = self.documents.values();
                // All roots are from one list; part by part, comparing them would cost more than the rest.
                let beside = documents.filter(|document| {
                    let own = document.root.as_deref().map(Path::as_os_str);
                    own == Some(root.as_os_str())
                });
                let index = Index::new(beside.filter_map(|document| document.integration.as_ref()));
                let settings = self.settings.get(root);
                let around = settings.map(Settings::surroundings).unwrap_or_default();
                (root, (index, around))
            })
            .collect();
        let found = paths.iter().map(|path| {
            let document = self.documents.get(path)?;
            let (index, around) = indexes.get(document.root.as_deref()?)?;
            Some(index.check(document.integration.as_ref()?, around))
        });
        found.map(Option::unwrap_or_default).collect()
    }
}

/// Tells findings apart without comparing their texts twice. A place in another text counts with
/// the text's version, since its line may have moved.
fn fingerprint(diagnostics: &[Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for diagnostic in diagnostics {
        diagnostic.code.hash(&mut hasher);
        diagnostic.message.hash(&mut hasher);
        diagnostic.help.hash(&mut hasher);
        for Label { source, span, text } in
            std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary)
        {
            (Arc::as_ptr(source) as usize, span, text).hash(&mut hasher);
        }
    }
    hasher.finish()
}
