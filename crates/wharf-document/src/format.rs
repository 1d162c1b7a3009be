//! The canonical layout of a document: aligned tables and frontmatter keys in their order.
//!
//! Prose, lists and code blocks stay as they are. A change that would be read as anything else
//! than before is not made: the result is read again and compared, event by event.

mod frontmatter;
mod table;

use pulldown_cmark::{Event, Parser, Tag, TextMergeStream};
use wharf_diag::Edit;

use crate::raw::frontmatter::bounds;
use crate::raw::markdown::DIALECT;
use crate::raw::marks::as_markdown;

pub(crate) use frontmatter::{Content, Entry, Read, entries_of, rank, read};
pub(crate) use table::split_row;

/// Most times that a table is left out because it would be read in another way.
const MOST_RETRIES: usize = 8;

/// The edits that give a text its canonical layout, in order and without overlap.
///
/// Tables are aligned by the width that a terminal or an editor shows. Frontmatter keys come in
/// the order of the template, unknown ones behind; comments stay with their key. Broken YAML is
/// left alone. Formatting the result again gives no edit.
pub fn format(text: &str) -> Vec<Edit> {
    let mut edits: Vec<_> = frontmatter::ordered(text).into_iter().collect();
    edits.extend(aligned(text));
    edits
}

/// A text with its edits made. They must be in order; one that overlaps the one before it, or
/// does not fit the text, is passed over.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let fits = edit.span.start >= at && text.get(edit.span.range()).is_some();
        if let Some(kept) = text.get(at..edit.span.start).filter(|_| fits) {
            result.push_str(kept);
            result.push_str(&edit.replacement);
            at = edit.span.end;
        }
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// The edits that align the tables of a text.
fn aligned(text: &str) -> Vec<Edit> {
    let body_start = bounds(text).map_or(0, |bounds| bounds.whole.end);
    let mut tables: Vec<_> = table::find(text, body_start)
        .iter()
        .map(|found| table::align(text, found))
        .collect();
    for _ in 0..MOST_RETRIES {
        let edits: Vec<_> = tables.iter().flatten().cloned().collect();
        if edits.is_empty() {
            return edits;
        }
        let after = apply(text, &edits);
        let body = |text| str::get(text, body_start..).unwrap_or_default();
        let Some(differs) = first_table_read_otherwise(body(text), body(&after)) else {
            return edits;
        };
        match tables.get_mut(differs) {
            Some(table) => table.clear(),
            None => break,
        }
    }
    Vec::new()
}

/// Index of the table at or before the first difference in what two bodies say.
fn first_table_read_otherwise(before: &str, after: &str) -> Option<usize> {
    let (before, after) = (as_markdown(before), as_markdown(after));
    let events = |text| TextMergeStream::new(Parser::new_ext(text, DIALECT));
    let (mut before, mut after) = (events(&before), events(&after));
    let mut tables = 0_usize;
    loop {
        let (left, right) = (before.next(), after.next());
        if matches!(left, Some(Event::Start(Tag::Table(_)))) {
            tables += 1;
        }
        if left != right {
            return Some(tables.saturating_sub(1));
        }
        left.as_ref()?;
    }
}

#[cfg(test)]
mod tests;
