//! What a place in a document asks for: a key, a value, a cell, a word behind a fence.

mod code;

use wharf_diag::Span;

use crate::layout::{Layout, Under, lines};

/// A place, with the word that is being written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) under: Under<'a>,
    /// The word around the place; empty where none was begun.
    pub(crate) word: Span,
    pub(crate) slot: Slot<'a>,
}

/// What kind of word belongs to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot<'a> {
    /// A key of the frontmatter.
    FrontmatterKey,
    /// A value of the frontmatter.
    FrontmatterValue { key: &'a str },
    /// The name of a heading.
    Heading { level: u8 },
    /// The words of an item before its colon, or all of it.
    ItemKey,
    /// The words of an item behind its colon.
    ItemValue { key: &'a str },
    /// A cell of a table. `column` is its heading; empty where the table has none.
    Cell { column: &'a str, row: Row<'a> },
    /// A heading of a table, with those that are there.
    ColumnHeading { others: Vec<&'a str> },
    /// A word behind an opening fence, and the words before it.
    Info { before: Vec<&'a str> },
    /// A key in a block of YAML, below another or at the margin.
    YamlKey {
        parent: Option<&'a str>,
        block: &'a str,
    },
    /// A value in a block of YAML.
    YamlValue { key: &'a str },
    /// A key in a block of JSON. `quoted` tells that its quotes are there.
    JsonKey { quoted: bool, block: &'a str },
    /// A value in a block of JSON.
    JsonValue { key: &'a str, quoted: bool },
    /// A name in a block of assignments.
    AssignmentName { block: &'a str },
    /// A value in a block of assignments.
    AssignmentValue { name: &'a str },
    /// An empty line, or a line with one begun word.
    Blank,
    /// Prose, or a block that nothing is known of.
    Other,
}

/// The cells of a row with their headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) cells: Vec<(&'a str, &'a str)>,
}

impl<'a> Row<'a> {
    /// The cell under a heading.
    pub(crate) fn cell(&self, column: &str) -> Option<&'a str> {
        let found = self
            .cells
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(column));
        found.map(|(_, cell)| *cell)
    }
}

/// Finds out what an offset asks for.
pub(crate) fn at<'a>(text: &'a str, layout: &Layout, offset: usize) -> Place<'a> {
    let offset = text.floor_char_boundary(offset);
    if let Some(yaml) = layout.frontmatter
        && yaml.start <= offset
        && offset <= yaml.end
        // The closing line starts where the last line of the block ends.
        && !text[offset..].starts_with("---")
    {
        return frontmatter(text, yaml, offset);
    }
    let under = layout.under(text, offset);
    let line = line_of(text, offset);
    if let Some(fence) = layout.fence_at(offset) {
        if offset < fence.body.start || fence.body.is_empty() && line.start == fence.whole.start {
            return info(text, under, fence.info, fence.whole, offset);
        }
        if fence.body.start <= offset && offset <= fence.body.end {
            return code::at(text, under, fence, offset);
        }
        return place(under, Span::at(offset), Slot::Other);
    }
    let content = &text[line.range()];
    if let Some(heading) = layout.headings.iter().find(|heading| heading.line == line)
        && offset >= heading.name.start
    {
        let level = heading.level;
        return place(
            under_before(layout, text, line.start),
            around(heading.name, offset),
            Slot::Heading { level },
        );
    }
    if content.trim_start().starts_with('|') {
        return cell(text, under, line, offset);
    }
    if let Some(start) = item_start(content) {
        let start = line.start + start;
        if offset >= start {
            return item(text, under, Span::new(start, line.end), offset);
        }
    }
    let word = content.trim();
    if !word.contains(char::is_whitespace) && !word.starts_with(['#', '>', '<', '-', '`', '~']) {
        let start = line.start + content.len() - content.trim_start().len();
        let word = around(Span::new(start, start + word.len()), offset);
        return place(under, word, Slot::Blank);
    }
    place(under, Span::at(offset), Slot::Other)
}

fn place<'a>(under: Under<'a>, word: Span, slot: Slot<'a>) -> Place<'a> {
    Place { under, word, slot }
}

/// What holds a heading: the section before it.
fn under_before<'a>(layout: &Layout, text: &'a str, line_start: usize) -> Under<'a> {
    match line_start.checked_sub(1) {
        Some(before) => layout.under(text, before),
        None => Under::default(),
    }
}

pub(crate) fn line_of(text: &str, offset: usize) -> Span {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at);
    let content = text[start..end].trim_end_matches('\r');
    Span::new(start, start + content.len())
}

