//! Requests: the greeting, and one line for each thing an editor asks.

use std::io::{self, Write};
use std::path::Path;

use gen_lsp_types::{
    CodeActionParams, CompletionParams, DefinitionParams, DocumentFormattingParams,
    DocumentSymbolParams, FoldingRangeParams, HoverParams, PrepareRenameParams, ReferenceParams,
    RenameFilesParams, RenameParams, TextDocumentIdentifier, TextDocumentPositionParams, Uri,
    WorkspaceEdit,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::files::Renaming;
use super::{Phase, Server, parameters, value_of};
use crate::address;
use crate::client::Client;
use crate::features::{
    actions, completion, definition, format, hover, references, rename, symbols,
};
use crate::position::Encoding;
use crate::refusal::Refusal;
use crate::view::View;

impl<W: Write> Server<W> {
    pub(super) fn initialize(&mut self, params: &Value) -> Result<Value, Refusal> {
        if !params.is_object() {
            return Err(Refusal::new(Refusal::INVALID_PARAMS, "no parameters"));
        }
        self.client = Client::read(params);
        let listed = params["workspaceFolders"].as_array();
        let folders: Vec<_> = match listed.filter(|folders| !folders.is_empty()) {
            Some(folders) => folders.iter().map(|folder| &folder["uri"]).collect(),
            None => vec![&params["rootUri"]],
        };
        for uri in folders.into_iter().filter_map(Value::as_str) {
            let path = address::path(&Uri::from(uri));
            if path.is_absolute() {
                self.workspace.add_folder(path);
            }
        }
        self.phase = Phase::Running;
        let encoding = match self.client.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
        };
        Ok(json!({
            "capabilities": capabilities(encoding),
            "serverInfo": { "name": "wharf", "version": self.version },
        }))
    }

    /// Answers a request of a running session.
    pub(super) fn answer(
        &mut self,
        method: &str,
        params: Value,
    ) -> io::Result<Result<Value, Refusal>> {
        let is_about_others = matches!(
            method,
            "textDocument/definition"
                | "textDocument/references"
                | "textDocument/rename"
                | "textDocument/prepareRename"
                | "workspace/willRenameFiles"
        );
        if is_about_others {
            self.load_all()?;
        }
        // The answer is about the texts as they are now.
        let uri = serde_json::from_value(params["textDocument"]["uri"].clone());
        let path = uri.ok().map(|uri| address::path(&uri));
        while self.workspace.is_stale(false) {
            self.publish(path.as_deref())?;
            if !is_about_others {
                break;
            }
        }
        Ok(match method {
            "textDocument/completion" => {
                self.at_place(params, completion::list, |p: &CompletionParams| {
                    p.text_document_position_params.clone()
                })
            }
            "textDocument/hover" => self.at_place(params, hover::show, |p: &HoverParams| {
                p.text_document_position_params.clone()
            }),
            "textDocument/definition" => {
                self.at_place(params, definition::find, |p: &DefinitionParams| {
                    p.text_document_position_params.clone()
                })
            }
            "textDocument/references" => parameters(params).and_then(|params: ReferenceParams| {
                let declared = params.context.include_declaration;
                let at = &params.text_document_position_params;
                self.with(at, |view, offset| references::list(view, offset, declared))
            }),
            "textDocument/prepareRename" => {
                self.at_place(params, rename::prepare, |p: &PrepareRenameParams| {
                    p.text_document_position_params.clone()
                })
            }
            "textDocument/rename" => parameters(params).and_then(|params: RenameParams| {
                let at = &params.text_document_position_params;
                let edit = self.try_with(at, |view, offset| {
                    rename::run(view, offset, &params.new_name)
                })?;
                self.expect_rename(edit.as_ref());
                Ok(value_of(&edit))
            }),
            "workspace/willRenameFiles" => {
                parameters(params).map(|params: RenameFilesParams| self.will_rename(&params))
            }
            "textDocument/codeAction" => parameters(params).map(|params: CodeActionParams| {
                self.about(&params.text_document, |view| actions::list(view, &params))
            }),
            "textDocument/documentSymbol" => {
                parameters(params).map(|params: DocumentSymbolParams| {
                    self.about(&params.text_document, symbols::outline)
                })
            }
            "textDocument/foldingRange" => parameters(params).map(|params: FoldingRangeParams| {
                self.about(&params.text_document, symbols::folds)
            }),
            "textDocument/formatting" => {
                parameters(params).map(|params: DocumentFormattingParams| {
                    self.about(&params.text_document, format::edits)
                })
            }
            method => Err(Refusal::new(
                Refusal::METHOD_NOT_FOUND,
                // The name is the client's own; a long one is cut.
                format!(
                    "`{}` is not known",
                    method.chars().take(64).collect::<String>()
                ),
            )),
        })
    }

    fn view(&self, path: &Path) -> Option<View<'_>> {
        let document = self.workspace.document(path)?;
        Some(View::new(&self.workspace, document, self.client))
    }

    /// Answers what is asked of a document; one that is not known has nothing.
    fn about<R: Serialize>(
        &self,
        document: &TextDocumentIdentifier,
        answer: impl FnOnce(&View<'_>) -> R,
    ) -> Value {
        self.view(&address::path(&document.uri))
            .map_or(Value::Null, |view| value_of(&answer(&view)))
    }

    fn at_place<P, R>(
        &self,
        params: Value,
        answer: impl FnOnce(&View<'_>, usize) -> R,
        place: impl FnOnce(&P) -> TextDocumentPositionParams,
    ) -> Result<Value, Refusal>
    where
        P: serde::de::DeserializeOwned,
        R: Serialize,
    {
        let params: P = parameters(params)?;
        self.with(&place(&params), answer)
    }

    fn with<R: Serialize>(
        &self,
        at: &TextDocumentPositionParams,
        answer: impl FnOnce(&View<'_>, usize) -> R,
    ) -> Result<Value, Refusal> {
        let answer = self.try_with(at, |view, offset| Ok(answer(view, offset)))?;
        Ok(answer.map_or(Value::Null, |answer| value_of(&answer)))
    }

    /// `None` where the document is not known.
    fn try_with<R>(
        &self,
        at: &TextDocumentPositionParams,
        answer: impl FnOnce(&View<'_>, usize) -> Result<R, Refusal>,
    ) -> Result<Option<R>, Refusal> {
        let path = address::path(&at.text_document.uri);
        let Some(view) = self.view(&path) else {
            return Ok(None);
        };
        let offset = view.offset(at.position);
        answer(&view, offset).map(Some)
    }

    /// A client that does not watch files says nothing of the rename that it was told to make.
    fn expect_rename(&mut self, edit: Option<&WorkspaceEdit>) {
        if !self.client.watches {
            let renamed = edit.and_then(rename::renamed_file);
            self.renaming = renamed.map(|(old, new)| Renaming::new(old, new));
        }
    }

    /// A file is about to get another name: the references to it follow. One that cannot be an id
    /// is left to the editor; its finding says so.
    fn will_rename(&self, params: &RenameFilesParams) -> Value {
        let renamed = params.files.iter().filter_map(|file| {
            let path = address::path(&file.old_uri);
            let new_path = address::path(&file.new_uri);
            let new_id = new_path.file_stem()?.to_str()?.to_owned();
            rename::references_follow(&self.view(&path)?, &new_id)
        });
        rename::joined(renamed, self.client).map_or(Value::Null, |edit| value_of(&edit))
    }
}

fn capabilities(encoding: &str) -> Value {
    let files = json!({
        "filters": [{ "scheme": "file", "pattern": { "glob": "**/*" } }]
    });
    let documents = json!({
        "filters": [{ "scheme": "file", "pattern": { "glob": "**/*.md", "matches": "file" } }]
    });
    json!({
        "positionEncoding": encoding,
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "completionProvider": {
            "triggerCharacters": ["|", ":", "-", "#", "`", "\"", "+", "@", " "],
        },
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "documentSymbolProvider": true,
        "foldingRangeProvider": true,
        "documentFormattingProvider": true,
        "codeActionProvider": {
            "codeActionKinds": ["quickfix", actions::FIX_ALL],
        },
        "renameProvider": { "prepareProvider": true },
        "workspace": {
            "workspaceFolders": { "supported": true, "changeNotifications": true },
            "fileOperations": {
                "didCreate": files,
                "didRename": files,
                "didDelete": files,
                "willRename": documents,
            },
        },
    })
}
