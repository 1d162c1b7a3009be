//! Rename of an id: the file gets another name, and every reference follows in one edit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    DocumentChange, Edit, OptionalVersionedTextDocumentIdentifier, PrepareRenamePlaceholder,
    RenameFile, RenameFileOptions, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri,
    WorkspaceEdit,
};
use wharf_document::IntegrationId;

use super::references::{id_at, mentions};
use crate::address;
use crate::client::Client;
use crate::document::Document;
use crate::refusal::Refusal;
use crate::view::View;

/// What would be renamed at an offset.
pub(crate) fn prepare(view: &View<'_>, offset: usize) -> Option<PrepareRenamePlaceholder> {
    let mention = id_at(view, offset)?;
    view.find(&mention.id)?;
    Some(PrepareRenamePlaceholder {
        range: view.range(mention.span),
        placeholder: mention.id,
    })
}

/// Renames the integration at an offset.
pub(crate) fn run(view: &View<'_>, offset: usize, new_id: &str) -> Result<WorkspaceEdit, Refusal> {
    let Some(mention) = id_at(view, offset) else {
        return Err(Refusal::failed(
            "no id stands here; an id stands in the title and where another document names it",
        ));
    };
    let Some((target, _)) = view.find(&mention.id) else {
        let message = format!("no document has the id `{}`", mention.id);
        return Err(Refusal::failed(message));
    };
    let new_id = new_id.trim();
    let new_id = new_id.strip_suffix(".md").unwrap_or(new_id);
    if let Some(why) = IntegrationId::why_reserved(new_id) {
        let other = IntegrationId::beside_reserved(new_id);
        let message = format!("the new name is no id: {why}; `{other}` can be one");
        return Err(Refusal::failed(message));
    }
    if IntegrationId::new(new_id).is_none() {
        return Err(Refusal::failed(
            "the new name is no id: lower-case letters, digits, `-`, `_` and `.`, at most 64, the first a letter or digit",
        ));
    }
    if !view.client.renames_files {
        return Err(Refusal::failed(
            "the id is the name of the file, and this editor lets no server rename files",
        ));
    }
    if new_id == mention.id {
        return Ok(WorkspaceEdit::default());
    }
    if let Some((taken, _)) = view.find(new_id) {
        let message = format!("`{new_id}` is taken by {}", taken.source.name());
        return Err(Refusal::failed(message));
    }
    let mut changes = follow(view, &mention.id, new_id);
    changes.push(DocumentChange::RenameFile(RenameFile {
        old_uri: target.uri.clone(),
        new_uri: address::uri(&renamed(&target.path, new_id)),
        options: Some(RenameFileOptions {
            overwrite: Some(false),
            ignore_if_exists: Some(false),
        }),
        annotation_id: None,
    }));
    Ok(WorkspaceEdit {
        document_changes: Some(changes),
        ..WorkspaceEdit::default()
    })
}

fn renamed(path: &Path, new_id: &str) -> PathBuf {
    let extension = path
        .extension()
        .map_or("md".into(), |found| found.to_string_lossy());
    path.with_file_name(format!("{new_id}.{extension}"))
}

/// Edits of the references to a document whose file gets another name. `None` where there is
/// nothing to do, or the new name is no id.
pub(crate) fn references_follow(view: &View<'_>, new_id: &str) -> Option<Vec<DocumentChange>> {
    let old_id = view.integration()?.id.as_str();
    let is_new = old_id != new_id && IntegrationId::new(new_id).is_some();
    let changes = if is_new {
        follow(view, old_id, new_id)
    } else {
        Vec::new()
    };
    (!changes.is_empty()).then_some(changes)
}

/// One edit of several, in the form that the client takes.
pub(crate) fn joined(
    edits: impl Iterator<Item = Vec<DocumentChange>>,
    client: Client,
) -> Option<WorkspaceEdit> {
    let changes: Vec<_> = edits.flatten().collect();
    if changes.is_empty() {
        return None;
    }
    if client.versions_edits {
        return Some(WorkspaceEdit {
            document_changes: Some(changes),
            ..WorkspaceEdit::default()
        });
    }
    let mut by_document: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for change in changes {
        if let DocumentChange::TextDocumentEdit(change) = change {
            let uri = change.text_document.text_document_identifier.uri;
            let edits = change.edits.into_iter().filter_map(|edit| match edit {
                Edit::TextEdit(edit) => Some(edit),
                _ => None,
            });
            by_document.entry(uri).or_default().extend(edits);
        }
    }
    Some(WorkspaceEdit {
        changes: Some(by_document),
        ..WorkspaceEdit::default()
    })
}

/// The file that an edit renames: its old path and its new one.
pub(crate) fn renamed_file(edit: &WorkspaceEdit) -> Option<(PathBuf, PathBuf)> {
    let mut changes = edit.document_changes.iter().flatten();
    changes.find_map(|change| match change {
        DocumentChange::RenameFile(file) => {
            Some((address::path(&file.old_uri), address::path(&file.new_uri)))
        }
        _ => None,
    })
}

/// Writes a new id wherever the old one stands.
fn follow(view: &View<'_>, old_id: &str, new_id: &str) -> Vec<DocumentChange> {
    view.beside()
        .filter_map(|(document, integration)| {
            let named = mentions(document, integration);
            let edits: Vec<_> = named
                .into_iter()
                .filter(|mention| mention.id == old_id)
                .map(|mention| TextEdit {
                    range: document.range(mention.span, view.client.encoding),
                    new_text: new_id.to_owned(),
                })
                .collect();
            (!edits.is_empty()).then(|| change(document, edits))
        })
        .collect()
}

/// Changes of one document, tied to the version the client has.
pub(crate) fn change(document: &Document, edits: Vec<TextEdit>) -> DocumentChange {
    DocumentChange::TextDocumentEdit(TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier {
            version: document.version,
            text_document_identifier: TextDocumentIdentifier {
                uri: document.uri.clone(),
            },
        },
        edits: edits.into_iter().map(Edit::TextEdit).collect(),
    })
}

/// Changes of one document in the form that the client takes.
pub(crate) fn edit(view: &View<'_>, edits: Vec<TextEdit>) -> WorkspaceEdit {
    if view.client.versions_edits {
        return WorkspaceEdit {
            document_changes: Some(vec![change(view.document, edits)]),
            ..WorkspaceEdit::default()
        };
    }
    WorkspaceEdit {
        changes: Some(HashMap::from([(view.document.uri.clone(), edits)])),
        ..WorkspaceEdit::default()
    }
}