/// The stretch around an offset within bounds that holds none of the separators, without white
/// space at its ends unless the offset stands in it. Where only white space stands there, it is empty, at the offset.
pub(crate) fn word_between(text: &str, bounds: Span, offset: usize, separators: &[char]) -> Span {
    let offset = offset.clamp(bounds.start, bounds.end);
    let start = text[bounds.start..offset]
        .rfind(|sign| separators.contains(&sign))
        .map_or(bounds.start, |at| {
            let sign = text[bounds.start + at..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
            bounds.start + at + sign
        });
    let end = text[offset..bounds.end]
        .find(|sign| separators.contains(&sign))
        .map_or(bounds.end, |at| offset + at);
    let stretch = &text[start..end];
    let trimmed = stretch.trim();
    if trimmed.is_empty() {
        return Span::at(offset);
    }
    let start = start + stretch.len() - stretch.trim_start().len();
    around(Span::new(start, start + trimmed.len()), offset)
}

/// A word with a place behind it, where another word of it may follow. Before the word begins
/// something else.
fn around(word: Span, offset: usize) -> Span {
    if offset < word.start {
        return Span::at(offset);
    }
    Span::new(word.start, word.end.max(offset))
}

fn frontmatter(text: &str, yaml: Span, offset: usize) -> Place<'_> {
    let line = line_of(text, offset);
    let content = &text[line.range()];
    let under = Under::default();
    let colon = content
        .find(':')
        .filter(|_| !content.starts_with([' ', '-']));
    if let Some(colon) = colon {
        let key = content[..colon].trim();
        let value = Span::new(line.start + colon + 1, line.end);
        if offset >= value.start {
            let word = word_between(text, value, offset, &['[', ']', ',', '"', '\'']);
            return place(under, word, Slot::FrontmatterValue { key });
        }
        let word = Span::new(line.start, line.start + content[..colon].trim_end().len());
        return place(under, word, Slot::FrontmatterKey);
    }
    if content.starts_with([' ', '-']) && !content.trim().is_empty() {
        // An item of the list under the nearest key above.
        let above = lines(&text[yaml.start..line.start])
            .map(|line| &text[yaml.start..][line.range()])
            .filter(|line| !line.starts_with([' ', '-', '#']))
            .last();
        let key = above
            .and_then(|line| line.split(':').next())
            .unwrap_or_default();
        let word = word_between(text, line, offset, &['-', '"', '\'']);
        // An id may hold a dash, so only the first one is a mark.
        let mark = line.start + content.find('-').map_or(0, |at| at + 1);
        let item = Span::new(mark.min(line.end), line.end);
        let word = if offset >= item.start {
            word_between(text, item, offset, &['"', '\''])
        } else {
            word
        };
        return place(under, word, Slot::FrontmatterValue { key: key.trim() });
    }
    let word = word_between(text, line, offset, &[]);
    place(under, word, Slot::FrontmatterKey)
}

fn info<'a>(text: &'a str, under: Under<'a>, info: Span, whole: Span, offset: usize) -> Place<'a> {
    let ticks = text[whole.start..].trim_start_matches([' ', '\t']);
    let indent = text[whole.start..].len() - ticks.len();
    let marks = ticks.len() - ticks.trim_start_matches(['`', '~']).len();
    let start = (whole.start + indent + marks).min(info.start);
    if offset < start {
        return place(under, Span::at(offset), Slot::Other);
    }
    let word = word_between(
        text,
        Span::new(start, info.end.max(offset)),
        offset,
        &[' ', '\t'],
    );
    let before = text[start..word.start].split_whitespace().collect();
    place(under, word, Slot::Info { before })
}

