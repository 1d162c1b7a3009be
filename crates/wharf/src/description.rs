//! Files that a document links: its vendor's API descriptions, each read once, and its examples.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use wharf_document::{Linked, LinkedText, SourceText};
use wharf_openapi::Description;
use wharf_workspace::settings::FILE_NAME;

use crate::read::{folder_of, open};

/// Largest API description that is read.
const LARGEST_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Largest file of examples that is read.
const LARGEST_EXAMPLES_BYTES: u64 = 4 * 1024 * 1024;

/// The descriptions that were read in this run.
#[derive(Debug, Default)]
pub(crate) struct Descriptions {
    read: HashMap<PathBuf, Linked>,
}

impl Descriptions {
    /// What a document's link leads to; each file is read once.
    pub(crate) fn open(&mut self, document: &Path, root: &Path, target: &str) -> Linked {
        let path = match find(document, root, target) {
            Ok(Some(path)) => path,
            Ok(None) => return Linked::Missing,
            Err(outside) => return Linked::NotRead(outside.to_string()),
        };
        // Two documents may reach one file on two ways.
        let key = path.canonicalize().unwrap_or_else(|_| path.clone());
        let read = self.read.entry(key);
        read.or_insert_with(|| match read_file(&path) {
            Ok(description) => Linked::Read(Arc::new(description)),
            Err(why) => Linked::NotRead(why),
        })
        .clone()
    }
}

/// The examples that a document's link leads to.
pub(crate) fn examples(document: &Path, root: &Path, target: &str) -> LinkedText {
    match find(document, root, target) {
        Ok(None) => LinkedText::Missing,
        Err(outside) => LinkedText::NotRead(outside.to_string()),
        Ok(Some(path)) => match read_text(&path, LARGEST_EXAMPLES_BYTES) {
            Ok(text) => LinkedText::Read(Arc::new(SourceText::new(target, text))),
            Err(why) => LinkedText::NotRead(why),
        },
    }
}

/// A link that leads out of the workspace. What lies there is not looked at, not even whether
/// there is something: documents may come from people who may not read this machine's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is outside of the workspace; copy it into the workspace, or put a `wharf.toml` at the \
     folder that holds both"
)]
pub(crate) struct Outside;

/// The file that a document links: beside the document, else below the root of the workspace.
///
/// `root` is the folder that was given; the nearest folder above the document that holds a
/// `wharf.toml` counts as a root too. A target is never taken from the root of the file system,
/// and never from outside of the roots, whatever links are on the way.
pub(crate) fn find(document: &Path, root: &Path, target: &str) -> Result<Option<PathBuf>, Outside> {
    let folder = folder_of(document);
    // The mark may be above the current folder, which a relative path does not tell.
    let straight = straightened(folder);
    let marked = straight
        .ancestors()
        .find(|folder| folder.join(FILE_NAME).exists());
    // A document that was given alone is in a workspace of its folder.
    let given = if root == document { folder } else { root };
    let roots: Vec<_> = [Some(given), marked].into_iter().flatten().collect();
    let decoded = percent_decode_str(target).decode_utf8_lossy();
    let folders = [Some(folder), Some(given), marked].into_iter().flatten();
    let from = usize::from(target.starts_with('/'));
    let mut outside = false;
    let mut inside = false;
    for folder in folders.skip(from) {
        for target in [target, &*decoded] {
            let path = folder.join(target.trim_start_matches('/'));
            let is_below = |root: &&Path| straightened(&path).starts_with(straightened(root));
            if !roots.iter().any(is_below) {
                outside = true;
                continue;
            }
            // What the link means is the decoded form; the other is tried for odd file names.
            inside |= *target == *decoded;
            if is_there(&path) {
                return if leads_out(&path, &roots) {
                    Err(Outside)
                } else {
                    Ok(Some(path))
                };
            }
        }
    }
    if outside && !inside {
        Err(Outside)
    } else {
        Ok(None)
    }
}

/// The path without `.` and `..`, by its text alone.
fn straightened(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut straight = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                straight.pop();
            }
            Component::CurDir => {}
            other => straight.push(other),
        }
    }
    straight
}

/// Whether links on the way lead out of every root. What cannot be followed gives an error when
/// it is read.
fn leads_out(path: &Path, roots: &[&Path]) -> bool {
    let Ok(real) = path.canonicalize() else {
        return false;
    };
    let mut real_roots = roots.iter().filter_map(|root| root.canonicalize().ok());
    !real_roots.any(|root| real.starts_with(root))
}

/// A file that may not be looked at is there; reading it tells why not.
fn is_there(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

fn read_file(path: &Path) -> Result<Description, String> {
    let text = read_text(path, LARGEST_FILE_BYTES)?;
    Description::read(&text).map_err(|why| why.to_string())
}

/// Why a file gives no text never repeats what stands in it.
fn read_text(path: &Path, most_bytes: u64) -> Result<String, String> {
    let cannot = |error: io::Error| format!("it cannot be opened: {}", error.kind());
    if std::fs::metadata(path).map_err(cannot)?.is_dir() {
        return Err("it is a folder, not a file".to_owned());
    }
    let file = open(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => error.to_string(),
        _ => cannot(error),
    })?;
    let mut bytes = Vec::new();
    file.take(most_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > most_bytes {
        let mebibytes = most_bytes / 1024 / 1024;
        return Err(format!("it is larger than {mebibytes} MiB"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests;
