//! Finds the documents below a folder and reads them.
//!
//! One bad file never hides the others: what cannot be read is a [`Problem`] with its place.
//! Documents are read on all processors; findings are in the order of the documents' names.

mod around;
mod encoding;
mod suppression;
mod walk;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use wharf_diag::{Diagnostic, Severity, SourceText};
use wharf_document::{Index, Integration, Loaded, SuppressedFinding};

use crate::parallel;

pub(crate) use around::Around;
pub(crate) use walk::{
    Mark, Marks, belongs, ensure_folder, files, mark, marks, may_be_document, text_of,
};

/// Largest file that is read. A larger document is a [`Problem`].
pub(crate) const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Every document below a folder, and what went wrong on the way.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The documents in the order of their names.
    pub(crate) documents: Vec<Box<Document>>,
    /// Files and folders that could not be read.
    pub(crate) problems: Vec<Problem>,
    /// Findings that only show when documents are side by side, and those about files that are
    /// nearly documents.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Findings that a comment of their document leaves out.
    pub(crate) suppressed: Vec<SuppressedFinding>,
    /// What the documents are compared with besides each other.
    around: Arc<Around>,
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
    /// Infos that were counted and not kept.
    pub(crate) infos_dropped: usize,
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

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (path, message) = match error {
            Error::Missing { path } => (
                path,
                "does not exist; give the folder that holds the documents".to_owned(),
            ),
            Error::Special { path } => (
                path,
                "is no folder and no file of text; give the folder that holds the documents"
                    .to_owned(),
            ),
            Error::Unreadable { path, source } => (
                path,
                format!("cannot be read ({source}); check who may read it"),
            ),
        };
        Self {
            name: path.display().to_string(),
            message,
        }
    }
}