/// Where the words of a list item start, from the start of its line.
pub(crate) fn item_start(content: &str) -> Option<usize> {
    let trimmed = content.trim_start();
    let indent = content.len() - trimmed.len();
    let mark = if trimmed.starts_with(['-', '*', '+']) {
        1
    } else {
        let digits = trimmed.len()
            - trimmed
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        (digits > 0 && trimmed[digits..].starts_with(['.', ')'])).then_some(digits + 1)?
    };
    let rest = &trimmed[mark..];
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut start = indent + mark + (rest.len() - rest.trim_start().len());
    for task in ["[ ]", "[x]", "[X]"] {
        if let Some(rest) = content[start..].strip_prefix(task) {
            start = content.len() - rest.trim_start().len();
        }
    }
    Some(start)
}

fn item<'a>(text: &'a str, under: Under<'a>, words: Span, offset: usize) -> Place<'a> {
    let content = &text[words.range()];
    let colon = content.match_indices(':').map(|(at, _)| at).find(|at| {
        let behind = content[at + 1..].trim_start_matches("**");
        behind.is_empty() || behind.starts_with([' ', '\t'])
    });
    let Some(colon) = colon else {
        let word = word_between(text, words, offset, &['*', '`']);
        return place(under, word, Slot::ItemKey);
    };
    let key = Span::new(words.start, words.start + colon);
    if offset <= key.end {
        let word = word_between(text, key, offset, &['*', '`']);
        return place(under, word, Slot::ItemKey);
    }
    let key = content[..colon].trim_matches(['*', '_', '`', ' ']);
    let word = word_between(
        text,
        Span::new(words.start + colon + 1, words.end),
        offset,
        &['*', '`', ','],
    );
    place(under, word, Slot::ItemValue { key })
}

fn cell<'a>(text: &'a str, under: Under<'a>, line: Span, offset: usize) -> Place<'a> {
    let cells = cells(text, line);
    let index = cells
        .iter()
        .position(|cell| cell.start <= offset && offset <= cell.end);
    let Some(index) = index else {
        return place(under, Span::at(offset), Slot::Other);
    };
    let header = header(text, line);
    let bounds = cells[index];
    if header == line {
        let word = word_between(text, bounds, offset, &[]);
        let here = text[word.range()].trim();
        let names = cells.iter().map(|cell| text[cell.range()].trim());
        let others = names
            .filter(|name| !name.is_empty() && *name != here)
            .collect();
        return place(under, word, Slot::ColumnHeading { others });
    }
    let headings: Vec<_> = self::cells(text, header)
        .iter()
        .map(|cell| text[cell.range()].trim())
        .collect();
    let column = headings.get(index).copied().unwrap_or_default();
    // A target is an id and an operation; everywhere else words belong together.
    let separators: &[char] = if column.eq_ignore_ascii_case("Target") {
        &['`', ' ']
    } else {
        &['+', ',', '`']
    };
    let word = word_between(text, bounds, offset, separators);
    let row = cells.iter().zip(&headings);
    let row = row.map(|(cell, name)| (*name, text[cell.range()].trim().trim_matches('`')));
    let row = Row {
        cells: row.collect(),
    };
    place(under, word, Slot::Cell { column, row })
}

/// The cells of a row, between its bars.
fn cells(text: &str, line: Span) -> Vec<Span> {
    let content = &text[line.range()];
    let bars: Vec<_> = content
        .match_indices('|')
        .map(|(at, _)| at)
        .filter(|at| !content[..*at].ends_with('\\'))
        .collect();
    // What stands behind the last bar is a cell that is being written.
    let is_open = |at: &&usize| bars.len() == 1 || **at + 1 < content.len();
    let last = bars.last().filter(is_open).map(|_| content.len());
    let ends = bars.iter().skip(1).copied().chain(last);
    bars.iter()
        .zip(ends)
        .map(|(start, end)| Span::new(line.start + start + 1, line.start + end))
        .collect()
}

/// The first line of the table that holds a line.
fn header(text: &str, line: Span) -> Span {
    let mut header = line;
    while let Some(before) = header.start.checked_sub(1) {
        let above = line_of(text, before);
        if !text[above.range()].trim_start().starts_with('|') {
            break;
        }
        header = above;
    }
    header
}

#[cfg(test)]
mod tests;
