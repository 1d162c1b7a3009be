//! Every text the server knows, and what is found in them one by one and side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::Uri;
use wharf_diag::{Diagnostic, SourceText};
use wharf_document::Integration;
use wharf_workspace::settings::FILE_NAME;
use wharf_workspace::{AtHand, SideBySide};

use crate::Files;
use crate::address;
use crate::document::Document;
use crate::settings::Settings;

/// Texts by their paths.
///
/// Documents below one folder with a `wharf.toml` belong together; without such a file, all
/// documents of a folder that the editor opened do. A document outside of them is alone.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    folders: Vec<PathBuf>,
    documents: BTreeMap<PathBuf, Document>,
    settings: BTreeMap<PathBuf, Settings>,
    together: SideBySide,
    /// Texts that changed since they were last read.
    unread: BTreeSet<PathBuf>,
    /// Documents that were found to have other findings among others, and do not show them yet.
    unjudged: BTreeSet<PathBuf>,
}

impl Workspace {
    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    pub(crate) fn add_folder(&mut self, folder: PathBuf) {
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
            self.settle_roots();
        }
    }

    /// Forgets a folder and what only it holds. Texts open in the editor stay.
    pub(crate) fn remove_folder(&mut self, folder: &Path) -> Vec<(PathBuf, Uri)> {
        self.folders.retain(|known| known != folder);
        let gone = |path: &PathBuf| self.folder_of(path).is_none();
        let lost: Vec<_> = self
            .settings
            .keys()
            .filter(|path| gone(path))
            .cloned()
            .collect();
        let removed: Vec<_> = self
            .documents
            .values()
            .filter(|document| document.version.is_none() && gone(&document.path))
            .map(|document| (document.path.clone(), document.uri.clone()))
            .collect();
        self.settings.retain(|path, _| !lost.contains(path));
        for (path, _) in &removed {
            self.remove(path);
        }
        self.settle_roots();
        removed
    }

    pub(crate) fn document(&self, path: &Path) -> Option<&Document> {
        self.documents.get(path)
    }

    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }

    /// The document that a label points into.
    pub(crate) fn document_of(&self, source: &Arc<SourceText>) -> Option<&Document> {
        // Names are relative to a folder, so two folders may share one; the text decides.
        self.documents
            .values()
            .find(|document| Arc::ptr_eq(&document.source, source))
    }

    /// Whether the settings of a folder were read from this content.
    pub(crate) fn has_settings(&self, folder: &Path, content: &Result<String, String>) -> bool {
        let settings = self.settings.get(folder);
        settings.is_some_and(|settings| settings.is_of(content))
    }

    /// Takes the settings of a folder.
    pub(crate) fn settle(&mut self, folder: &Path, settings: Settings) {
        self.settings.insert(folder.to_owned(), settings);
        self.touch_below(folder);
    }

    /// Takes a text from disk. A text that is open in the editor stays.
    pub(crate) fn put(&mut self, path: &Path, text: String) {
        let known = self.documents.get_mut(path);
        if let Some(document) = known {
            if document.version.is_none() && document.text() != text {
                document.set_text(text);
                self.touch(path);
            }
        } else if is_ours(&text) {
            self.insert(path, address::uri(path), text);
        }
    }

    /// Takes a text that was opened in the editor.
    pub(crate) fn open(&mut self, uri: Uri, version: i32, text: String) {
        let path = address::path(&uri);
        self.insert(&path, uri, text);
        if let Some(document) = self.documents.get_mut(&path) {
            document.version = Some(version);
        }
    }

    /// Changes a text that is open in the editor. One that is not is left alone.
    pub(crate) fn change(&mut self, path: &Path, change: impl FnOnce(&mut Document)) {
        if let Some(document) = self.documents.get_mut(path)
            && document.version.is_some()
        {
            change(document);
            self.touch(path);
        }
    }

    /// A text was closed in the editor: what is on disk holds again. `true` when nothing is.
    pub(crate) fn close(&mut self, path: &Path, on_disk: Option<String>) -> bool {
        let Some(document) = self.documents.get_mut(path) else {
            return false;
        };
        document.version = None;
        match on_disk.filter(|text| is_ours(text)) {
            Some(text) if self.folder_of(path).is_some() => {
                self.put(path, text);
                false
            }
            _ => self.remove(path),
        }
    }

    /// A file is gone. `true` when a document was; a text open in the editor stays.
    pub(crate) fn vanish(&mut self, path: &Path) -> bool {
        if path.file_name().is_some_and(|name| name == FILE_NAME) {
            if let Some(folder) = path.parent()
                && self.settings.remove(folder).is_some()
            {
                self.touch_below(folder);
            }
            return false;
        }
        let is_open = self
            .documents
            .get(path)
            .is_some_and(|document| document.version.is_some());
        !is_open && self.remove(path)
    }

    /// Files with settings below a folder.
    pub(crate) fn settings_below(&self, folder: &Path) -> Vec<PathBuf> {
        let folders = self.settings.keys().filter(|path| path.starts_with(folder));
        folders.map(|path| path.join(FILE_NAME)).collect()
    }

    /// Documents below a folder, or the one that it is.
    pub(crate) fn below(&self, folder: &Path) -> Vec<PathBuf> {
        let documents = self.documents.keys();
        documents
            .filter(|path| path.starts_with(folder))
            .cloned()
            .collect()
    }

    fn insert(&mut self, path: &Path, uri: Uri, text: String) {
        let name = self.name_of(path);
        let mut document = Document::new(path, uri, &name, text);
        document.root = self.root_of(path).map(Path::to_owned);
        self.documents.insert(path.to_owned(), document);
        self.touch(path);
    }

    fn remove(&mut self, path: &Path) -> bool {
        self.unread.remove(path);
        self.unjudged.remove(path);
        self.together.forget(path);
        let removed = self.documents.remove(path).is_some();
        if removed {
            self.together.touch_all();
        }
        removed
    }

    fn touch(&mut self, path: &Path) {
        self.unread.insert(path.to_owned());
        self.together.touch(path);
    }

    /// The settings of a folder are others: everything below is looked at anew.
    fn touch_below(&mut self, folder: &Path) {
        let paths = self.below(folder);
        self.unread.extend(paths);
        self.settle_roots();
    }

    /// Works out anew which documents belong together.
    fn settle_roots(&mut self) {
        let paths: Vec<_> = self.documents.keys().cloned().collect();
        for path in paths {
            let root = self.root_of(&path).map(Path::to_owned);
            let name = self.name_of(&path);
            if let Some(document) = self.documents.get_mut(&path)
                && document.root != root
            {
                document.root = root;
                // Names are relative to the root.
                document.rename(&name);
                self.unread.insert(path);
            }
        }
        self.together.touch_all();
    }

    /// The innermost folder of the editor that holds a path.
    pub(crate) fn folder_of(&self, path: &Path) -> Option<&Path> {
        let holding = self
            .folders
            .iter()
            .filter(|folder| path.starts_with(folder));
        holding
            .max_by_key(|folder| folder.as_os_str().len())
            .map(PathBuf::as_path)
    }

    /// The root of the documents that belong together with a path. `None` for one outside.
    pub(crate) fn root_of(&self, path: &Path) -> Option<&Path> {
        let folder = self.folder_of(path)?;
        let mut ancestors = path.ancestors().skip(1);
        let settled = ancestors
            .by_ref()
            .take_while(|ancestor| ancestor.starts_with(folder))
            .find_map(|ancestor| self.settings.get_key_value(ancestor));
        Some(settled.map_or(folder, |(root, _)| root.as_path()))
    }

    /// The settings that hold for a path.
    pub(crate) fn settings_of(&self, path: &Path) -> Option<&Settings> {
        self.settings.get(self.root_of(path)?)
    }

    /// Documents that belong together with a document, itself included.
    pub(crate) fn beside<'a>(
        &'a self,
        document: &'a Document,
    ) -> impl Iterator<Item = &'a Document> {
        self.documents
            .values()
            .filter(move |other| match &document.root {
                Some(root) => other.root.as_ref() == Some(root),
                None => other.path == document.path,
            })
    }

    /// The integration with this id among the documents that belong together with one.
    pub(crate) fn find<'a>(
        &'a self,
        document: &'a Document,
        id: &str,
    ) -> Option<(&'a Document, &'a Integration)> {
        self.beside(document).find_map(|other| {
            let integration = other.integration.as_ref()?;
            (integration.id.as_str() == id).then_some((other, integration))
        })
    }

    fn name_of(&self, path: &Path) -> String {
        let below = self
            .root_of(path)
            .and_then(|root| path.strip_prefix(root).ok());
        let shown = below.unwrap_or(path).display().to_string();
        shown.replace(
            |c| char::is_control(c) || wharf_diag::is_unprintable(c),
            "\u{fffd}",
        )
    }

    /// Whether something changed that nobody looked at.
    pub(crate) fn is_stale(&self, compare: bool) -> bool {
        !self.unread.is_empty()
            || !self.unjudged.is_empty()
            || compare && !self.together.is_current()
    }

    /// Reads what changed; with `compare` also puts documents side by side, when all is read. Takes
    /// at most so many documents, among them `first`, which somebody asks about; for the rest, it
    /// is called again. Returns the documents whose findings may be others than before.
    pub(crate) fn refresh(
        &mut self,
        files: &dyn Files,
        compare: bool,
        most: usize,
        first: Option<&Path>,
    ) -> BTreeSet<PathBuf> {
        let mut affected = some_of(&mut self.unread, most, first);
        for path in &affected {
            self.read(path, files);
        }
        if compare && self.unread.is_empty() && !self.together.is_current() {
            let around = |root: &Path| {
                let settings = self.settings.get(root);
                settings.map(Settings::surroundings).unwrap_or_default()
            };
            let changed = self.together.compare(&self.documents, around);
            self.unjudged.extend(changed);
        }
        let room = most - affected.len();
        affected.extend(some_of(&mut self.unjudged, room, first));
        let compared = compare && self.together.is_current();
        for path in &affected {
            let judged = self.judge(path, compared);
            if let Some(document) = self.documents.get_mut(path) {
                document.judged = judged;
            }
        }
        affected
    }

    fn read(&mut self, path: &Path, files: &dyn Files) {
        let settings = self.settings_of(path);
        let is_excluded = settings.is_some_and(|settings| {
            let rules = settings.rules();
            let real = || files.real(path);
            rules.excludes_some() && real().is_some_and(|path| rules.excludes(&path))
        });
        let root = self.root_of(path).or(path.parent()).map(Path::to_owned);
        let root = root.unwrap_or_default();
        if let Some(document) = self.documents.get_mut(path) {
            if is_excluded {
                document.clear();
            } else {
                document.read(&root, files, jiff::Timestamp::now());
            }
        }
    }

    /// What of all findings about a document is shown: its comments and the settings decide.
    /// `None` where they say nothing and there are no others.
    fn judge(&self, path: &Path, compared: bool) -> Option<Vec<Diagnostic>> {
        let document = self.documents.get(path)?;
        let settings = self.settings_of(path);
        let is_among_others = compared && self.folder_of(path).is_some();
        let at_hand = AtHand {
            is_complete: document.is_complete,
            others: is_among_others,
            handlers: is_among_others && settings.is_some_and(Settings::has_handlers),
            // Whether a change was noted is asked when it is committed.
            history: false,
            // Linked files are followed whenever a document is read.
            linked_files: true,
        };
        wharf_workspace::shown(
            &document.source,
            &document.found,
            self.together.found(path),
            at_hand,
            settings.map(Settings::rules),
        )
    }
}

/// Takes some out of many: `first`, where it is among them, and the next ones.
fn some_of(many: &mut BTreeSet<PathBuf>, most: usize, first: Option<&Path>) -> BTreeSet<PathBuf> {
    if many.len() <= most {
        return std::mem::take(many);
    }
    let first = first.filter(|_| most > 0);
    let mut some: BTreeSet<PathBuf> = first.and_then(|path| many.take(path)).into_iter().collect();
    while some.len() < most {
        some.extend(many.pop_first());
    }
    some
}

/// Whether a text is a document, or nearly one, which is told before anybody opens it.
fn is_ours(text: &str) -> bool {
    wharf_document::is_integration(text) || {
        let source = Arc::new(SourceText::new("", text));
        wharf_document::check_near_miss(&source).is_some()
    }
}

#[cfg(test)]
pub(crate) use tests::Plain;

#[cfg(test)]
mod tests;
