//! Documents on disk for the rules of a start and of a reload, which are `wharf-workspace`'s.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use wharf_workspace::Workspace;
use wharf_workspace::reload::{
    self, Documents, Mark, Marks, Outcome, Version, taken_although_lossy,
};

use super::accept::hash;
use crate::workspace::{self, ensure_folder, mark, marks};

/// The files of the machine.
struct Disk;

impl reload::Disk for Disk {
    fn mark(&self, path: &Path) -> Option<Mark> {
        mark(path)
    }

    fn is_there(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_empty(&self, folder: &Path) -> bool {
        let entries = std::fs::read_dir(folder);
        entries.is_ok_and(|mut entries| entries.next().is_none())
    }

    fn hash(&self, text: &str) -> String {
        hash(text)
    }
}

/// A start from the last good texts and what was read. It says which versions it takes.
///
/// `is_careful`: risky changes wait from then on. Not in a simulation, where nothing leaves the
/// machine.
pub(crate) fn start(
    root: PathBuf,
    workspace: &Workspace,
    marks: Marks,
    kept: &BTreeMap<String, Version>,
    is_careful: bool,
) -> (Documents, Outcome) {
    let (mut documents, outcome) =
        Documents::start(root, workspace, marks, kept, &Disk, Instant::now());
    for version in documents.restored(workspace, kept) {
        let (file, kept_at) = (version.integration.source.name(), &version.kept_at);
        tracing::warn!(
            file,
            kept_at,
            "{file}: runs in the version kept at {kept_at}"
        );
    }
    if is_careful {
        for (file, lost) in taken_although_lossy(&outcome.running, kept) {
            let lost = lost.join("; ");
            tracing::warn!(
                file,
                "{file}: this start takes it as it stands, although it looks as if it were not whole: {lost}. Compare it with the version that is meant"
            );
        }
        documents = documents.careful();
    }
    (documents, outcome)
}

/// Looks once; gives what is to run when something changed and is quiet again. `accepted` are
/// hashes of texts that somebody has accepted since.
pub(super) fn look(
    documents: &mut Documents,
    accepted: Vec<String>,
    now: Instant,
) -> Option<Outcome> {
    let in_words = |error| format!("{:#}", anyhow::Error::from(error));
    if let Err(error) = ensure_folder(documents.root()) {
        return documents.lose_root(in_words(error));
    }
    if !documents.see(&marks(documents.root()), accepted, now) {
        return None;
    }
    match workspace::load_where(documents.root(), &|path| !documents.stirs(path)) {
        Ok(workspace) => Some(documents.judge(&workspace, &Disk, now)),
        Err(error) => documents.lose_root(in_words(error)),
    }
}
