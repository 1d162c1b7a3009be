//! Sets the value of a list item.

use wharf_diag::{Edit, Span};

use super::body::{blocks, changed_once, said, sections, ways_to_write};
use super::{Error, Place, edit, first_that, line_end, line_ending, line_start};
use crate::raw::{Block, Item, Section, Text, items, same_name};

/// Signs that can stand between a value and the words around it.
const AROUND: [char; 8] = ['*', '_', '`', '~', '[', ']', '(', ')'];

pub(super) fn set(
    text: &str,
    place: Place<'_>,
    key: &str,
    value: &str,
) -> Result<Option<Edit>, Error> {
    let before = sections(text);
    let blocks = blocks(&before, place)?;
    let (edits, removed) = match find(&blocks, key) {
        Some((_, current)) if current.as_str() == value => return Ok(None),
        Some((item, current)) => (replacing(text, item, &current, value), 1),
        None => (adding(text, &blocks, key, value)?, 0),
    };
    let old = said(&before);
    let edit = first_that(text, edits, |text| {
        let after = sections(text);
        is_set(&after, place, key, value) && changed_once(&old, &said(&after), removed, 1)
    })?;
    Ok(Some(edit))
}

fn is_set(sections: &[Section], place: Place<'_>, key: &str, value: &str) -> bool {
    let blocks = blocks(sections, place).unwrap_or_default();
    find(&blocks, key).is_some_and(|(_, found)| found.as_str() == value)
}

/// The first item with a key, and its value.
fn find<'a>(blocks: &[&'a Block], key: &str) -> Option<(&'a Item, Text)> {
    items(blocks.iter().copied()).find_map(|item| {
        let (found, value) = item.text.split_key()?;
        same_name(found.as_str(), key).then_some((item, value))
    })
}

fn replacing(text: &str, item: &Item, current: &Text, value: &str) -> Vec<Edit> {
    let written = ways_to_write(value, false);
    if current.is_empty() {
        let end = widened(text, Span::at(item.text.span().end)).end;
        let edits = written
            .iter()
            .map(|value| edit(Span::at(end), format!(" {value}")));
        return edits.collect();
    }
    let inner = current.span();
    let outer = widened(text, inner);
    [inner, outer]
        .into_iter()
        .flat_map(|span| written.iter().map(move |value| edit(span, value.clone())))
        .collect()
}

/// A span with the marks of emphasis, code and links around it.
fn widened(text: &str, span: Span) -> Span {
    let before = text.get(..span.start).unwrap_or_default();
    let behind = text.get(span.end..).unwrap_or_default();
    let left = before.len() - before.trim_end_matches(AROUND).len();
    let right = behind.len() - behind.trim_start_matches(AROUND).len();
    Span::new(span.start - left, span.end + right)
}

fn adding(text: &str, blocks: &[&Block], key: &str, value: &str) -> Result<Vec<Edit>, Error> {
    let lists = blocks.iter().find_map(|block| match block {
        Block::List(items) => Some(items),
        _ => None,
    });
    let items = lists.ok_or(Error::NoPlace)?;
    let (first, last) = items.first().zip(items.last()).ok_or(Error::NoPlace)?;
    let start = first.text.span().start;
    let lead = text
        .get(line_start(text, start)..start)
        .ok_or(Error::NoPlace)?;
    let mark = lead.find(['-', '*', '+']).ok_or(Error::NoPlace)?;
    let is_indent = lead[..mark].chars().all(|c| matches!(c, ' ' | '\t' | '>'));
    let rest = &lead[mark + 1..];
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    if !is_indent || blank == 0 {
        return Err(Error::NoPlace);
    }
    let prefix = &lead[..=mark + blank];
    let bold = if rest[blank..].starts_with("**") {
        "**"
    } else {
        ""
    };
    let end = Span::at(line_end(text, end_of(last)));
    let eol = line_ending(text);
    let keys = ways_to_write(key, false);
    let values = ways_to_write(value, false);
    let edits = keys.iter().flat_map(|key| {
        values.iter().map(move |value| {
            let line = format!("{eol}{prefix}{bold}{key}{bold}: {value}");
            edit(end, line.trim_end_matches(' '))
        })
    });
    Ok(edits.collect())
}

/// The last place that an item or anything below it covers.
fn end_of(item: &Item) -> usize {
    let children = item.children.iter().map(|block| match block {
        Block::Table(table) => table
            .rows
            .iter()
            .map(|row| row.span.end)
            .fold(table.span.start, usize::max),
        Block::List(items) => items.iter().map(end_of).max().unwrap_or_default(),
        // A fence is inside of the span, the line ending behind it may be.
        Block::Code(code) => code.span.end,
    });
    children.fold(item.text.span().end, usize::max)
}
