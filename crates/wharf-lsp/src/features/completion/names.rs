//! Names of keys, headings, columns and settings that are not there yet.

use gen_lsp_types::CompletionItemKind as Kind;
use wharf_document::vocabulary::{self, Part, Word};

use super::{Offer, values};
use crate::layout::Under;
use crate::place::{Place, Slot, item_start, line_of};
use crate::view::View;

pub(super) fn at(view: &View<'_>, place: &Place<'_>, offset: usize) -> Vec<Offer> {
    match &place.slot {
        Slot::FrontmatterKey => frontmatter(view, place),
        Slot::Heading { level } => headings(view, place.under, *level, place),
        Slot::ItemKey => items(view, place),
        Slot::ColumnHeading { others } => columns(place.under, others),
        Slot::YamlKey { parent, block } => yaml(view, place, *parent, block),
        Slot::JsonKey { quoted, block } => settings(view, place, *quoted, block),
        Slot::AssignmentName { block } => assignments(view, place, block),
        Slot::Blank => blank(view, place, offset),
        _ => Vec::new(),
    }
}

fn part_of(under: Under<'_>) -> Option<&'static Part> {
    vocabulary::part(vocabulary::section(under.section?)?, under.part)
}

/// Words that are not there yet, or are the one that is being written.
fn missing<'a>(
    words: &'static [Word],
    mut is_there: impl FnMut(&str) -> bool + 'a,
) -> impl Iterator<Item = &'static Word> + 'a {
    words.iter().filter(move |word| !is_there(word.name))
}

fn frontmatter(view: &View<'_>, place: &Place<'_>) -> Vec<Offer> {
    let text = view.text();
    let Some(yaml) = view.layout().frontmatter else {
        return Vec::new();
    };
    let block = &text[yaml.range()];
    let here = text[place.word.range()].trim();
    let has_colon = is_followed_by(view, place, ':');
    let is_there = |name: &str| name != here && has_key(block, name);
    missing(&vocabulary::FRONTMATTER, is_there)
        .map(|word| {
            let offer = Offer::word(word, Kind::Property);
            if has_colon {
                offer
            } else {
                offer.writes(format!("{}: ", word.name))
            }
        })
        .collect()
}

/// Whether a sign stands behind the word at a place, markup aside.
fn is_followed_by(view: &View<'_>, place: &Place<'_>, sign: char) -> bool {
    let behind = &view.text()[place.word.end..];
    behind.trim_start_matches(['*', ' ']).starts_with(sign)
}

/// Whether a line of a block starts with a key.
fn has_key(block: &str, name: &str) -> bool {
    block.lines().any(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with([':', '=']))
    })
}

/// Sections, or parts of a section, that have no heading yet.
fn headings(view: &View<'_>, under: Under<'_>, level: u8, place: &Place<'_>) -> Vec<Offer> {
    let text = view.text();
    let headings = view.layout().headings.iter();
    if level == 2 {
        let there: Vec<_> = headings
            .filter(|heading| heading.level == 2 && heading.name.start != place.word.start)
            .map(|heading| &text[heading.name.range()])
            .collect();
        return vocabulary::SECTIONS
            .iter()
            .filter(|section| !there.iter().any(|name| same(name, section.name)))
            .map(|section| Offer::new(section.name, Kind::Module).about(section.about))
            .collect();
    }
    let Some(section) = under.section.and_then(vocabulary::section) else {
        return Vec::new();
    };
    let there: Vec<_> = headings
        .filter(|heading| heading.level == 3 && heading.name.start != place.word.start)
        .filter(|heading| {
            let holder = view.layout().under(text, heading.line.start).section;
            holder.is_some_and(|holder| same(holder, section.name))
        })
        .map(|heading| &text[heading.name.range()])
        .collect();
    section
        .parts
        .iter()
        .filter(|part| !part.name.is_empty())
        .filter(|part| !there.iter().any(|name| same(name, part.name)))
        .map(|part| Offer::new(part.name, Kind::Class).about(part.about))
        .collect()
}

/// Keys of the list that holds the place. Lists of other things get what they hold.
fn items(view: &View<'_>, place: &Place<'_>) -> Vec<Offer> {
    let has_colon = is_followed_by(view, place, ':');
    let mut offers: Vec<_> = part_of(place.under)
        .map(|part| keys(view, place, part))
        .unwrap_or_default()
        .into_iter()
        .map(|word| {
            let offer = Offer::word(word, Kind::Property);
            if has_colon {
                offer
            } else {
                offer.writes(format!("{}: ", word.name))
            }
        })
        .collect();
    offers.extend(values::items(view, place));
    offers
}

