//! Sets a cell of a table.

use unicode_width::UnicodeWidthStr as _;
use wharf_diag::{Edit, Span};

use super::body::{blocks, changed_once, said, sections, ways_to_write};
use super::{Error, Place, edit, first_that, line_end, line_ending, line_start};
use crate::format::split_row;
use crate::raw::{Block, Row, Section, Table, Text, same_name, tables};

pub(super) fn set(
    text: &str,
    place: Place<'_>,
    row: &str,
    column: &str,
    value: &str,
) -> Result<Option<Edit>, Error> {
    let before = sections(text);
    let blocks = blocks(&before, place)?;
    let (table, index) = table_with(&blocks, column).ok_or(Error::NoPlace)?;
    // A row that was given its new name before is no longer found by the old one.
    if index == 0 && row_of(table, row).is_none() && is_set(&before, place, value, column, value) {
        return Ok(None);
    }
    let old = said(&before);
    let (edits, removed, added) = match row_of(table, row) {
        Some(found)
            if found
                .cells
                .get(index)
                .is_some_and(|cell| cell.as_str() == value) =>
        {
            return Ok(None);
        }
        Some(found) => (replacing(text, found, index, value), 1, 1),
        None => (
            adding(text, table, row, (index, value))?,
            0,
            table.header.len() + 1,
        ),
    };
    // Where the first cell is set, the row is found by its new name afterwards.
    let name = if index == 0 { value } else { row };
    let edit = first_that(text, edits, |text| {
        let after = sections(text);
        is_set(&after, place, name, column, value)
            && changed_once(&old, &said(&after), removed, added)
    })?;
    Ok(Some(edit))
}

fn is_set(sections: &[Section], place: Place<'_>, row: &str, column: &str, value: &str) -> bool {
    let blocks = blocks(sections, place).unwrap_or_default();
    let found = table_with(&blocks, column).and_then(|(table, index)| {
        let cell = row_of(table, row)?.cells.get(index)?;
        Some(cell.as_str() == value)
    });
    found == Some(true)
}

fn table_with<'a>(blocks: &[&'a Block], column: &str) -> Option<(&'a Table, usize)> {
    tables(blocks.iter().copied()).find_map(|table| {
        let mut header = table.header.iter();
        let index = header.position(|cell| same_name(cell.as_str(), column))?;
        Some((table, index))
    })
}

fn row_of<'a>(table: &'a Table, name: &str) -> Option<&'a Row> {
    table.rows.iter().find(|row| {
        let first = row.cells.first();
        first.is_some_and(|cell| same_name(cell.as_str(), name))
    })
}

fn replacing(text: &str, row: &Row, index: usize, value: &str) -> Vec<Edit> {
    let written = ways_to_write(value, true);
    let line = text.get(row.span.range()).unwrap_or_default();
    let regions = split_row(line);
    let Some(region) = regions.get(index) else {
        // The row is too short.
        let missing = " |".repeat(index - regions.len());
        let open = if line.ends_with('|') && !line.ends_with("\\|") {
            ""
        } else {
            " |"
        };
        let end = Span::at(row.span.end);
        let edits = written.iter().map(|value| {
            let cells = format!("{open}{missing} {value} |");
            edit(end, cells)
        });
        return edits.collect();
    };
    let old = line.get(region.clone()).unwrap_or_default();
    let span = Span::from(region.clone()).shifted(row.span.start);
    let whole = written.iter().map(|value| format!(" {value} "));
    let inner = row.cells.get(index).filter(|cell| !cell.is_empty());
    let inner = inner.map(Text::span).and_then(|cell| {
        let start = cell.start.checked_sub(span.start)?;
        let end = cell.end.checked_sub(span.start)?;
        Some((old.get(..start)?, old.get(end..)?))
    });
    let kept = inner.into_iter().flat_map(|(before, behind)| {
        let written = written.iter();
        written.map(move |value| format!("{before}{value}{behind}"))
    });
    kept.chain(whole)
        .map(|new| edit(span, fitted(&new, old)))
        .collect()
}

/// A cell in the width of the one before, where it fits.
fn fitted(new: &str, old: &str) -> String {
    let content = new.trim_end_matches(' ');
    let least = usize::from(old.is_empty() || old.ends_with(' '));
    let pad = old.width().saturating_sub(content.width()).max(least);
    format!("{content}{}", " ".repeat(pad))
}

fn adding(
    text: &str,
    table: &Table,
    row: &str,
    (index, value): (usize, &str),
) -> Result<Vec<Edit>, Error> {
    let header = table.header.first().ok_or(Error::NoPlace)?;
    let header_start = line_start(text, header.span().start);
    let header_end = line_end(text, header_start);
    let header = text.get(header_start..header_end).unwrap_or_default();
    let body = table.span.start.clamp(header_start, header_end) - header_start;
    let widths: Vec<_> = split_row(&header[body..])
        .into_iter()
        .map(|cell| header[body..].get(cell).unwrap_or_default().width())
        .collect();
    // Without rows, the line of dashes is the last.
    let last = table.rows.last().map_or_else(
        || line_end(text, text.len().min(header_end + 1)),
        |row| line_end(text, row.span.end),
    );
    let last = if table.rows.is_empty() && text[header_end..].starts_with("\r\n") {
        line_end(text, text.len().min(header_end + 2))
    } else {
        last
    };
    let last_start = line_start(text, last);
    let last_line = text.get(last_start..last).unwrap_or_default();
    let indent = last_line.len() - last_line.trim_start_matches([' ', '\t', '>']).len();
    let prefix = &last_line[..indent];
    let eol = line_ending(text);
    let names = ways_to_write(row, true);
    let values = ways_to_write(value, true);
    let pairs = names
        .iter()
        .flat_map(|name| values.iter().map(move |value| (name, value)));
    let edits = pairs.map(|(name, value)| {
        let mut line = format!("{eol}{prefix}|");
        for (column, width) in widths.iter().enumerate().take(table.header.len()) {
            let cell = match column {
                at if at == index => value.as_str(),
                0 => name.as_str(),
                _ => "",
            };
            line += &fitted(&format!(" {cell}"), &" ".repeat(*width));
            line.push('|');
        }
        edit(Span::at(last), line)
    });
    Ok(edits.collect())
}
