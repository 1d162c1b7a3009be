//! A workspace in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::document::Document;
use super::program::{Gateway, up, wharf};
use super::vendor::Vendor;

/// A workspace that is deleted when it is dropped.
pub(crate) struct Workspace {
    folder: TempDir,
}

impl Workspace {
    /// A folder without anything in it.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("wharf-cli-")
            .tempdir()
            .unwrap();
        Self { folder }
    }

    /// A workspace of these documents.
    pub(crate) fn of<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        let workspace = Self::empty();
        for document in documents {
            workspace.put(document);
        }
        workspace
    }

    /// A document `petshop` for a vendor, and the workspace that holds nothing else.
    pub(crate) fn petshop(vendor: &Vendor) -> (Document, Self) {
        let shop = Document::before("petshop", vendor.address());
        let workspace = Self::of([&shop]);
        (shop, workspace)
    }

    /// A gateway that serves it, with the key that the documents name.
    pub(crate) fn serve(&self) -> Gateway {
        up(&[self.argument()]).variable("PET_KEY", "key").ready()
    }

    /// The same with a caller's token.
    pub(crate) fn serve_caller(&self) -> (String, Gateway) {
        (self.caller("shop"), self.serve())
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path as an argument.
    pub(crate) fn argument(&self) -> &str {
        self.path().to_str().unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Where state is kept unless something else is said.
    pub(crate) fn state(&self) -> PathBuf {
        self.file(".wharf")
    }

    /// Writes a document, in one step for a reader.
    pub(crate) fn put(&self, document: &Document) {
        self.write(&document.file_name(), &document.text());
    }

    /// Writes a file, in one step for a reader.
    pub(crate) fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    /// The same for what need not be text.
    pub(crate) fn write_bytes(&self, name: &str, bytes: &[u8]) {
        let new = self.file(".new");
        fs::write(&new, bytes).unwrap();
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::rename(new, path).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.file(name)).unwrap();
    }

    /// Registers a caller with the program's own command; gives the token.
    pub(crate) fn caller(&self, name: &str) -> String {
        let output = wharf(&["callers", "--dir", self.argument(), "add", name]).finish();
        assert_eq!(output.code, Some(0), "{output:?}");
        output.stdout.trim_end().to_owned()
    }
}
