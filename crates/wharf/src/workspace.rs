//! Finds the documents below a folder and reads them.
//!
//! One bad file never hides the others: what cannot be read is a [`Problem`] with its place.

mod walk;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText};
use wharf_document::{Integration, Loaded, Surroundings};

use crate::description::Descriptions;

pub(crate) use walk::{Marks, marks};

/// Largest file that is read. A larger document is a [`Problem`].
pub(crate) const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Every document below a folder, and what went wrong on the way.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The documents in the order of their names.
    pub(crate) documents: Vec<Document>,
    /// Files and folders that could not be read.
    pub(crate) problems: Vec<Problem>,
    /// Findings that only show when documents are side by side.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One integration document.
#[derive(Debug)]
pub(crate) struct Document {
    /// Where the file is; the name for a document that is held in memory.
    pub(crate) path: PathBuf,
    /// The path that was given, a folder above the document or the document itself.
    pub(crate) root: PathBuf,
    /// What was read.
    pub(crate) loaded: Loaded,
}

/// A file or folder that could not be read while the rest could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The name shown to people.
    pub(crate) name: String,
    /// What happened and what to do.
    pub(crate) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The path does not exist.
    #[error("{} does not exist; give the folder that holds the documents", path.display())]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The path exists and cannot be read.
    #[error("{} cannot be read; check who may read it", path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
}

impl Workspace {
    /// Reads every document below a folder, or the one file that `root` is.
    ///
    /// Names are relative to the folder. Hidden files and folders, `target` and `node_modules`
    /// are passed over.
    pub(crate) fn load(root: &Path) -> Result<Self, Error> {
        let mut workspace = Self::default();
        workspace.add(root, Path::new(""))?;
        workspace.compare();
        Ok(workspace)
    }

    /// Reads several paths into one workspace; names start with the path as given.
    pub(crate) fn load_all(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut workspace = Self::default();
        for path in paths {
            let prefix = if path == Path::new(".") {
                Path::new("")
            } else {
                path
            };
            workspace.add(path, prefix)?;
        }
        workspace.compare();
        Ok(workspace)
    }

    /// Takes documents that are held in memory. Texts that are no documents are passed over.
    pub(crate) fn from_texts<N, T>(texts: impl IntoIterator<Item = (N, T)>) -> Self
    where
        N: Into<String>,
        T: Into<String>,
    {
        let mut workspace = Self::default();
        for (name, text) in texts {
            let name = name.into();
            workspace.add_text(Path::new(""), PathBuf::from(&name), name, text.into());
        }
        workspace.compare();
        workspace
    }

    /// The integrations of all documents.
    pub(crate) fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.documents
            .iter()
            .filter_map(|document| document.loaded.integration.as_ref())
    }

    /// All findings: those of each document in turn, then those of documents side by side.
    pub(crate) fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.documents
            .iter()
            .flat_map(|document| &document.loaded.diagnostics)
            .chain(&self.diagnostics)
    }

    fn add(&mut self, root: &Path, prefix: &Path) -> Result<(), Error> {
        for found in walk::documents(root, prefix)? {
            match found {
                walk::Found::Document { path, name, text } => {
                    let known = self.documents.iter().any(|document| document.path == path);
                    if !known {
                        self.add_text(root, path, name, text);
                    }
                }
                walk::Found::Problem(problem) => self.problems.push(problem),
            }
        }
        Ok(())
    }

    fn add_text(&mut self, root: &Path, path: PathBuf, name: String, text: String) {
        if !wharf_document::is_integration(&text) {
            return;
        }
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let source = Arc::new(SourceText::new(name, text));
        let (id, mut diagnostics) = wharf_document::identify(&stem, &source);
        let Some(id) = id else {
            self.diagnostics.append(&mut diagnostics);
            return;
        };
        let mut loaded = wharf_document::load(&id, &source);
        if let Some(integration) = &loaded.integration {
            let dates = wharf_document::check_dates(integration, jiff::Timestamp::now());
            loaded.diagnostics.extend(dates);
        }
        diagnostics.append(&mut loaded.diagnostics);
        loaded.diagnostics = diagnostics;
        let root = root.to_owned();
        self.documents.push(Document { path, root, loaded });
    }

    /// Compares the operations of every document with the API descriptions it links on disk.
    pub(crate) fn check_descriptions(&mut self) {
        let mut descriptions = Descriptions::default();
        for document in &mut self.documents {
            let Document { path, root, loaded } = document;
            let Some(integration) = &loaded.integration else {
                continue;
            };
            let mut found = wharf_document::check_linked_descriptions(integration, |target| {
                descriptions.open(path, root, target)
            });
            wharf_diag::conceal(&mut found, &loaded.diagnostics);
            loaded.diagnostics.extend(found);
            let place = |diagnostic: &Diagnostic| diagnostic.primary.span.start;
            loaded.diagnostics.sort_by_key(place);
        }
    }

    fn compare(&mut self) {
        let found = wharf_document::check_together(self.integrations(), &Surroundings::default());
        self.diagnostics.extend(found);
    }
}

#[cfg(test)]
mod tests;
