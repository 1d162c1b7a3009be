//! Lists of `key: value`, the notation that most parts share.

use wharf_diag::Spanned;

use super::context::{Context, Seen, spanned};
use super::documentation::read_link;
use crate::checks::not_filled_in::Need;
use crate::model::{Link, Task};
use crate::raw::{Block, Item, Section, Text, items, same_name};

/// One item of such a list.
pub(super) struct Entry<'a> {
    pub(super) key: Text,
    pub(super) value: Text,
    pub(super) item: &'a Item,
}

impl Entry<'_> {
    /// The key in lower case, to compare with.
    pub(super) fn name(&self) -> String {
        crate::raw::plain_name(self.key.as_str())
    }

    /// The key as messages show it.
    pub(super) fn what(&self) -> String {
        format!("`{}`", self.key.as_str())
    }
}

/// Blocks of a part; for the main part of a section also what stands under no heading of its own.
pub(super) fn blocks<'a>(section: &'a Section, part: &str, is_main: bool) -> Vec<&'a Block> {
    let mut blocks = section.part(part);
    if is_main {
        blocks.extend(section.loose_blocks());
    }
    blocks
}

/// Items with a key, each key once. `parts` are the names that, as keys, hold a part.
pub(super) fn entries<'a>(
    context: &mut Context<'_>,
    blocks: &[&'a Block],
    parts: &[&str],
    may_repeat: &[&str],
) -> Vec<Entry<'a>> {
    let mut seen = Seen::new();
    let mut entries = Vec::new();
    for item in items(blocks.iter().copied()) {
        let Some((key, value)) = item.text.split_key() else {
            continue;
        };
        let is_part = parts.iter().any(|part| same_name(key.as_str(), part));
        let repeats = may_repeat.iter().any(|name| same_name(key.as_str(), name));
        if is_part || !repeats && !context.is_new(&mut seen, &key, "key") {
            continue;
        }
        entries.push(Entry { key, value, item });
    }
    entries
}

/// Items that are no part's key, as they stand.
pub(super) fn lines<'a>(blocks: &[&'a Block], parts: &[&str]) -> Vec<&'a Item> {
    items(blocks.iter().copied())
        .filter(|item| {
            let key = item.key();
            !key.is_some_and(|key| parts.iter().any(|part| same_name(key.as_str(), part)))
        })
        .filter(|item| !item.text.is_empty())
        .collect()
}

/// Items as texts; placeholders are reported.
pub(super) fn texts(
    context: &mut Context<'_>,
    items: &[&Item],
    what: &str,
) -> Vec<Spanned<String>> {
    items
        .iter()
        .filter_map(|item| context.text(&item.text, what, Need::Read))
        .collect()
}

/// All links of some items, placeholders reported.
pub(super) fn links(context: &mut Context<'_>, items: &[&Item]) -> Vec<Link> {
    let mut links = Vec::new();
    for link in items.iter().flat_map(|item| &item.links) {
        links.push(read_link(context, &link.text, link.target.clone()));
    }
    links
}

/// Splits `[ ]` or `[x]` from a line.
pub(super) fn task(text: &Text) -> Task {
    let value = text.as_str();
    let mark = ["[ ]", "[x]", "[X]"]
        .iter()
        .find(|mark| value.starts_with(**mark));
    let Some(mark) = mark else {
        return Task {
            text: spanned(text),
            done: false,
            mark: wharf_diag::Span::at(text.span().start),
        };
    };
    Task {
        text: spanned(&text.part(mark.len()..value.len()).trimmed()),
        done: !mark.contains(' '),
        mark: text.span_of(0..mark.len()),
    }
}
