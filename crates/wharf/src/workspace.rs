//! Documents on disk: finds those below a folder and reads them, on all processors.
//!
//! What is found in them is the work of `wharf-workspace`; this gives it the files.

mod beside;
mod walk;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use wharf_workspace::{Around, Opened, Unreadable, Workspace, text_of_named};

use crate::parallel::AllProcessors;

pub(crate) use beside::{BesideOnDisk, around};
pub(crate) use walk::{belongs, ensure_folder, files, mark, marks, may_be_document, text_of};

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

/// What is said of a link that never ends.
const LOOP: &str =
    "is a link that leads to no file, only to links; remove it, or let it lead to one";

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
    /// The path is a link that leads to other links, and to nothing else.
    #[error("{} {LOOP}", path.display())]
    Loop {
        /// The path as given.
        path: PathBuf,
    },
    /// The path exists and cannot be read.
    #[error("{} cannot be read; {}", path.display(), wharf_workspace::read_remedy(source))]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
}

impl From<Error> for Unreadable {
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
            Error::Loop { path } => (path, LOOP.to_owned()),
            Error::Unreadable { path, source } => {
                (path, wharf_workspace::cannot_be_read(Some(&source)))
            }
        };
        Self {
            name: path.display().to_string(),
            message,
        }
    }
}

/// Reads every document below a folder, or the one file that `root` is.
///
/// Names are relative to the folder. Hidden files and folders, `target` and `node_modules`
/// are passed over.
pub(crate) fn load(root: &Path) -> Result<Workspace, Error> {
    load_where(root, &|_| true)
}

/// The same for those files only that `is_kept` lets through.
pub(crate) fn load_where(root: &Path, is_kept: &dyn Fn(&Path) -> bool) -> Result<Workspace, Error> {
    let mut workspace = Workspace::default();
    add(&mut workspace, root, Path::new(""), &|_, path| {
        is_kept(path)
    })?;
    workspace.compare(&AllProcessors);
    Ok(workspace)
}

/// Reads several paths into one workspace; names start with the path as given. A path that
/// cannot be read is told, and hides no other.
///
/// `is_kept` is asked about every file found below one of the paths: the path, and the file.
pub(crate) fn load_all(
    paths: &[PathBuf],
    around: Around,
    is_kept: &dyn Fn(&Path, &Path) -> bool,
) -> Workspace {
    let mut workspace = Workspace::within(around);
    for path in paths {
        if let Err(error) = add(&mut workspace, path, prefix_of(path), is_kept) {
            workspace.unreadable.push(error.into());
        }
    }
    workspace.compare(&AllProcessors);
    workspace
}

/// The texts of the documents below folders that `is_kept` lets through, as [`load_all`] asks it,
/// and of every file that is named itself, document or not.
pub(crate) fn texts(
    paths: &[PathBuf],
    is_kept: &dyn Fn(&Path, &Path) -> bool,
) -> Result<(Vec<TextFile>, Vec<Unreadable>), Error> {
    let (mut texts, mut unreadable) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for path in paths {
        for candidate in walk::candidates(path, prefix_of(path), is_kept)? {
            let (path, name, named) = match candidate {
                walk::Candidate::File { path, name, named } => (path, name, named),
                walk::Candidate::Unreadable(found) => {
                    unreadable.push(found);
                    continue;
                }
            };
            if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                continue;
            }
            let found = if named {
                Some(text_of_named(name.clone(), walk::bytes(&path)))
            } else {
                walk::file(&path, name.clone(), named).and_then(|found| match found {
                    wharf_workspace::Found::Document { text, .. } => Some(Ok(text)),
                    wharf_workspace::Found::NearMiss(_) => None,
                    wharf_workspace::Found::Unreadable(found) => Some(Err(found)),
                })
            };
            match found {
                Some(Ok(text)) => texts.push(TextFile { path, name, text }),
                Some(Err(found)) => unreadable.push(found),
                None => {}
            }
        }
    }
    Ok((texts, unreadable))
}

/// Takes documents that are held in memory. Texts that are no documents are passed over.
pub(crate) fn from_texts<N, T>(texts: impl IntoIterator<Item = (N, T)>) -> Workspace
where
    N: Into<String>,
    T: Into<String>,
{
    Workspace::from_texts(texts, &AllProcessors, Timestamp::now())
}

/// The same documents, some of them with another text, read anew.
pub(crate) fn with_texts(workspace: &Workspace, texts: &HashMap<PathBuf, String>) -> Workspace {
    workspace.with_texts(texts, &AllProcessors, Timestamp::now())
}

/// Reads one document that is not on disk yet, as if it were the file `path`.
pub(crate) fn read(path: &Path, around: Around, content: impl Read) -> Workspace {
    let mut workspace = Workspace::within(around);
    let opened = walk::content(path, content).map(|found| Opened {
        path: path.to_owned(),
        root: crate::read::folder_of(path).to_owned(),
        found,
    });
    workspace.add(opened, Timestamp::now());
    workspace.compare(&AllProcessors);
    workspace
}

fn add(
    workspace: &mut Workspace,
    root: &Path,
    prefix: &Path,
    is_kept: &dyn Fn(&Path, &Path) -> bool,
) -> Result<(), Error> {
    let known: HashSet<_> = workspace.documents.iter().map(|d| d.path.clone()).collect();
    let mut files = Vec::new();
    for candidate in walk::candidates(root, prefix, is_kept)? {
        match candidate {
            walk::Candidate::Unreadable(found) => workspace.unreadable.push(found),
            walk::Candidate::File { path, .. } if known.contains(&path) => {}
            walk::Candidate::File { path, name, named } => files.push((path, name, named)),
        }
    }
    let open = |(path, name, named): &(PathBuf, String, bool)| {
        Some(Opened {
            found: walk::file(path, name.clone(), *named)?,
            path: path.clone(),
            root: root.to_owned(),
        })
    };
    workspace.take(&files, open, &AllProcessors, Timestamp::now());
    Ok(())
}

/// What names of documents below a path start with.
fn prefix_of(path: &Path) -> &Path {
    if path == Path::new(".") {
        Path::new("")
    } else {
        path
    }
}

#[cfg(test)]
mod tests;
