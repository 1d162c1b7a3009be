//! Walks a folder and reads the files in it that may be documents.

use std::collections::HashSet;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use wharf_workspace::reload::{Mark, Marks};
use wharf_workspace::settings::FILE_NAME;
use wharf_workspace::{Found, LARGEST_FILE_BYTES, Unreadable};

use super::{Error, LOOP};
use crate::output::in_line;
use crate::read::{is_loop, open};

/// Deepest folder that is looked into.
const DEEPEST_FOLDER: usize = 64;

/// Most files and folders that are looked at; past it the walk ends with a problem.
const MOST_ENTRIES: usize = 200_000;

/// Folders that never hold documents.
const PASSED_OVER: [&str; 2] = ["target", "node_modules"];

/// What a walk comes across.
pub(super) enum Candidate {
    /// A file that may be a document.
    File {
        path: PathBuf,
        /// The name shown to people.
        name: String,
        /// The user asked for this very file.
        named: bool,
    },
    Unreadable(Unreadable),
}

/// Files below `root` that may be documents, or the one that `root` is, in the order of their names.
///
/// `is_kept` is asked about every file below `root`, with `root` before it.
pub(super) fn candidates(
    root: &Path,
    prefix: &Path,
    is_kept: &dyn Fn(&Path, &Path) -> bool,
) -> Result<Vec<Candidate>, Error> {
    let is_file = std::fs::metadata(root)
        .map_err(|error| failed(root, error))?
        .is_file();
    if is_file {
        return Ok(vec![Candidate::File {
            path: root.to_owned(),
            name: shown(root, Path::new(""), root),
            named: true,
        }]);
    }
    // A folder that cannot be listed at all is a failure of the command, not of one file.
    ensure_folder(root)?;
    Ok(walk(root, prefix, &|path| is_kept(root, path)))
}

/// Fails where `root` is no folder that can be listed now.
pub(crate) fn ensure_folder(root: &Path) -> Result<(), Error> {
    let listed = std::fs::read_dir(root).map_err(|error| failed(root, error))?;
    // An absent server may only tell when something is asked of it.
    listed
        .take(1)
        .find_map(Result::err)
        .map_or(Ok(()), |error| Err(failed(root, error)))
}

fn failed(root: &Path, source: io::Error) -> Error {
    let path = root.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => Error::Missing { path },
        io::ErrorKind::NotADirectory => Error::Special { path },
        _ if is_loop(&source) => Error::Loop { path },
        _ => Error::Unreadable { path, source },
    }
}

fn walk(root: &Path, prefix: &Path, is_kept: &dyn Fn(&Path) -> bool) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for (count, entry) in entries(root).enumerate() {
        if count >= MOST_ENTRIES {
            found.push(Candidate::Unreadable(Unreadable {
                name: root.display().to_string(),
                message: format!(
                    "holds more than {MOST_ENTRIES} files and folders; the rest is not read, give a smaller folder"
                ),
            }));
            break;
        }
        match entry {
            Ok(entry) if is_candidate(&entry) && is_kept(entry.path()) => {
                // One file that is reached by two ways is one document.
                // What cannot be looked at is told when it is read.
                let place = entry.metadata().map(|file| (file.dev(), file.ino()));
                if place.map_or(true, |place| seen.insert(place)) {
                    found.push(Candidate::File {
                        path: entry.path().to_owned(),
                        name: shown(root, prefix, entry.path()),
                        named: false,
                    });
                }
            }
            Ok(entry) if is_special(&entry) && is_kept(entry.path()) => {
                found.push(Candidate::Unreadable(Unreadable {
                    name: shown(root, prefix, entry.path()),
                    message: special(&entry).to_owned(),
                }));
            }
            Ok(_) => {}
            Err(error) if !error.path().is_none_or(is_kept) => {}
            Err(error) => found.extend(unreadable(root, prefix, &error).map(Candidate::Unreadable)),
        }
    }
    found
}

/// Files and folders by name, the settings of a folder first: they hold for all of it.
fn entries(root: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> + use<> {
    WalkDir::new(root)
        .follow_links(true)
        .max_depth(DEEPEST_FOLDER)
        .sort_by_key(|entry| {
            let name = entry.file_name().to_owned();
            (name != FILE_NAME, name)
        })
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_passed_over(entry))
}

/// Files below `root` that may be documents or are named `also`, found one by one.
pub(crate) fn files(root: &Path, also: &'static str) -> impl Iterator<Item = PathBuf> + use<> {
    let mut seen = HashSet::new();
    entries(root)
        .take(MOST_ENTRIES)
        .filter_map(Result::ok)
        .filter(move |entry| is_candidate(entry) || entry.file_name() == also)
        .filter(move |entry| {
            let real = entry.path().canonicalize();
            seen.insert(real.unwrap_or_else(|_| entry.path().to_owned()))
        })
        .map(DirEntry::into_path)
}

