//! Contacts, Notes and the Review Checklist: what people read.

use super::context::{Context, spanned};
use super::list;
use crate::findings::not_filled_in::Need;
use crate::model::{Contact, Contacts, Note, Notes, ReviewItem, ReviewQuestion};
use crate::raw::{Section, same_name};

const CONTACT_PARTS: [&str; 2] = ["Internal", "Vendor"];

/// Keys of both lists of contacts.
const KNOWN: [&str; 6] = [
    "Owner",
    "Technical",
    "Business",
    "Support",
    "Account Manager",
    "Emergency",
];

const NOTE_PARTS: [&str; 2] = ["Known Issues", "Tips"];

pub(super) fn contacts(context: &mut Context<'_>, section: &Section) -> Contacts {
    let [internal, vendor] = CONTACT_PARTS.map(|part| {
        let blocks = list::blocks(section, part, false);
        // What is said of a person may stand in several items below the key.
        let keys = list::Keys {
            listed: &KNOWN,
            ..list::Keys::once(&KNOWN)
        };
        let entries = list::entries(context, &blocks, keys);
        entries
            .iter()
            .map(|entry| Contact {
                role: spanned(&entry.key),
                value: context.text(&entry.value, &entry.what(), Need::Read),
            })
            .collect()
    });
    Contacts { internal, vendor }
}

pub(super) fn notes(context: &mut Context<'_>, section: &Section) -> Notes {
    let [known_issues, tips] = NOTE_PARTS.map(|part| {
        let blocks = list::blocks(section, part, false);
        let items = list::lines(&blocks, &[]);
        items
            .into_iter()
            .map(|item| match item.text.split_key() {
                Some((topic, text)) => Note {
                    text: context.text(&text, &format!("`{}`", topic.as_str()), Need::Read),
                    topic: Some(spanned(&topic)),
                },
                None => Note {
                    topic: None,
                    text: context.text(&item.text, "the note", Need::Read),
                },
            })
            .collect()
    });
    Notes { known_issues, tips }
}

pub(super) fn review(section: &Section) -> Vec<ReviewItem> {
    let blocks: Vec<_> = section
        .blocks
        .iter()
        .chain(section.parts.iter().flat_map(|part| &part.blocks))
        .collect();
    list::lines(&blocks, &[])
        .into_iter()
        .map(|item| {
            let task = list::task(&item.text);
            let plain = |text: &str| text.trim_end_matches(['?', '.']).to_owned();
            let question = ReviewQuestion::ALL
                .iter()
                .find(|(_, words)| same_name(&plain(words), &plain(&task.text.value)));
            ReviewItem {
                question: question.map(|(question, _)| *question),
                task,
            }
        })
        .collect()
}
