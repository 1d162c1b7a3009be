//! What the client said it can do.

use serde_json::Value;

use crate::position::Encoding;

/// Read from the parameters of `initialize`. What is not said is not there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Client {
    pub(crate) encoding: Encoding,
    /// Takes requests to watch files.
    pub(crate) watches: bool,
    /// Shows the progress of work.
    pub(crate) shows_progress: bool,
    /// Shows the other places of a finding.
    pub(crate) relates: bool,
    /// Takes renames of files among its edits. Some that do take no other edit in that form, or do
    /// not say so: Neovim applies `documentChanges` and never declares them.
    pub(crate) renames_files: bool,
    /// Takes changes that are tied to a version of a text.
    pub(crate) versions_edits: bool,
    /// Shows Markdown in hovers.
    pub(crate) markdown: bool,
    /// Takes outlines with levels.
    pub(crate) nests_symbols: bool,
}

impl Client {
    pub(crate) fn read(parameters: &Value) -> Self {
        let capabilities = &parameters["capabilities"];
        let is_set = |pointer: &str| capabilities.pointer(pointer) == Some(&Value::Bool(true));
        let lists = |pointer: &str, word: &str| {
            let words = capabilities.pointer(pointer).and_then(Value::as_array);
            words.is_some_and(|words| words.iter().any(|known| known == word))
        };
        let versions_edits = is_set("/workspace/workspaceEdit/documentChanges");
        Self {
            encoding: if lists("/general/positionEncodings", "utf-8") {
                Encoding::Utf8
            } else {
                Encoding::Utf16
            },
            watches: is_set("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            shows_progress: is_set("/window/workDoneProgress"),
            relates: is_set("/textDocument/publishDiagnostics/relatedInformation"),
            renames_files: lists("/workspace/workspaceEdit/resourceOperations", "rename"),
            versions_edits,
            markdown: lists("/textDocument/hover/contentFormat", "markdown"),
            nests_symbols: is_set("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
        }
    }
}
