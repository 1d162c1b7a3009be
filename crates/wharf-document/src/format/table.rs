//! Tables whose pipes stand below each other.

use std::ops::Range;

use pulldown_cmark::{Alignment, Event, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr as _;
use wharf_diag::{Edit, Span};

use crate::raw::delimiter::is_row_of_dashes;
use crate::raw::markdown::DIALECT;
use crate::raw::marks::as_markdown;

/// Widest column. A wider cell sticks out of its row instead of widening all others.
const WIDEST_COLUMN: usize = 100;

/// A table that would grow to more than this times its size, and some more, is left alone.
const MOST_GROWTH: usize = 8;

/// White space that Markdown passes over in front of a cell.
const BLANK: [char; 4] = [' ', '\t', '\u{b}', '\u{c}'];

/// A table and where its rows stand.
pub(super) struct Found {
    alignments: Vec<Alignment>,
    /// The header is the first; the line of dashes is none.
    rows: Vec<Span>,
}

/// All tables behind `body_start`, also those inside of lists and quotes.
pub(super) fn find(text: &str, body_start: usize) -> Vec<Found> {
    let body = text.get(body_start..).unwrap_or_default();
    let mut found = Vec::new();
    let mut open: Option<Found> = None;
    let read = as_markdown(body);
    for (event, range) in Parser::new_ext(&read, DIALECT).into_offset_iter() {
        match event {
            Event::Start(Tag::Table(alignments)) => {
                let rows = Vec::new();
                open = Some(Found { alignments, rows });
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                if let Some(table) = &mut open {
                    let row = Span::from(range).shifted(body_start);
                    table.rows.push(content(text, row));
                }
            }
            Event::End(TagEnd::Table) => found.extend(open.take()),
            _ => {}
        }
    }
    found
}

/// The edits that align a table, one for each line that changes.
///
/// What stands before a row on its line, and its line ending, stay. So does a row without a pipe:
/// it may be the end of something that the page's own program reads, such as `:::`.
pub(super) fn align(text: &str, table: &Found) -> Vec<Edit> {
    let Some(delimiter) = delimiter(text, table) else {
        return Vec::new();
    };
    let line_of = |row: &Span| text.get(row.range()).unwrap_or_default();
    let (header, rest) = table.rows.split_at(table.rows.len().min(1));
    let piped = rest.iter().filter(|row| line_of(row).contains('|'));
    let places: Vec<Span> = header.iter().chain(piped).copied().collect();
    let rows: Vec<Vec<&str>> = places.iter().map(|row| cells(line_of(row))).collect();
    let columns = table.alignments.len();
    let mut widths = vec![1; columns];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = shown(cell).map_or(*width, |of| of.max(*width));
        }
    }
    if grows_too_much(table, &widths) {
        return Vec::new();
    }
    let lines = rows.iter().map(|row| line(row, &table.alignments, &widths));
    let mut new: Vec<_> = places.into_iter().zip(lines).collect();
    let at = new.len().min(1);
    new.insert(at, (delimiter, dashes(&table.alignments, &widths)));
    new.into_iter()
        .filter(|(span, line)| text.get(span.range()) != Some(line.as_str()))
        .map(|(span, replacement)| Edit { span, replacement })
        .collect()
}

/// The ranges of the cells of a row. A pipe behind a backslash is part of its cell, any other
/// ends one, inside of a code span too.
pub(crate) fn split_row(row: &str) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = usize::from(row.starts_with('|'));
    let bytes = row.as_bytes();
    let mut pipes = row.match_indices('|').map(|(at, _)| at).peekable();
    if start == 1 {
        pipes.next();
    }
    for pipe in pipes {
        if pipe > 0 && bytes.get(pipe - 1) == Some(&b'\\') {
            continue;
        }
        cells.push(start..pipe);
        start = pipe + 1;
    }
    let rest = row.get(start..).unwrap_or_default();
    if !rest.trim_matches(BLANK).is_empty() {
        cells.push(start..row.len());
    }
    cells
}

fn cells(row: &str) -> Vec<&str> {
    split_row(row)
        .into_iter()
        .map(|cell| row.get(cell).unwrap_or_default().trim_matches([' ', '\t']))
        .collect()
}

/// The width of a cell that takes part in the width of its column.
fn shown(cell: &str) -> Option<usize> {
    // A cell of many bytes is too wide, or shows next to nothing of them.
    let width = (cell.len() <= 16 * WIDEST_COLUMN).then(|| cell.width())?;
    (width <= WIDEST_COLUMN).then_some(width)
}

/// Short rows are filled up, which can make a table of many columns much larger.
fn grows_too_much(table: &Found, widths: &[usize]) -> bool {
    let old: usize = table.rows.iter().map(|row| row.len()).sum();
    let line: usize = widths.iter().map(|width| width + 3).sum();
    let new = line.saturating_mul(table.rows.len() + 1);
    new > old.saturating_mul(MOST_GROWTH).saturating_add(4_096)
}

fn line(row: &[&str], alignments: &[Alignment], widths: &[usize]) -> String {
    let mut line = String::from("|");
    for (index, (alignment, width)) in alignments.iter().zip(widths).enumerate() {
        let cell = row.get(index).copied().unwrap_or_default();
        let pad = width.saturating_sub(shown(cell).unwrap_or(usize::MAX));
        let before = match alignment {
            Alignment::None | Alignment::Left => 0,
            Alignment::Center => pad / 2,
            Alignment::Right => pad,
        };
        line.push(' ');
        line.push_str(&" ".repeat(before));
        line.push_str(cell);
        line.push_str(&" ".repeat(pad - before));
        line.push_str(" |");
    }
    let more = row.get(widths.len()..).unwrap_or_default();
    for (index, cell) in more.iter().enumerate() {
        line.push(' ');
        line.push_str(cell);
        // A comment behind the row is no cell.
        if index + 1 < more.len() || !cell.ends_with("-->") {
            line.push_str(" |");
        }
    }
    line
}

fn dashes(alignments: &[Alignment], widths: &[usize]) -> String {
    let mut line = String::from("|");
    for (alignment, width) in alignments.iter().zip(widths) {
        let (start, end) = match alignment {
            Alignment::None => ("", ""),
            Alignment::Left => (":", ""),
            Alignment::Center => (":", ":"),
            Alignment::Right => ("", ":"),
        };
        line.push_str(start);
        line.push_str(&"-".repeat(width + 2 - start.len() - end.len()));
        line.push_str(end);
        line.push('|');
    }
    line
}

/// Where the line of dashes stands, without indentation and marks of quotes.
fn delimiter(text: &str, table: &Found) -> Option<Span> {
    let header = table.rows.first()?;
    let rest = text.get(header.end..)?;
    let newline = rest.find(['\n', '\r'])?;
    let width = if rest[newline..].starts_with("\r\n") {
        2
    } else {
        1
    };
    let start = header.end + newline + width;
    let rest = text.get(start..)?;
    let end = rest
        .find(['\n', '\r'])
        .map_or(text.len(), |end| start + end);
    let line = text.get(start..end)?;
    let marks = line.len() - line.trim_start_matches([' ', '\t', '>']).len();
    let span = content(text, Span::new(start + marks, end));
    text.get(span.range())
        .is_some_and(is_row_of_dashes)
        .then_some(span)
}

/// A row without its line ending. White space behind it is part of it, so that it goes.
fn content(text: &str, row: Span) -> Span {
    let slice = text.get(row.range()).unwrap_or_default();
    let end = slice.find(['\n', '\r']).unwrap_or(slice.len());
    Span::new(row.start, row.start + end)
}
