//! Completion: the names that belong to the place where somebody types.

mod names;
mod values;

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, Documentation,
    TextEdit,
};
use wharf_document::vocabulary::Word;

use crate::place::Slot;
use crate::view::View;

/// Most names that are offered at once.
const MOST_OFFERED: usize = 1_000;

/// A name that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) name: String,
    /// What is written; the name where it is the same.
    pub(crate) text: Option<String>,
    pub(crate) kind: CompletionItemKind,
    pub(crate) about: String,
}

impl Offer {
    pub(crate) fn new(name: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self {
            name: name.into(),
            text: None,
            kind,
            about: String::new(),
        }
    }

    pub(crate) fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    pub(crate) fn writes(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    fn word(word: &Word, kind: CompletionItemKind) -> Self {
        Self::new(word.name, kind).about(word.about)
    }
}

/// What may be written at an offset. A document that does not say it is one gets nothing.
pub(crate) fn list(view: &View<'_>, offset: usize) -> Option<CompletionList> {
    view.integration()?;
    let place = view.place(offset);
    let mut offers = match &place.slot {
        Slot::FrontmatterKey
        | Slot::Heading { .. }
        | Slot::ItemKey
        | Slot::ColumnHeading { .. }
        | Slot::YamlKey { .. }
        | Slot::JsonKey { .. }
        | Slot::AssignmentName { .. }
        | Slot::Blank => names::at(view, &place, offset),
        Slot::FrontmatterValue { .. }
        | Slot::ItemValue { .. }
        | Slot::Cell { .. }
        | Slot::Info { .. }
        | Slot::YamlValue { .. }
        | Slot::JsonValue { .. }
        | Slot::AssignmentValue { .. } => values::at(view, &place),
        Slot::Other => Vec::new(),
    };
    let is_incomplete = offers.len() > MOST_OFFERED;
    offers.truncate(MOST_OFFERED);
    let range = view.range(place.word);
    let items = offers.into_iter().enumerate().map(|(index, offer)| {
        let text = offer.text.as_ref().unwrap_or(&offer.name).clone();
        CompletionItem {
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range,
                new_text: text,
            })),
            // Editors compare what is written with this.
            filter_text: Some(offer.name.clone()),
            sort_text: Some(format!("{index:04}")),
            kind: Some(offer.kind),
            documentation: (!offer.about.is_empty())
                .then(|| Documentation::String(view.document.masked(offer.about))),
            label: view.document.masked(offer.name),
            ..CompletionItem::default()
        }
    });
    Some(CompletionList {
        is_incomplete,
        items: items.collect(),
        ..CompletionList::default()
    })
}
