//! Reading the workspace at the start, one file at a time between two messages.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// Most documents that are held; the rest of a workspace is left out.
pub(crate) const MOST_DOCUMENTS: usize = 50_000;

/// Files that are still to be read.
#[derive(Default)]
pub(crate) struct Loading {
    folders: VecDeque<Box<dyn Iterator<Item = PathBuf>>>,
    /// Files that were read since the reading began.
    count: usize,
    pub(crate) progress: Progress,
}

/// What the client was told about the reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing.
    #[default]
    Silent,
    /// It was asked for a place to show progress, and has not answered.
    Asked(u64),
    /// The reading is shown.
    Shown(u64),
}

impl Loading {
    pub(crate) fn add(&mut self, files: Box<dyn Iterator<Item = PathBuf>>) {
        self.folders.push_back(files);
    }

    pub(crate) fn is_done(&self) -> bool {
        self.folders.is_empty()
    }

    /// The next file. `None` when there is no more.
    pub(crate) fn next(&mut self) -> Option<PathBuf> {
        while let Some(files) = self.folders.front_mut() {
            if let Some(path) = files.next() {
                self.count += 1;
                return Some(path);
            }
            self.folders.pop_front();
        }
        None
    }

    /// Leaves out what is not read yet.
    pub(crate) fn stop(&mut self) {
        self.folders.clear();
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Starts counting anew for a later folder.
    pub(crate) fn end(&mut self) {
        self.count = 0;
        self.progress = Progress::Silent;
    }
}

/// The token of a reading's progress.
pub(crate) fn token(number: u64) -> String {
    format!("wharf/reading/{number}")
}

/// How the client is asked to watch for files: all that a folder may hold.
pub(crate) fn watchers() -> serde_json::Value {
    let globs = [
        "**/*.md",
        &format!("**/{}", wharf_workspace::settings::FILE_NAME),
    ];
    let watchers: Vec<_> = globs
        .iter()
        .map(|glob| serde_json::json!({ "globPattern": glob }))
        .collect();
    serde_json::json!({
        "registrations": [{
            "id": "wharf/files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        }]
    })
}

/// Whether a path may name a folder rather than a file of ours.
pub(crate) fn may_be_folder(path: &Path) -> bool {
    path.extension()
        .is_none_or(|extension| !extension.eq_ignore_ascii_case("md"))
}
