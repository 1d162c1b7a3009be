//! A credential in a file, and a gateway that takes it from there.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::document::Document;
use super::gateway::{Gateway, Setup};

/// What a document says of it.
pub(crate) const CREDENTIALS: &str = "production:\n  location: FILE\n  path: key";

/// The file `key` in a folder of its own, which is deleted when this is dropped.
pub(crate) struct KeyFile(TempDir);

impl KeyFile {
    pub(crate) fn holding(content: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key"), content).unwrap();
        Self(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder().join("key")
    }

    /// A gateway for a document whose credential is here.
    pub(crate) fn gateway(&self, document: Document) -> Gateway {
        Setup::of(document.credentials(CREDENTIALS))
            .root(self.folder().to_owned())
            .start()
    }
}
