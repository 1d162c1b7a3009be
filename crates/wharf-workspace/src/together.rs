//! Documents side by side while they change one by one: after an edit, only what it can change is
//! looked at again.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Diagnostic, Label, SourceText};
use wharf_document::{Face, Index, Integration, Surroundings};

use crate::around::AtHand;
use crate::settings::CheckRules;
use crate::workspace::COMMENT;

/// A document among others.
pub trait Member {
    /// The root of the documents that it belongs together with. `None`: it is alone.
    fn root(&self) -> Option<&Path>;

    /// Its text as it is now.
    fn source(&self) -> &Arc<SourceText>;

    /// What the text says. `None` while it is no integration document.
    fn integration(&self) -> Option<&Integration>;
}

/// Findings of documents among the others, kept while texts change.
///
/// Whoever changes a text tells ([`touch`](Self::touch)), and calls [`compare`](Self::compare) when
/// all texts are read again.
#[derive(Debug, Default)]
pub struct SideBySide {
    /// By the document that shows them.
    found: HashMap<PathBuf, Vec<Diagnostic>>,
    /// What changed since documents were last compared.
    uncompared: Uncompared,
    /// What documents saw of each other when they were last compared.
    faces: HashMap<PathBuf, Face>,
}

/// What is to be compared.
#[derive(Debug)]
enum Uncompared {
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

impl SideBySide {
    /// Whether nothing changed since documents were last compared.
    pub fn is_current(&self) -> bool {
        matches!(&self.uncompared, Uncompared::Some(paths) if paths.is_empty())
    }

    /// The text of a document changed, or the document is new.
    pub fn touch(&mut self, path: &Path) {
        if let Uncompared::Some(paths) = &mut self.uncompared {
            paths.insert(path.to_owned());
        }
    }

    /// Settings changed, or which documents belong together.
    pub fn touch_all(&mut self) {
        self.uncompared = Uncompared::All;
    }

    /// Forgets what a document shows. One that is gone changes what all others see
    /// ([`touch_all`](Self::touch_all)).
    pub fn forget(&mut self, path: &Path) {
        self.found.remove(path);
    }

    /// Findings of a document among the others. `None` where there are none.
    pub fn found(&self, path: &Path) -> Option<&[Diagnostic]> {
        self.found.get(path).map(Vec::as_slice)
    }

    /// Puts documents side by side again, as far as a change can matter. Returns those that may be
    /// shown with other findings than before. `around` gives what the settings of a root say.
    pub fn compare<M: Member>(
        &mut self,
        documents: &BTreeMap<PathBuf, M>,
        around: impl Fn(&Path) -> Surroundings,
    ) -> Vec<PathBuf> {
        let changed = match std::mem::take(&mut self.uncompared) {
            Uncompared::Some(changed) => self.touched_by(&changed, documents),
            Uncompared::All => None,
        };
        let paths = changed.unwrap_or_else(|| {
            self.faces.clear();
            self.found.retain(|path, _| documents.contains_key(path));
            documents.keys().cloned().collect()
        });
        let found = check(documents, &paths, around);
        // A comment about a finding among others may have been taken for one without effect.
        let commented = documents.iter();
        let commented = commented.filter(|(_, member)| member.source().text().contains(COMMENT));
        let mut others: Vec<_> = commented.map(|(path, _)| path.clone()).collect();
        for (path, found) in paths.into_iter().zip(found) {
            if let Some(integration) = documents.get(&path).and_then(Member::integration) {
                self.faces.insert(path.clone(), Face::of(integration));
            } else {
                self.faces.remove(&path);
            }
            let before = self.found.remove(&path).unwrap_or_default();
            if fingerprint(&before) != fingerprint(&found) {
                others.push(path.clone());
            }
            if !found.is_empty() {
                self.found.insert(path, found);
            }
        }
        others
    }

    /// The documents whose findings among others may be others after these texts changed: these,
    /// those with a finding that points into them, and those that look at what changed. `None`: any
    /// document.
    fn touched_by<M: Member>(
        &self,
        changed: &BTreeSet<PathBuf>,
        documents: &BTreeMap<PathBuf, M>,
    ) -> Option<BTreeSet<PathBuf>> {
        let mut touched = changed.clone();
        for path in changed {
            let member = documents.get(path)?;
            let face = member.integration().map(Face::of);
            match (self.faces.get(path), face) {
                (None, None) => continue,
                (Some(before), Some(now)) => {
                    let concerned = before.concerned(&now, self.faces.iter())?;
                    touched.extend(concerned.into_iter().cloned());
                }
                _ => return None,
            }
            let name = member.source().name();
            let pointing = self.found.iter().filter(|(_, found)| {
                let mut labels = found.iter().flat_map(|found| &found.secondary);
                labels.any(|label| label.source.name() == name)
            });
            touched.extend(pointing.map(|(path, _)| path.clone()));
        }
        Some(touched)
    }
}

/// Findings of some documents among the others, in the same order.
fn check<M: Member>(
    documents: &BTreeMap<PathBuf, M>,
    paths: &BTreeSet<PathBuf>,
    around: impl Fn(&Path) -> Surroundings,
) -> Vec<Vec<Diagnostic>> {
    let roots: BTreeSet<_> = paths
        .iter()
        .filter_map(|path| documents.get(path)?.root())
        .collect();
    let indexes: HashMap<&Path, (Index<'_>, Surroundings)> = roots
        .into_iter()
        .map(|root| {
            // Built anew each time: its entries borrow from the documents, which an edit exchanges.
            // A keystroke among 1,000 documents takes 1.2 ms longer than one among two, this and the
            // look for comments included (`cargo xtask bench lsp`).
            //
            // All roots are from one list; part by part, comparing them would cost more than the rest.
            let beside = documents
                .values()
                .filter(|member| member.root().map(Path::as_os_str) == Some(root.as_os_str()));
            let index = Index::new(beside.filter_map(Member::integration));
            (root, (index, around(root)))
        })
        .collect();
    let found = paths.iter().map(|path| {
        let member = documents.get(path)?;
        let (index, around) = indexes.get(member.root()?)?;
        Some(index.check(member.integration()?, around))
    });
    found.map(Option::unwrap_or_default).collect()
}

/// What of all findings about a document is shown, in the order of their places: its comments and
/// the settings decide. `own` are those about the document alone, `together` those among others.
/// `None` where nothing has a say and all of `own` is shown.
pub fn shown(
    source: &Arc<SourceText>,
    own: &[Diagnostic],
    together: Option<&[Diagnostic]>,
    at_hand: AtHand,
    rules: Option<&CheckRules>,
) -> Option<Vec<Diagnostic>> {
    if together.is_none() && rules.is_none() && !source.text().contains(COMMENT) {
        return None;
    }
    let mut all = own.to_vec();
    if let Some(together) = together {
        let mut together = together.to_vec();
        wharf_diag::conceal(&mut together, own);
        all.extend(together);
    }
    let outcome = wharf_document::suppress(source, all, |code| at_hand.has(code));
    let mut shown = outcome.kept;
    if let Some(rules) = rules {
        shown.retain_mut(|found| match rules.severity(found) {
            Some(severity) => {
                found.severity = severity;
                true
            }
            None => false,
        });
    }
    shown.sort_by_key(|found| (found.primary.span.start, found.code.id));
    Some(shown)
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
