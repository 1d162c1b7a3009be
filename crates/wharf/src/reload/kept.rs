//! The last good text of every document that runs, kept in the state folder.
//!
//! A reload lets a broken document's last good version run on; a restart must find it. One file
//! per document, `STATE/documents/ID`, and none for documents that are gone: together they are
//! as large as the documents that run.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wharf_diag::SourceText;
use wharf_document::IntegrationId;

use super::accept::{hash, make_folder, remove, sync_folder, write};
use super::documents::Running;
use crate::installation::errors;

/// Where the texts are. Simulations keep none.
pub(crate) struct Kept {
    folder: PathBuf,
    /// Of which workspace. Another one may have had the same state folder.
    root: PathBuf,
    /// Hashes of the files that are written, by id.
    written: BTreeMap<String, String>,
    /// What is written of this run.
    last: Running,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    root: PathBuf,
    file: String,
    text: String,
}

impl Kept {
    /// Reads what an earlier run has kept. Makes nothing; what cannot be read is left out.
    pub(crate) fn read(state: &Path, root: &Path) -> (Self, Running) {
        let mut kept = Self {
            folder: state.join("documents"),
            root: root.canonicalize().unwrap_or_else(|_| root.to_owned()),
            written: BTreeMap::new(),
            last: Running::new(),
        };
        let mut running = Running::new();
        let entries = fs::read_dir(&kept.folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(id) = IntegrationId::new(&name) else {
                continue;
            };
            let Ok(bytes) = fs::read_to_string(entry.path()) else {
                continue;
            };
            let Ok(text) = serde_json::from_str::<Entry>(&bytes) else {
                continue;
            };
            if text.root != kept.root {
                continue;
            }
            kept.written.insert(name.clone(), hash(&bytes));
            let source = Arc::new(SourceText::new(text.file, text.text));
            let loaded = wharf_document::load(&id, &source);
            // An older program may have thought otherwise.
            let is_good = errors(&loaded.diagnostics).next().is_none();
            if let Some(integration) = loaded.integration.filter(|_| is_good) {
                running.insert(name, Arc::new(integration));
            }
        }
        (kept, running)
    }

    /// Writes everything again next time: the folder is another one.
    pub(super) fn forget(&mut self) {
        self.written.clear();
        self.last.clear();
    }

    /// Keeps these texts and no others. They are on the disk when this returns.
    pub(super) fn keep(&mut self, running: &Running) -> io::Result<()> {
        make_folder(&self.folder)?;
        let mut has_written = false;
        for (id, integration) in running {
            let last = self.last.get(id);
            if last.is_some_and(|last| Arc::ptr_eq(last, integration)) {
                continue;
            }
            let bytes = serde_json::to_string(&Entry {
                root: self.root.clone(),
                file: integration.source.name().to_owned(),
                text: integration.source.text().to_owned(),
            })?;
            let hash = hash(&bytes);
            if self.written.get(id) != Some(&hash) {
                write(&self.folder, id, bytes.as_bytes())?;
                self.written.insert(id.clone(), hash);
                has_written = true;
            }
        }
        if has_written {
            sync_folder(&self.folder)?;
        }
        let gone: Vec<_> = self
            .written
            .keys()
            .filter(|id| !running.contains_key(*id))
            .cloned()
            .collect();
        for id in gone {
            remove(&self.folder.join(&id))?;
            self.written.remove(&id);
        }
        self.last.clone_from(running);
        Ok(())
    }
}

/// The hash of the text that is kept of a document. `None`: there is none.
pub(crate) fn kept_hash(state: &Path, id: &str) -> Option<String> {
    let bytes = fs::read_to_string(state.join("documents").join(id)).ok()?;
    let text: Entry = serde_json::from_str(&bytes).ok()?;
    Some(hash(&text.text))
}
