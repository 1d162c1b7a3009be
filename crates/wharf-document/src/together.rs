//! What can only be said about documents side by side: ids, fallbacks, paths and handlers.

mod face;
mod named;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use wharf_diag::{Diagnostic, SourceText, Span};

use crate::findings::id_not_valid;
use crate::model::{Integration, IntegrationId};
use crate::raw::document_place;

pub use face::Face;
pub(crate) use named::{Sent, fallback, named, sent};

/// Longest chain of fallbacks that is followed.
pub(crate) const LONGEST_CHAIN: usize = 64;

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
    pub(crate) documents: Vec<&'a Integration>,
    by_id: HashMap<&'a IntegrationId, &'a Integration>,
    /// Places in `documents` in the order of ids, each id once. Made when somebody first asks:
    /// few indexes are ever asked.
    in_order: OnceLock<Vec<usize>>,
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
            in_order: OnceLock::new(),
            documents,
        };
        for integration in index.documents.iter().copied() {
            index.by_id.entry(&integration.id).or_insert(integration);
            for sent in sent(integration) {
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

    /// All ids, each once, in their order.
    pub fn ids(&self) -> impl Iterator<Item = &'a IntegrationId> {
        let id = |place: usize| &self.documents[place].id;
        let in_order = self.in_order.get_or_init(|| {
            let mut places: Vec<_> = (0..self.documents.len()).collect();
            places.sort_unstable_by_key(|place| id(*place));
            places.dedup_by_key(|place| id(*place));
            places
        });
        in_order.iter().map(move |place| id(*place))
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
}

#[cfg(test)]
mod tests;
