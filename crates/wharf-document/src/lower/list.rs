//! Lists of `key: value`, the notation that most parts share.

use wharf_diag::Spanned;

use super::context::{Context, Seen, spanned};
use super::documentation::read_link;
use crate::findings::item_not_read;
use crate::findings::not_filled_in::Need;
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

/// The keys of a list.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    /// Those that are read; a value may stand directly behind the colon of these.
    pub(super) known: &'a [&'static str],
    /// Names that, as keys, hold a part.
    pub(super) parts: &'a [&'static str],
    pub(super) may_repeat: &'a [&'static str],
    /// Those whose value is a list, so that it may stand in items below the key.
    pub(super) listed: &'a [&'static str],
    /// Those whose reader reads what stands below the key.
    pub(super) read_below: &'a [&'static str],
}

impl Keys<'static> {
    /// Keys that each stand once.
    pub(super) const fn once(known: &'static [&'static str]) -> Self {
        Self {
            known,
            parts: &[],
            may_repeat: &[],
            listed: &[],
            read_below: &[],
        }
    }
}

/// Items with a key, each key once.
pub(super) fn entries<'a>(
    context: &mut Context<'_>,
    blocks: &[&'a Block],
    keys: Keys<'_>,
) -> Vec<Entry<'a>> {
    let has = |names: &[&str], key: &Text| names.iter().any(|name| same_name(key.as_str(), name));
    let mut seen = Seen::new();
    let mut entries = Vec::new();
    for item in items(blocks.iter().copied()) {
        let Some((key, value)) = split_item(&item.text, keys.known) else {
            without_colon(context, &item.text, keys.known);
            continue;
        };
        let repeats = has(keys.may_repeat, &key);
        if has(keys.parts, &key) || !repeats && !context.is_new(&mut seen, &key, "key") {
            continue;
        }
        let is_read_below = !has(keys.known, &key) || has(keys.read_below, &key);
        if item.children.is_empty() || is_read_below {
            entries.push(Entry { key, value, item });
            continue;
        }
        let values = values_below(context, &key, &value, item, repeats, has(keys.listed, &key));
        entries.extend(values.into_iter().map(|value| Entry {
            key: key.clone(),
            value,
            item,
        }));
    }
    entries
}

/// Splits an item into its key and its value.
pub(super) fn split_item(text: &Text, known: &[&str]) -> Option<(Text, Text)> {
    text.split_known(known).or_else(|| text.split_key())
}

/// Reports an item that begins with a key and has another sign than a colon behind it.
fn without_colon(context: &mut Context<'_>, text: &Text, known: &[&str]) {
    let written = text.as_str();
    let found = known.iter().find(|key| {
        let start = written.get(..key.len());
        let behind = written.get(key.len()..).unwrap_or_default().trim_start();
        start.is_some_and(|start| start.eq_ignore_ascii_case(key))
            && (behind.is_empty() || behind.starts_with(['=', '-', '–', '—', '|', '→']))
    });
    if let Some(key) = found {
        context.report_at(text.span(), |source, span| {
            item_not_read::without_colon(source, span, key)
        });
    }
}

/// The values of a key with something below it. One item below a key is its value; several are
/// several values where the key may repeat, or parts of one where its value is a list.
fn values_below(
    context: &mut Context<'_>,
    key: &Text,
    value: &Text,
    item: &Item,
    repeats: bool,
    is_list: bool,
) -> Vec<Text> {
    let below: Vec<_> = items(&item.children).collect();
    let is_plain = item.children.len() == 1
        && !below.is_empty()
        && below
            .iter()
            .all(|item| item.children.is_empty() && !item.text.is_empty());
    let texts: Vec<_> = below.iter().map(|item| item.text.clone()).collect();
    match texts.split_first() {
        Some((first, rest)) if is_plain && value.is_empty() => {
            if repeats {
                return texts;
            }
            if is_list || rest.is_empty() {
                let mut all = first.clone();
                for text in rest {
                    all.append(", ", text);
                }
                return vec![all];
            }
        }
        // Remarks on a value.
        _ if !value.is_empty() && !repeats => return vec![value.clone()],
        _ => {}
    }
    let what = format!("`{}`", key.as_str());
    context.report_at(key.span(), |source, span| {
        item_not_read::below(source, span, &what)
    });
    vec![value.clone()]
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