/// A text that was read to be written back.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Where the file is.
    pub(crate) path: PathBuf,
    /// The name shown to people.
    pub(crate) name: String,
    /// What was read.
    pub(crate) text: String,
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
    /// The path is neither a file nor a folder, or leads through a file.
    #[error("{} is no folder and no file of text; give the folder that holds the documents", path.display())]
    Special {
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
        Self::load_where(root, &|_| true)
    }

    /// The same for those files only that `is_kept` lets through.
    pub(crate) fn load_where(root: &Path, is_kept: &dyn Fn(&Path) -> bool) -> Result<Self, Error> {
        let mut workspace = Self::default();
        workspace.add(root, Path::new(""), &|_, path| is_kept(path))?;
        workspace.compare();
        Ok(workspace)
    }

    /// Reads several paths into one workspace; names start with the path as given. A path that
    /// cannot be read is a problem, and hides no other.
    ///
    /// `is_kept` is asked about every file found below one of the paths: the path, and the file.
    pub(crate) fn load_all(
        paths: &[PathBuf],
        around: Around,
        is_kept: &dyn Fn(&Path, &Path) -> bool,
    ) -> Self {
        let mut workspace = Self::within(around);
        for path in paths {
            if let Err(error) = workspace.add(path, prefix_of(path), is_kept) {
                workspace.problems.push(error.into());
            }
        }
        workspace.compare();
        workspace
    }

    /// The texts of the documents below folders that `is_kept` lets through, as
    /// [`load_all`](Self::load_all) asks it, and of every file that is named itself, document or
    /// not.
    pub(crate) fn texts(
        paths: &[PathBuf],
        is_kept: &dyn Fn(&Path, &Path) -> bool,
    ) -> Result<(Vec<TextFile>, Vec<Problem>), Error> {
        let (mut texts, mut problems) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for path in paths {
            for candidate in walk::candidates(path, prefix_of(path), is_kept)? {
                let (path, name, named) = match candidate {
                    walk::Candidate::File { path, name, named } => (path, name, named),
                    walk::Candidate::Problem(problem) => {
                        problems.push(problem);
                        continue;
                    }
                };
                if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                    continue;
                }
                let found = if named {
                    Some(walk::text(&path, name.clone()))
                } else {
                    walk::file(&path, name.clone(), named).and_then(|found| match found {
                        walk::Found::Document { text, .. } => Some(Ok(text)),
                        walk::Found::NearMiss(_) => None,
                        walk::Found::Problem(problem) => Some(Err(problem)),
                    })
                };
                match found {
                    Some(Ok(text)) => texts.push(TextFile { path, name, text }),
                    Some(Err(problem)) => problems.push(problem),
                    None => {}
                }
            }
        }
        Ok((texts, problems))
    }

    /// Takes documents that are held in memory. Texts that are no documents are passed over.
    pub(crate) fn from_texts<N, T>(texts: impl IntoIterator<Item = (N, T)>) -> Self
    where
        N: Into<String>,
        T: Into<String>,
    {
        let mut workspace = Self::default();
        let texts = texts.into_iter().map(|(name, text)| {
            let name = name.into();
            Unread {
                path: PathBuf::from(&name),
                root: PathBuf::new(),
                content: Content::Text {
                    name,
                    text: text.into(),
                },
            }
        });
        workspace.read_all(&texts.collect::<Vec<_>>());
        workspace.compare();
        workspace
    }

    /// Reads one document that is not on disk yet, as if it were the file `path`.
    pub(crate) fn read(path: &Path, around: Around, content: impl Read) -> Self {
        let mut workspace = Self::within(around);
        if let Some(found) = walk::content(path, content) {
            let root = crate::read::folder_of(path);
            let outcome = workspace.pass(found, path, root, Timestamp::now());
            workspace.take(outcome);
        }
        workspace.compare();
        workspace
    }

    /// The same documents, some of them with another text, read anew.
    pub(crate) fn with_texts(&self, texts: &HashMap<PathBuf, String>) -> Self {
        let mut workspace = Self {
            problems: self.problems.clone(),
            around: Arc::clone(&self.around),
            ..Self::default()
        };
        let documents = self.documents.iter().filter_map(|document| {
            let source = &document.loaded.integration.as_ref()?.source;
            let text = texts
                .get(&document.path)
                .map_or(source.text(), String::as_str);
            Some(Unread {
                path: document.path.clone(),
                root: document.root.clone(),
                content: Content::Text {
                    name: source.name().to_owned(),
                    text: text.to_owned(),
                },
            })
        });
        workspace.read_all(&documents.collect::<Vec<_>>());
        workspace.compare();
        workspace
    }

    /// What of version control could not be asked, and why, a line for each.
    pub(crate) fn unread_history(&self) -> &[String] {
        self.around.unread_history()
    }

    /// The integrations of all documents.
    pub(crate) fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.documents
            .iter()
            .filter_map(|document| document.loaded.integration.as_ref())
    }

    /// Everything that hides something: all findings, and those that comments leave out.
    pub(crate) fn hiding(&self) -> impl Iterator<Item = &Diagnostic> {
        let suppressed = self.suppressed.iter().map(|finding| &finding.diagnostic);
        self.all_diagnostics().chain(suppressed)
    }

    /// Infos that were counted and not kept.
    pub(crate) fn infos_dropped(&self) -> usize {
        self.documents.iter().map(|d| d.infos_dropped).sum()
    }

    /// All findings: those of each document in turn, then those of documents side by side.
    pub(crate) fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.documents
            .iter()
            .flat_map(|document| &document.loaded.diagnostics)
            .chain(&self.diagnostics)
    }

    fn within(around: Around) -> Self {
        Self {
            around: Arc::new(around),
            ..Self::default()
        }
    }

    fn add(
        &mut self,
        root: &Path,
        prefix: &Path,
        is_kept: &dyn Fn(&Path, &Path) -> bool,
    ) -> Result<(), Error> {
        let known: HashSet<_> = self.documents.iter().map(|d| d.path.clone()).collect();
        let mut files = Vec::new();
        for candidate in walk::candidates(root, prefix, is_kept)? {
            match candidate {
                walk::Candidate::Problem(problem) => self.problems.push(problem),
                walk::Candidate::File { path, .. } if known.contains(&path) => {}
                walk::Candidate::File { path, name, named } => files.push(Unread {
                    path,
                    root: root.to_owned(),
                    content: Content::File { name, named },
                }),
            }
        }
        self.read_all(&files);
        Ok(())
    }

    /// Reads files and texts, all processors at once, and keeps what comes of each.
    fn read_all(&mut self, unread: &[Unread]) {
        let now = Timestamp::now();
        let this = &*self;
        let outcomes = parallel::map(unread, |unread| {
            let found = match &unread.content {
                Content::File { name, named } => walk::file(&unread.path, name.clone(), *named)?,
                Content::Text { name, text } => walk::Found::Document {
                    name: name.clone(),
                    text: text.clone(),
                },
            };
            Some(this.pass(found, &unread.path, &unread.root, now))
        });
        self.documents.reserve_exact(outcomes.len());
        for outcome in outcomes.into_iter().flatten() {
            self.take(outcome);
        }
    }

    fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Document(document) => self.documents.push(document),
            Outcome::NearMiss(found) => self.diagnostics.push(*found),
            Outcome::Problem(problem) => self.problems.push(problem),
        }
    }

    /// Everything that is done to one document alone.
    fn pass(&self, found: walk::Found, path: &Path, root: &Path, now: Timestamp) -> Outcome {
        let (name, text) = match found {
            walk::Found::Document { name, text } => (name, text),
            walk::Found::NearMiss(found) => return Outcome::NearMiss(found),
            walk::Found::Problem(problem) => return Outcome::Problem(problem),
        };
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let source = Arc::new(SourceText::new(name, text));
        let read = wharf_document::read(&stem, &source, |integration| {
            let mut found = wharf_document::check_dates(integration, now);
            found.extend(self.around.check(integration, path, root, now));
            found
        });
        let Some(mut loaded) = read else {
            return Outcome::Nothing;
        };
        let mut infos_dropped = 0;
        if self.around.is_lean() {
            loaded.integration.as_mut().map(Integration::forget_own);
            // A comment may be about an info, so a document with comments keeps them.
            if self.around.drops_infos() && !source.text().contains("wharf-ignore") {
                let before = loaded.diagnostics.len();
                // One with a fix counts among those that `--fix` would correct.
                loaded.diagnostics.retain(|found| {
                    found.severity > Severity::Info
                        || found.fix.is_some()
                        || !found.hidden.is_empty()
                });
                infos_dropped = before - loaded.diagnostics.len();
            }
            loaded.diagnostics.shrink_to_fit();
        }
        Outcome::Document(Box::new(Document {
            path: path.to_owned(),
            root: root.to_owned(),
            loaded,
            infos_dropped,
        }))
    }

    /// Looks at the documents side by side, and then hears their comments.
    fn compare(&mut self) {
        let index = Index::new(self.integrations());
        let found = parallel::map(&self.documents, |document| {
            let integration = document.loaded.integration.as_ref()?;
            Some(index.check(integration, &self.around.surroundings))
        });
        let mut found: Vec<_> = found.into_iter().flatten().flatten().collect();
        self.diagnostics.append(&mut found);
        // The last step, so that comments are heard about the findings of every pass.
        self.suppress();
    }
}

impl Workspace {
    /// Names of files that nearly are documents, and what keeps each from it.
    pub(crate) fn near_misses(&self) -> impl Iterator<Item = String> {
        let found = self.diagnostics.iter();
        let near = found.filter(|found| wharf_document::is_near_miss(found.code));
        near.map(|found| {
            let place = found.primary.start();
            let name = found.primary.source.name();
            format!("{name}:{}: {}", place.line, found.message)
        })
    }
}

/// What names of documents below a path start with.
fn prefix_of(path: &Path) -> &Path {
    if path == Path::new(".") {
        Path::new("")
    } else {
        path
    }
}

/// A document that is to be read.
struct Unread {
    path: PathBuf,
    /// The folder that was given.
    root: PathBuf,
    content: Content,
}

/// Where the text of a document is.
enum Content {
    File { name: String, named: bool },
    Text { name: String, text: String },
}

/// What comes of a file.
enum Outcome {
    /// It is no document.
    Nothing,
    Document(Box<Document>),
    NearMiss(Box<Diagnostic>),
    Problem(Problem),
}

#[cfg(test)]
mod tests;