/// Keys of a part's list that may be written at a place.
fn keys(view: &View<'_>, place: &Place<'_>, part: &'static Part) -> Vec<&'static Word> {
    let text = view.text();
    let here = text[place.word.range()].trim();
    let there: Vec<_> = written_keys(view, place);
    missing(part.keys, |name| {
        let may_repeat =
            matches!(name, "Header" | "Query" | "Overage") && part.name != "Verification";
        !may_repeat && !same(name, here) && there.iter().any(|key| same(key, name))
    })
    .collect()
}

/// Keys of the items around a place, up to the next heading on both sides.
fn written_keys<'a>(view: &View<'a>, place: &Place<'_>) -> Vec<&'a str> {
    let text = view.text();
    let headings = &view.layout().headings;
    let at = place.word.start;
    let start = headings.iter().rfind(|heading| heading.line.end < at);
    let end = headings.iter().find(|heading| heading.line.start > at);
    let start = start.map_or(0, |heading| heading.line.end);
    let end = end.map_or(text.len(), |heading| heading.line.start);
    let lines = text[start..end.max(start)].lines();
    lines
        .filter_map(|line| {
            let item = &line[item_start(line)?..];
            let (key, _) = item.split_once(':')?;
            Some(key.trim_matches(['*', '_', '`', ' ']))
        })
        .collect()
}

fn columns(under: Under<'_>, others: &[&str]) -> Vec<Offer> {
    let section = under.section.and_then(vocabulary::section);
    // Tables may stand directly below a section, and in groups below API Endpoints.
    let part = part_of(under).or_else(|| vocabulary::part(section?, None));
    let tables = part.map(|part| part.columns).unwrap_or_default();
    let table = tables
        .iter()
        .find(|words| {
            others
                .iter()
                .any(|name| vocabulary::find(words, name).is_some() && is_only(tables, name))
        })
        .or(tables.first());
    let words = table.copied().unwrap_or_default();
    missing(words, |name| others.iter().any(|other| same(other, name)))
        .map(|word| Offer::word(word, Kind::Field))
        .collect()
}

/// Whether one table alone has a column of this name.
fn is_only(tables: &[&'static [Word]], name: &str) -> bool {
    let having = tables
        .iter()
        .filter(|words| vocabulary::find(words, name).is_some());
    having.count() == 1
}

/// Environments at the margin, fields below them.
fn yaml(view: &View<'_>, place: &Place<'_>, parent: Option<&str>, block: &str) -> Vec<Offer> {
    let Some(part) = part_of(place.under) else {
        return Vec::new();
    };
    let Some(("yaml", fields)) = part.block else {
        return Vec::new();
    };
    let text = view.text();
    let here = text[place.word.range()].trim();
    let has_colon = is_followed_by(view, place, ':');
    let write = |name: &str, offer: Offer| {
        if has_colon {
            offer
        } else {
            offer.writes(format!("{name}: "))
        }
    };
    if parent.is_some() {
        let entry = entry_around(view, place);
        return missing(fields, |name| name != here && has_key(&entry, name))
            .map(|word| write(word.name, Offer::word(word, Kind::Property)))
            .collect();
    }
    values::environments(view)
        .into_iter()
        .filter(|name| *name == here || !has_key(block, name))
        .map(|name| {
            let offer = Offer::new(name.clone(), Kind::EnumMember)
                .about("The credential of this environment.");
            write(&name, offer)
        })
        .collect()
}

/// The lines of the entry that holds a place, without their indentation.
fn entry_around(view: &View<'_>, place: &Place<'_>) -> String {
    let text = view.text();
    let Some(fence) = view.layout().fence_at(place.word.start) else {
        return String::new();
    };
    let is_margin = |line: &str| !line.is_empty() && !line.starts_with([' ', '\t', '#']);
    let start = line_of(text, place.word.start).start.max(fence.body.start);
    let above = text[fence.body.start..start].lines().rev();
    let above = above.take_while(|line| !is_margin(line));
    let below = text[start..fence.body.end.max(start)].lines();
    let below = below.skip(1).take_while(|line| !is_margin(line));
    above
        .chain(below)
        .map(|line| format!("{}\n", line.trim()))
        .collect()
}

fn settings(view: &View<'_>, place: &Place<'_>, quoted: bool, block: &str) -> Vec<Offer> {
    let here = view.text()[place.word.range()].trim();
    let part = part_of(place.under);
    let Some(("json", words)) = part.and_then(|part| part.block) else {
        return Vec::new();
    };
    missing(words, |name| {
        name != here && block.contains(&format!("\"{name}\""))
    })
    .map(|word| {
        let offer = Offer::word(word, Kind::Property);
        if quoted {
            offer
        } else {
            offer.writes(format!("\"{}\": ", word.name))
        }
    })
    .collect()
}

fn assignments(view: &View<'_>, place: &Place<'_>, block: &str) -> Vec<Offer> {
    let here = view.text()[place.word.range()].trim();
    let has_sign = is_followed_by(view, place, '=');
    let part = part_of(place.under);
    let Some(("python", words)) = part.and_then(|part| part.block) else {
        return Vec::new();
    };
    missing(words, |name| name != here && has_key(block, name))
        .map(|word| {
            let offer = Offer::word(word, Kind::Variable);
            if has_sign {
                offer
            } else {
                offer.writes(format!("{} = ", word.name))
            }
        })
        .collect()
}

/// On an empty line: keys of the part, parts of the section, sections.
fn blank(view: &View<'_>, place: &Place<'_>, offset: usize) -> Vec<Offer> {
    let line = line_of(view.text(), offset);
    let is_margin = line.start == place.word.start;
    let mut offers = Vec::new();
    if let Some(part) = part_of(place.under) {
        let words = keys(view, place, part).into_iter();
        offers
            .extend(words.map(|word| {
                Offer::word(word, Kind::Property).writes(format!("- {}: ", word.name))
            }));
    }
    if !is_margin {
        return offers;
    }
    for (level, mark) in [(3, "###"), (2, "##")] {
        let headings = headings(view, place.under, level, place);
        offers.extend(headings.into_iter().map(|offer| {
            let text = format!("{mark} {}", offer.name);
            offer.writes(text)
        }));
    }
    offers
}

/// Whether two names are one but for case and spaces at their ends.
fn same(left: &str, right: &str) -> bool {
    left.trim().eq_ignore_ascii_case(right.trim())
}