/// Whether a walk from `root` would come to a path that may be a document or is named `also`.
pub(crate) fn belongs(root: &Path, path: &Path, also: &str) -> bool {
    let Ok(below) = path.strip_prefix(root) else {
        return false;
    };
    let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
    let Some((file, folders)) = names.split_last() else {
        return false;
    };
    let is_candidate = has_candidate_name(path) || file == also;
    let is_hidden = |name: &str| name.starts_with('.');
    is_candidate
        && folders.len() < DEEPEST_FOLDER
        && !is_hidden(file)
        && !folders
            .iter()
            .any(|name| is_hidden(name) || PASSED_OVER.contains(&&**name))
}

/// The text of a file; `None` when it is absent, too large or no text.
pub(crate) fn text_of(path: &Path) -> Option<String> {
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file
        .then(|| wharf_workspace::text_of(bytes(path)))
        .flatten()
}

/// Whether a file that was found is a document, or says that it is one and cannot be read whole.
pub(crate) fn may_be_document(path: &Path) -> bool {
    let found = file(path, String::new(), false);
    matches!(found, Some(Found::Document { .. } | Found::Unreadable(_)))
}

/// Size and time of change of every file that may be a document, to notice changes by.
pub(crate) fn marks(root: &Path) -> Marks {
    entries(root)
        .take(MOST_ENTRIES)
        .filter_map(Result::ok)
        // What stands in a document's place is told, so its end is to be noticed too.
        .filter(|entry| is_candidate(entry) || is_special(entry))
        .filter_map(|entry| {
            let mark = mark_of(&entry.metadata().ok()?);
            Some((entry.into_path(), mark))
        })
        .collect()
}

/// What is remembered of one file. `None`: it is gone.
pub(crate) fn mark(path: &Path) -> Option<Mark> {
    std::fs::metadata(path).ok().as_ref().map(mark_of)
}

fn mark_of(metadata: &std::fs::Metadata) -> Mark {
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    (metadata.len(), metadata.modified().ok(), changed)
}

/// The name shown to people: the prefix and the way from the root to the file.
fn shown(root: &Path, prefix: &Path, path: &Path) -> String {
    let below = if root == path {
        path
    } else {
        path.strip_prefix(root).unwrap_or(path)
    };
    let shown = if prefix.as_os_str().is_empty() {
        below.to_owned()
    } else {
        prefix.join(below)
    };
    // What acts on a terminal must not reach it by a file's name.
    in_line(&shown.display().to_string())
}

fn is_passed_over(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || entry.file_type().is_dir() && PASSED_OVER.contains(&&*name)
}

fn is_candidate(entry: &DirEntry) -> bool {
    has_candidate_name(entry.path()) && entry.file_type().is_file()
}

/// Whether something has the name of a document and is no file, below the folder that was given.
fn is_special(entry: &DirEntry) -> bool {
    entry.depth() > 0 && has_candidate_name(entry.path()) && !entry.file_type().is_file()
}

fn special(entry: &DirEntry) -> &'static str {
    if entry.file_type().is_dir() {
        "is a folder with the name of a document; rename it"
    } else {
        "is a pipe, a socket or a device; a document is a regular file"
    }
}

fn has_candidate_name(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}

fn unreadable(root: &Path, prefix: &Path, error: &walkdir::Error) -> Option<Unreadable> {
    let name = shown(root, prefix, error.path().unwrap_or(root));
    let message = if error.loop_ancestor().is_some() {
        "leads back to a folder above it; not followed".to_owned()
    } else {
        let kind = error.io_error().map(io::Error::kind);
        let is_link = std::fs::symlink_metadata(error.path()?)
            .is_ok_and(|metadata| metadata.file_type().is_symlink());
        let is_markdown = error.path().is_some_and(has_candidate_name);
        let is_loop = error.io_error().is_some_and(is_loop);
        match kind {
            // Gone between being listed and being looked at: no longer part of the workspace.
            Some(io::ErrorKind::NotFound) if !is_link => return None,
            Some(io::ErrorKind::NotFound) if !is_markdown => return None,
            Some(io::ErrorKind::NotFound) => "is a link to nothing; remove it".to_owned(),
            _ if is_loop && !is_markdown => return None,
            _ if is_loop => LOOP.to_owned(),
            _ => wharf_workspace::cannot_be_read(error.io_error()),
        }
    };
    Some(Unreadable { name, message })
}

/// Reads one file. `named` tells that the user asked for this very file.
pub(super) fn file(path: &Path, name: String, named: bool) -> Option<Found> {
    Found::of(name, named, bytes(path))
}

/// Reads what stands for the file `path`, which the user asked for.
pub(super) fn content(path: &Path, content: impl Read) -> Option<Found> {
    let name = shown(path, Path::new(""), path);
    Found::of(name, true, all_of(content))
}

/// The bytes of a file, as many as tell whether it is too large.
pub(super) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    open(path).and_then(all_of)
}

fn all_of(content: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    content
        .take(LARGEST_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
