//! Columns of tables: the cells below a heading that names a secret.

use std::ops::Range;

/// Longest start of a line that is looked at to tell which column a heading is in.
const MOST_LINE: usize = 512;
/// Longest end of a row with headings, and longest delimiter row.
const MOST_ROW: usize = 4_096;

/// The heading of a column.
pub(super) struct Heading {
    /// Where its line starts.
    pub(super) line: usize,
    column: usize,
    /// Where the first row below the delimiter row starts.
    rows: usize,
}

/// The heading that stands at `at`, when it is one: in a row that a delimiter row follows.
pub(super) fn heading(text: &str, at: usize) -> Option<Heading> {
    let bytes = text.as_bytes();
    let first = at.saturating_sub(MOST_LINE);
    let line = match memchr::memrchr(b'\n', &bytes[first..at]) {
        Some(offset) => first + offset + 1,
        None if first == 0 => 0,
        None => return None,
    };
    let before = bytes[line..at].trim_ascii_start();
    if before.first() != Some(&b'|') {
        return None;
    }
    let next = short_line_end(bytes, at)? + 1;
    let rows = short_line_end(bytes, next)? + 1;
    let delimiter = bytes[next..rows].trim_ascii();
    let is_delimiter = delimiter.starts_with(b"|")
        && delimiter.contains(&b'-')
        && delimiter.iter().all(|byte| b"|-: \t".contains(byte));
    is_delimiter.then(|| Heading {
        line,
        column: pipes(before).count(),
        rows,
    })
}

/// The cells of a column, each without the space and the marks around it. Empty ones are left out.
pub(super) fn cells(text: &str, heading: &Heading) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let column = heading.column;
    rows(bytes, heading.rows).filter_map(move |row| {
        let mut ends = pipes(&bytes[row.clone()]).skip(column - 1);
        let start = row.start + ends.next()? + 1;
        let end = ends.next().map_or(row.end, |end| row.start + end);
        let cell = inner(text, start..end);
        (!cell.is_empty()).then_some(cell)
    })
}

/// Where the table below a heading ends.
pub(super) fn end(text: &str, heading: &Heading) -> usize {
    rows(text.as_bytes(), heading.rows)
        .last()
        .map_or(heading.rows, |row| row.end)
}

fn rows(bytes: &[u8], mut at: usize) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let end = line_end(bytes, at).unwrap_or(bytes.len());
        let row = at..end;
        at = (end + 1).min(bytes.len());
        let is_row = bytes[row.clone()].trim_ascii_start().first() == Some(&b'|');
        is_row.then_some(row)
    })
}

/// A cell without space, code marks and emphasis around it.
fn inner(text: &str, cell: Range<usize>) -> Range<usize> {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '`' | '*' | '"' | '\'');
    let whole = &text[cell.clone()];
    let front = whole.len() - whole.trim_start_matches(is_mark).len();
    let length = whole.trim_matches(is_mark).len();
    cell.start + front..cell.start + front + length
}

/// Where the pipes of a row are that no backslash stands before.
fn pipes(row: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(b'|', row).filter(|at| *at == 0 || row[at - 1] != b'\\')
}

fn short_line_end(bytes: &[u8], at: usize) -> Option<usize> {
    line_end(&bytes[..bytes.len().min(at + MOST_ROW)], at)
}

fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    memchr::memchr(b'\n', bytes.get(at..)?).map(|offset| at + offset)
}

#[cfg(test)]
mod tests;
