//! API descriptions on disk: finds the file that a document links, and reads it once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use wharf_document::{Description, Linked};

/// Largest API description that is read.
const LARGEST_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What makes a folder the root of a workspace.
const ROOT_MARK: &str = "wharf.toml";

/// The descriptions that were read in this run.
#[derive(Debug, Default)]
pub(crate) struct Descriptions {
    read: HashMap<PathBuf, Linked>,
}

impl Descriptions {
    /// What a document's link leads to; each file is read once.
    pub(crate) fn open(&mut self, document: &Path, root: &Path, target: &str) -> Linked {
        let Some(path) = find(document, root, target) else {
            return Linked::Missing;
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

/// The file that a document links: beside the document, else below the root of the workspace.
///
/// `root` is the folder that was given; the nearest folder above the document that holds a
/// `wharf.toml` counts as a root too. A target is never taken from the root of the file system.
pub(crate) fn find(document: &Path, root: &Path, target: &str) -> Option<PathBuf> {
    let folder = document.parent().unwrap_or(root);
    let marked = folder
        .ancestors()
        .find(|folder| folder.join(ROOT_MARK).is_file());
    let decoded = percent_decode_str(target).decode_utf8_lossy();
    let folders = [Some(folder), Some(root), marked].into_iter().flatten();
    let below = |folder: &Path| {
        [target, &*decoded]
            .map(|target| folder.join(target.trim_start_matches('/')))
            .into_iter()
            .find(|path| is_there(path))
    };
    if target.starts_with('/') {
        return folders.skip(1).find_map(below);
    }
    folders.into_iter().find_map(below)
}

/// A file that may not be looked at is there; reading it tells why not.
fn is_there(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

/// Why a file gives no description never repeats what stands in it.
fn read_file(path: &Path) -> Result<Description, String> {
    let cannot = |error: io::Error| format!("it cannot be opened: {}", error.kind());
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let file = File::open(path).map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        let mebibytes = LARGEST_FILE_BYTES / 1024 / 1024;
        return Err(format!("it is larger than {mebibytes} MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    Description::read(&text).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests;
