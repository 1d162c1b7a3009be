//! The last good text of every document that runs, kept in the state folder.
//!
//! A reload lets a broken document's last good version run on; a restart must find it. One file
//! per document, `STATE/documents/ID`, and none for documents that are gone: together they are
//! as large as the documents that run.
//!
//! Where the disk takes no later text, the one that is there is renamed to `ID~older`, which needs
//! no room: a start that has nothing else runs it, and says that it is not the last good one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};
use wharf_workspace::errors;
use wharf_workspace::reload::{Running, Version};

use super::accept::{hash, make_folder, remove, sync_folder, write};
use crate::read;

/// Where the texts are. Simulations keep none.
pub(crate) struct Kept {
    folder: PathBuf,
    /// Of which workspace. Another one may have had the same state folder.
    root: PathBuf,
    /// Hashes of the files that are written, by id. `None`: there is an older text only.
    written: BTreeMap<String, Option<String>>,
    /// What is written of this run.
    last: Running,
}

/// Last good texts could not be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unkept {
    /// Of these documents.
    #[error(
        "the last good version of {} cannot be kept in the state folder ({source}); where its file \
         has an error at the next start, an older version runs or none. Make room on its disk and \
         check its permissions; it is tried again every few seconds",
        files.join(", ")
    )]
    Texts {
        files: Vec<String>,
        source: io::Error,
    },
    /// Of none.
    #[error(
        "the last good documents cannot be kept in the state folder ({0}); where a file has an error \
         at the next start, an older version runs or none. Check its disk and permissions; it is \
         tried again every few seconds"
    )]
    Folder(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
struct Entry {
    root: PathBuf,
    file: String,
    text: String,
}

impl Kept {
    /// Reads what an earlier run has kept. Makes nothing; what cannot be read is left out.
    pub(crate) fn read(state: &Path, root: &Path) -> (Self, BTreeMap<String, Version>) {
        let mut kept = Self {
            folder: state.join("documents"),
            root: root.canonicalize().unwrap_or_else(|_| root.to_owned()),
            written: BTreeMap::new(),
            last: Running::new(),
        };
        let mut versions = BTreeMap::new();
        let entries = fs::read_dir(&kept.folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let older = name.strip_suffix(OLDER);
            let Some(id) = IntegrationId::new(older.unwrap_or(&name)) else {
                continue;
            };
            // Ended between writing the later text and removing the older one.
            if older.is_some() && kept.folder.join(id.as_str()).exists() {
                continue;
            }
            let Some((bytes, text)) = kept.read_one(&entry.path()) else {
                continue;
            };
            let is_older = older.is_some();
            kept.written
                .insert(id.to_string(), (!is_older).then(|| hash(&bytes)));
            let source = Arc::new(SourceText::new(text.file, text.text));
            let loaded = wharf_document::load(&id, &source);
            // An older program may have thought otherwise.
            let is_good = errors(&loaded.diagnostics).next().is_none();
            if let Some(integration) = loaded.integration.filter(|_| is_good) {
                let version = Version {
                    integration: Arc::new(integration),
                    kept_at: moment(&entry.path()),
                    is_older,
                };
                versions.insert(id.to_string(), version);
            }
        }
        (kept, versions)
    }

    /// One file, if it is of this workspace.
    fn read_one(&self, path: &Path) -> Option<(String, Entry)> {
        let bytes = read::state_text(path).ok()?;
        let text: Entry = serde_json::from_str(&bytes).ok()?;
        (text.root == self.root).then_some((bytes, text))
    }

    /// These run although they are not the last good ones: they are not written as if they were.
    pub(crate) fn remember(&mut self, id: &str, integration: &Arc<Integration>) {
        self.last.insert(id.to_owned(), Arc::clone(integration));
    }

    /// Writes everything again next time: the folder is another one.
    pub(super) fn forget(&mut self) {
        self.written.clear();
        self.last.clear();
    }

    /// Keeps these texts and no others. They are on the disk when this returns without an error;
    /// one that cannot be written keeps no other from it, and is tried again next time.
    pub(super) fn keep(&mut self, running: &Running) -> Result<(), Unkept> {
        make_folder(&self.folder)?;
        let mut has_written = false;
        let mut unkept = Vec::new();
        let mut failure = None;
        for (id, integration) in running {
            let last = self.last.get(id);
            if last.is_some_and(|last| Arc::ptr_eq(last, integration)) {
                continue;
            }
            match self.keep_one(id, integration) {
                Ok(is_new) => {
                    has_written |= is_new;
                    self.last.insert(id.clone(), Arc::clone(integration));
                }
                Err(error) => {
                    unkept.push(integration.source.name().to_owned());
                    failure = Some(error);
                }
            }
        }
        if has_written {
            sync_folder(&self.folder)?;
        }
        let is_gone = |id: &&String| !running.contains_key(*id);
        let gone: Vec<_> = self.written.keys().filter(is_gone).cloned().collect();
        for id in gone {
            remove(&self.folder.join(&id))?;
            remove(&self.older(&id))?;
            self.written.remove(&id);
        }
        self.last.retain(|id, _| running.contains_key(id));
        match failure {
            None => Ok(()),
            Some(source) => Err(Unkept::Texts {
                files: unkept,
                source,
            }),
        }
    }

    /// Whether the file is a new one.
    fn keep_one(&mut self, id: &str, integration: &Integration) -> io::Result<bool> {
        let bytes = serde_json::to_string(&Entry {
            root: self.root.clone(),
            file: integration.source.name().to_owned(),
            text: integration.source.text().to_owned(),
        })?;
        let hash = hash(&bytes);
        let before = self.written.get(id).map(Option::as_ref);
        if before == Some(Some(&hash)) {
            return Ok(false);
        }
        if let Err(error) = write(&self.folder, id, bytes.as_bytes()) {
            // What is there must not pass for the last good text at the next start.
            if let Some(Some(_)) = before
                && fs::rename(self.folder.join(id), self.older(id)).is_ok()
            {
                self.written.insert(id.to_owned(), None);
            }
            return Err(error);
        }
        if before == Some(None) {
            remove(&self.older(id))?;
        }
        self.written.insert(id.to_owned(), Some(hash));
        Ok(true)
    }

    fn older(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}{OLDER}"))
    }
}

/// What the name of an older text ends in. No id has a tilde.
const OLDER: &str = "~older";

/// When a file was written, to the second.
fn moment(path: &Path) -> String {
    let written = fs::metadata(path).and_then(|file| file.modified()).ok();
    let written = written.and_then(|written| jiff::Timestamp::try_from(written).ok());
    written.map_or_else(
        || "an unknown time".to_owned(),
        |written| format!("{written:.0}"),
    )
}

/// The hash of the text that is kept of a document. `None`: there is none.
pub(crate) fn kept_hash(state: &Path, id: &str) -> Option<String> {
    let bytes = read::state_text(&state.join("documents").join(id)).ok()?;
    let text: Entry = serde_json::from_str(&bytes).ok()?;
    Some(hash(&text.text))
}
