//! Notifications: texts in the editor, files on disk, folders of the workspace.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use gen_lsp_types::{
    CreateFilesParams, DeleteFilesParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, FileChangeType, RenameFilesParams,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wharf_workspace::settings::FILE_NAME;

use super::{FILES_BETWEEN_REPORTS, Phase, Server};
use crate::address;
use crate::loading::{self, MOST_DOCUMENTS, Progress, may_be_folder, token};
use crate::settings::Settings;

/// Messages after which a rename that was not seen on disk is not waited for any more.
const MOST_LOOKS: u32 = 200;

/// A file that gets another name.
pub(super) struct Renaming {
    old: PathBuf,
    new: PathBuf,
    looks: u32,
}

impl Renaming {
    pub(super) fn new(old: PathBuf, new: PathBuf) -> Self {
        Self { old, new, looks: 0 }
    }
}

impl<W: Write> Server<W> {
    pub(super) fn notification(&mut self, method: &str, params: &Value) -> io::Result<()> {
        if self.phase != Phase::Running {
            return Ok(());
        }
        match method {
            "initialized" => self.start()?,
            "textDocument/didOpen" => self.on(params, |server, params| {
                server.did_open(params);
                Ok(())
            })?,
            "textDocument/didChange" => self.on(params, |server, params| {
                server.did_change(params);
                Ok(())
            })?,
            "textDocument/didSave" => {
                self.on(params, |server, params| server.did_save(&params))?;
            }
            "textDocument/didClose" => self.on(params, Self::did_close)?,
            "workspace/didChangeWatchedFiles" => self.on(params, Self::did_change_files)?,
            "workspace/didCreateFiles" => self.on(params, Self::did_create)?,
            "workspace/didDeleteFiles" => self.on(params, Self::did_delete)?,
            "workspace/didRenameFiles" => self.on(params, Self::did_rename)?,
            "workspace/didChangeWorkspaceFolders" => self.on(params, Self::did_change_folders)?,
            "window/workDoneProgress/cancel" => self.cancel(params)?,
            _ => {}
        }
        self.look_for_renamed()?;
        if self.workspace.is_stale(self.loading.is_done()) {
            self.waiting_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Runs a handler. A notification that cannot be read has nobody to be refused to.
    fn on<P: DeserializeOwned>(
        &mut self,
        params: &Value,
        handle: impl FnOnce(&mut Self, P) -> io::Result<()>,
    ) -> io::Result<()> {
        match serde_json::from_value(params.clone()) {
            Ok(params) => handle(self, params),
            Err(error) => {
                tracing::warn!(%error, "a notification cannot be read");
                Ok(())
            }
        }
    }

    /// The client is ready: ask it to watch files, and read the workspace.
    fn start(&mut self) -> io::Result<()> {
        if self.client.watches {
            self.ask("client/registerCapability", &loading::watchers())?;
        }
        for folder in self.workspace.folders().to_vec() {
            self.loading.add(self.files.list(&folder));
        }
        self.show_progress()
    }

    fn show_progress(&mut self) -> io::Result<()> {
        if !self.client.shows_progress || self.loading.is_done() {
            return Ok(());
        }
        // The token holds the request's own number, which is the next.
        let number = self.next_request + 1;
        let params = json!({ "token": token(number) });
        self.ask("window/workDoneProgress/create", &params)?;
        self.loading.progress = Progress::Asked(number);
        Ok(())
    }

    /// Reads some more files of the workspace.
    pub(super) fn load(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let Some(path) = self.loading.next() else {
                break;
            };
            if self.workspace.len() >= MOST_DOCUMENTS {
                tracing::warn!(
                    most = MOST_DOCUMENTS,
                    "too many documents; the rest is left out"
                );
                self.loading.stop();
                break;
            }
            self.read(&path)?;
            if self.loading.count().is_multiple_of(FILES_BETWEEN_REPORTS) {
                let message = format!("{} files", self.loading.count());
                self.report(&json!({ "kind": "report", "message": message }))?;
            }
        }
        if self.loading.is_done() {
            self.end_loading()?;
        }
        Ok(())
    }

    fn end_loading(&mut self) -> io::Result<()> {
        let message = format!("{} files", self.loading.count());
        self.report(&json!({ "kind": "end", "message": message }))?;
        self.loading.end();
        Ok(())
    }

    /// Reads all that is left: an answer about other documents needs them.
    pub(super) fn load_all(&mut self) -> io::Result<()> {
        while !self.loading.is_done() {
            self.load(usize::MAX)?;
        }
        Ok(())
    }

    fn cancel(&mut self, params: &Value) -> io::Result<()> {
        let Progress::Shown(number) = self.loading.progress else {
            return Ok(());
        };
        if params["token"] == token(number) {
            self.loading.stop();
            self.end_loading()?;
        }
        Ok(())
    }

    fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        self.files.forget_linked();
        self.workspace.open(item.uri, item.version, item.text);
    }

    fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        let encoding = self.client.encoding;
        let path = address::path(&params.text_document.text_document_identifier.uri);
        self.workspace.change(&path, |document| {
            document.version = Some(params.text_document.version);
            document.change(params.content_changes, encoding);
        });
    }

    /// Files beside the document may have changed as well, such as the API description. A client
    /// that does not watch files tells of none, so the folder is looked at again.
    fn did_save(&mut self, params: &DidSaveTextDocumentParams) -> io::Result<()> {
        self.files.forget_linked();
        let path = address::path(&params.text_document.uri);
        self.workspace.change(&path, |_| ());
        if !self.client.watches {
            self.look_again(&path)?;
        }
        Ok(())
    }

    /// Looks at the folder of a path as if it had been opened just now.
    fn look_again(&mut self, path: &Path) -> io::Result<()> {
        let Some(folder) = self.workspace.folder_of(path).map(Path::to_owned) else {
            return Ok(());
        };
        let listed: BTreeSet<PathBuf> = self.files.list(&folder).collect();
        let mut known = self.workspace.below(&folder);
        known.extend(self.workspace.settings_below(&folder));
        for path in known.iter().filter(|path| !listed.contains(*path)) {
            self.gone(path)?;
        }
        self.loading.add(Box::new(listed.into_iter()));
        Ok(())
    }

    /// Takes over a rename that the client was told to make, once it is made.
    fn look_for_renamed(&mut self) -> io::Result<()> {
        let Some(mut renaming) = self.renaming.take() else {
            return Ok(());
        };
        let is_made =
            self.files.read(&renaming.new).is_some() && self.files.read(&renaming.old).is_none();
        if is_made {
            self.gone(&renaming.old)?;
            return self.appeared(&renaming.new);
        }
        renaming.looks += 1;
        self.renaming = Some(renaming).filter(|renaming| renaming.looks < MOST_LOOKS);
        Ok(())
    }

    fn did_close(&mut self, params: DidCloseTextDocumentParams) -> io::Result<()> {
        let uri = params.text_document.uri;
        let path = address::path(&uri);
        let on_disk = if self.belongs(&path) {
            self.files.read(&path)
        } else {
            None
        };
        if self.workspace.close(&path, on_disk) {
            self.unpublish(&path, uri)?;
        }
        Ok(())
    }

    fn did_change_files(&mut self, params: DidChangeWatchedFilesParams) -> io::Result<()> {
        for event in params.changes {
            let path = address::path(&event.uri);
            if event.kind == FileChangeType::Deleted {
                self.gone(&path)?;
            } else {
                self.appeared(&path)?;
            }
        }
        Ok(())
    }

    fn did_create(&mut self, params: CreateFilesParams) -> io::Result<()> {
        for file in params.files {
            self.appeared(&address::path(&file.uri))?;
        }
        Ok(())
    }

    fn did_delete(&mut self, params: DeleteFilesParams) -> io::Result<()> {
        for file in params.files {
            self.gone(&address::path(&file.uri))?;
        }
        Ok(())
    }

    fn did_rename(&mut self, params: RenameFilesParams) -> io::Result<()> {
        for file in params.files {
            self.gone(&address::path(&file.old_uri))?;
            self.appeared(&address::path(&file.new_uri))?;
        }
        Ok(())
    }

    fn did_change_folders(&mut self, params: DidChangeWorkspaceFoldersParams) -> io::Result<()> {
        for folder in params.event.removed {
            for (path, uri) in self.workspace.remove_folder(&address::path(&folder.uri)) {
                self.unpublish(&path, uri)?;
            }
        }
        for folder in params.event.added {
            let path = address::path(&folder.uri);
            self.loading.add(self.files.list(&path));
            self.workspace.add_folder(path);
        }
        self.show_progress()
    }

    /// Takes what stands on disk: settings or, perhaps, a document. `false` where there is nothing.
    fn read(&mut self, path: &Path) -> io::Result<bool> {
        let is_settings = path.file_name().is_some_and(|name| name == FILE_NAME);
        let content = match path.parent() {
            Some(folder) if is_settings => match self.files.settings(path).transpose() {
                Some(content) => return self.settle(folder, content).map(|()| true),
                None => None,
            },
            _ => self.files.read(path),
        };
        let is_there = content.is_some();
        if let Some(text) = content {
            self.workspace.put(path, text);
        }
        Ok(is_there)
    }

    /// Takes the settings of a folder. What keeps them from being used is told once.
    fn settle(&mut self, folder: &Path, content: Result<String, String>) -> io::Result<()> {
        if self.workspace.has_settings(folder, &content) {
            return Ok(());
        }
        let path = folder.join(FILE_NAME);
        let real = self.files.real(&path);
        let real = real.as_deref().and_then(Path::parent).unwrap_or(folder);
        let settings = Settings::new(&path, real, content);
        let problem = settings.problem().map(str::to_owned);
        self.workspace.settle(folder, settings);
        if let Some(problem) = problem {
            tracing::warn!("{problem}");
            self.warn(&problem)?;
        }
        Ok(())
    }

    /// Tells the person at the editor something that belongs to no document.
    fn warn(&mut self, message: &str) -> io::Result<()> {
        const WARNING: u8 = 2;
        let message = wharf_diag::printable(message);
        let params = json!({ "type": WARNING, "message": message });
        self.output.notify("window/showMessage", &params)
    }

    fn belongs(&self, path: &Path) -> bool {
        let folder = self.workspace.folder_of(path);
        folder.is_some_and(|folder| self.files.belongs(folder, path))
    }

    /// A file is new or has new content. A folder that is new brings its files.
    fn appeared(&mut self, path: &Path) -> io::Result<()> {
        let Some(folder) = self.workspace.folder_of(path) else {
            return Ok(());
        };
        if self.files.belongs(folder, path) {
            if self.read(path)? {
                return Ok(());
            }
            return self.gone(path);
        }
        if may_be_folder(path) {
            let folder = folder.to_owned();
            let files: Vec<_> = self.files.list(path).collect();
            let ours: Vec<_> = files
                .into_iter()
                .filter(|path| self.files.belongs(&folder, path))
                .collect();
            self.loading.add(Box::new(ours.into_iter()));
        }
        Ok(())
    }

    /// A file or folder is gone.
    fn gone(&mut self, path: &Path) -> io::Result<()> {
        let mut paths = self.workspace.below(path);
        paths.extend(self.workspace.settings_below(path));
        paths.push(path.to_owned());
        for path in paths {
            let uri = self
                .workspace
                .document(&path)
                .map(|document| document.uri.clone());
            if self.workspace.vanish(&path)
                && let Some(uri) = uri
            {
                self.unpublish(&path, uri)?;
            }
        }
        Ok(())
    }
}
