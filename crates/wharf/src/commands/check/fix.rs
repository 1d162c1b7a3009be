//! `--fix`: changes documents until nothing is left to change, and writes them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use wharf_diag::{Applicability, Fixed, SourceText};
use wharf_document::apply_harmless_fixes;
use wharf_workspace::Unreadable;

use super::findings::{Checked, Rules, source};
use crate::replace::replace;
use crate::workspace;

/// Most times that documents are fixed and checked again.
const MOST_ROUNDS: usize = 10;

/// A workspace after its documents were fixed in memory.
pub(super) struct Outcome {
    /// What is found in the documents as they are now.
    pub(super) checked: Checked,
    /// Documents with another text than before, in the order of their names.
    pub(super) changes: Vec<Change>,
    /// Documents whose fixes undo each other. They have their old text.
    pub(super) unsettled: Vec<Unreadable>,
}

/// What became of one document.
pub(super) struct Change {
    pub(super) path: PathBuf,
    pub(super) before: Arc<SourceText>,
    pub(super) after: Arc<SourceText>,
    pub(super) fixed: Vec<Fixed>,
}

/// Applies fixes to the documents of a workspace, checks again, and so on.
pub(super) fn fix(checked: Checked, rules: &Rules, most: Applicability) -> Outcome {
    let before: HashMap<_, _> = sources(&checked).collect();
    let mut fixed_in: HashMap<PathBuf, Vec<Fixed>> = HashMap::new();
    let mut unsettled = Vec::new();
    let mut checked = checked;
    for round in 0.. {
        let mut texts = HashMap::new();
        for (path, text, fixed) in round_of(&checked, most) {
            if round < MOST_ROUNDS {
                fixed_in.entry(path.clone()).or_default().extend(fixed);
                texts.insert(path, text);
            } else if let Some(old) = before.get(&path) {
                fixed_in.remove(&path);
                unsettled.push(Unreadable {
                    name: old.name().to_owned(),
                    message: format!(
                        "its fixes undo each other after {MOST_ROUNDS} rounds; nothing was written"
                    ),
                });
                texts.insert(path, old.text().to_owned());
            }
        }
        if !texts.is_empty() {
            checked = Checked::new(workspace::with_texts(&checked.workspace, &texts), rules);
        }
        if texts.is_empty() || round >= MOST_ROUNDS {
            break;
        }
    }
    let changes = sources(&checked)
        .filter_map(|(path, after)| {
            let before = Arc::clone(before.get(&path)?);
            let fixed = fixed_in.remove(&path)?;
            let change = Change {
                path,
                before,
                after,
                fixed,
            };
            (change.before.text() != change.after.text()).then_some(change)
        })
        .collect();
    Outcome {
        checked,
        changes,
        unsettled,
    }
}

impl Outcome {
    /// Writes the changes. One that cannot be written is a problem and hinders no other; its
    /// document is checked once more as it is.
    pub(super) fn write(&mut self, rules: &Rules) {
        let mut refused = HashMap::new();
        for change in std::mem::take(&mut self.changes) {
            match replace(&change.path, change.before.text(), change.after.text()) {
                Ok(()) => self.changes.push(change),
                Err(why) => {
                    self.checked.workspace.unreadable.push(Unreadable {
                        name: change.before.name().to_owned(),
                        message: why.to_string(),
                    });
                    refused.insert(change.path, change.before.text().to_owned());
                }
            }
        }
        if !refused.is_empty() {
            let workspace = workspace::with_texts(&self.checked.workspace, &refused);
            self.checked = Checked::new(workspace, rules);
        }
    }
}

/// The documents that one application of fixes changes: path, new text, and what was fixed.
fn round_of(checked: &Checked, most: Applicability) -> Vec<(PathBuf, String, Vec<Fixed>)> {
    let documents = checked.workspace.documents.iter();
    let changed = documents.filter_map(|document| {
        let source = source(document)?;
        let id = &document.integration.as_ref()?.id;
        let applied = apply_harmless_fixes(id, source, checked.about(document), most);
        // A fix that makes the text another kind of file is a bad fix.
        if applied.applied.is_empty() || !wharf_document::is_integration(&applied.text) {
            return None;
        }
        let fixed = applied.applied.iter().filter_map(|diagnostic| {
            Some(Fixed {
                file: source.name().to_owned(),
                code: diagnostic.code,
                title: diagnostic.fix.as_ref()?.title.clone(),
            })
        });
        Some((document.path.clone(), applied.text, fixed.collect()))
    });
    changed.collect()
}

fn sources(checked: &Checked) -> impl Iterator<Item = (PathBuf, Arc<SourceText>)> {
    let documents = checked.workspace.documents.iter();
    documents.filter_map(|document| Some((document.path.clone(), Arc::clone(source(document)?))))
}

#[cfg(test)]
mod tests;
