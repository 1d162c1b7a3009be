//! What can only be said about documents side by side: ids, fallbacks, paths and handlers.

mod face;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText, Span, Spanned};

use crate::checks::credential_two_hosts::Sent;
use crate::checks::{
    credential_outside, credential_two_hosts, fallback_cycle, fallback_gap, handler_unknown,
    id_not_valid, id_twice, id_unknown, operation_unknown, webhook_path_twice,
};
use crate::lower::document_place;
use crate::model::{Fallback, Integration, IntegrationId};

pub use face::Face;

/// Longest id that is made from a name that is none.
const LONGEST_MADE_ID: usize = 64;

/// What a workspace has besides its documents.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Names of the handlers that the settings give an address. `None`: the settings have no
    /// such table, and handlers are not looked up.
    pub handlers: Option<Vec<String>>,
    /// Folders that credential files may come from besides the workspace. `None`: the settings
    /// list none, and every file is read.
    pub secret_folders: Option<Vec<String>>,
}

/// The id of a document, from the stem of its file.
///
/// A stem that cannot be an id gives the nearest one that can, and a finding.
pub fn identify(stem: &str, source: &Arc<SourceText>) -> (Option<IntegrationId>, Vec<Diagnostic>) {
    if let Some(id) = IntegrationId::new(stem) {
        return (Some(id), Vec::new());
    }
    let made: String = stem
        .to_lowercase()
        .chars()
        .fold(String::new(), in_ascii)
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
        .trim_start_matches(['_', '.', '-'])
        .chars()
        .take(LONGEST_MADE_ID)
        .collect();
    let reserved = IntegrationId::why_reserved(&made);
    let made = match reserved {
        Some(_) => IntegrationId::beside_reserved(&made),
        None => made,
    };
    let id = IntegrationId::new(&made).or_else(|| IntegrationId::new("document"));
    let used = id.as_ref().map_or("document", IntegrationId::as_str);
    let place = document_place(source);
    let diagnostic = id_not_valid::new(source, place, stem, used, reserved.as_deref());
    (id, vec![diagnostic])
}

/// Adds a letter as people write it where they have only ASCII: `ü` is `ue`, `é` is `e`.
fn in_ascii(mut text: String, letter: char) -> String {
    text.push_str(match letter {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à'..='ã' => "a",
        'å' => "aa",
        'ç' => "c",
        'è'..='ë' => "e",
        'ì'..='ï' => "i",
        'ñ' => "n",
        'ò'..='õ' => "o",
        'ù'..='û' => "u",
        'ý' | 'ÿ' => "y",
        other => {
            text.push(other);
            return text;
        }
    });
    text
}

/// The documents of a workspace, found by what they name.
#[derive(Debug, Default)]
pub struct Index<'a> {
    documents: Vec<&'a Integration>,
    by_id: HashMap<&'a IntegrationId, &'a Integration>,
    /// Which document receives webhooks at a path, and where it says so.
    receivers: HashMap<&'a str, (&'a Integration, Span)>,
    /// Which document sends a credential somewhere first.
    senders: HashMap<(&'static str, Cow<'a, str>), (&'a Integration, Sent<'a>)>,
}

impl<'a> Index<'a> {
    /// Indexes documents. Of two that claim the same id or path, the first has it.
    pub fn new(integrations: impl IntoIterator<Item = &'a Integration>) -> Self {
        let documents: Vec<_> = integrations.into_iter().collect();
        // A keystroke in an editor builds one of thousands of documents: grown, it costs twice.
        let mut index = Self {
            by_id: HashMap::with_capacity(documents.len()),
            receivers: HashMap::with_capacity(documents.len()),
            senders: HashMap::with_capacity(documents.len()),
            documents,
        };
        for integration in index.documents.iter().copied() {
            index.by_id.entry(&integration.id).or_insert(integration);
            for sent in credential_two_hosts::sent(integration) {
                let sender = index.senders.entry(sent.credential.clone());
                sender.or_insert((integration, sent));
            }
            for row in &integration.webhooks.incoming {
                if let Some(endpoint) = &row.endpoint {
                    let receiver = (integration, endpoint.span);
                    index.receivers.entry(&endpoint.value).or_insert(receiver);
                }
            }
        }
        index
    }

    /// The document with an id.
    pub fn get(&self, id: &IntegrationId) -> Option<&'a Integration> {
        self.by_id.get(id).copied()
    }

    /// All ids, in no certain order.
    pub fn ids(&self) -> impl Iterator<Item = &'a IntegrationId> {
        self.by_id.keys().copied()
    }

    /// The document that receives webhooks at a path, and where it says so.
    pub fn receiver(&self, path: &str) -> Option<(&'a Integration, Span)> {
        self.receivers.get(path).copied()
    }

    /// The document that sends a credential somewhere first, and where it says so.
    pub(crate) fn sender(
        &self,
        credential: &(&'static str, Cow<'a, str>),
    ) -> Option<&(&'a Integration, Sent<'a>)> {
        self.senders.get(credential)
    }

    /// What is wrong with one document among the others. What is read of the others has to be in
    /// their [`Face`].
    pub fn check(&self, integration: &Integration, around: &Surroundings) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        if let Some(first) = self.get(&integration.id)
            && !std::ptr::eq(first, integration)
        {
            diagnostics.push(id_twice::new(
                &integration.source,
                document_place(&integration.source),
                (&first.source, document_place(&first.source)),
                integration.id.as_str(),
            ));
        }
        diagnostics.extend(id_unknown::check(integration, self));
        diagnostics.extend(fallback_cycle::check(integration, self));
        diagnostics.extend(fallback_gap::check(integration, self));
        diagnostics.extend(webhook_path_twice::check(integration, self));
        diagnostics.extend(operation_unknown::check(integration, self));
        diagnostics.extend(credential_two_hosts::check(integration, self));
        let folders = around.secret_folders.as_deref();
        diagnostics.extend(credential_outside::check(integration, folders));
        if let Some(handlers) = &around.handlers {
            diagnostics.extend(handler_unknown::check(integration, handlers));
        }
        diagnostics
    }
}

/// Findings about documents that only show side by side.
pub fn check_together<'a>(
    integrations: impl IntoIterator<Item = &'a Integration>,
    around: &Surroundings,
) -> Vec<Diagnostic> {
    let index = Index::new(integrations);
    let documents = index.documents.iter();
    documents
        .flat_map(|integration| index.check(integration, around))
        .collect()
}

/// The integration that a document falls back to, and where it says so.
pub(crate) fn fallback(integration: &Integration) -> Option<Spanned<&IntegrationId>> {
    let fallback = integration.recovery.fallback.as_ref()?;
    match &fallback.value {
        Fallback::Integration { id, .. } => Some(Spanned::new(id, fallback.span)),
        Fallback::Words(_) => None,
    }
}
