//! Columns of tables: the cells below a heading that names a secret, in Markdown's tables and in lines
//! of values parted by commas, semicolons or tabs.
//!
//! Sources: GitHub Flavored Markdown, "Tables (extension)"; RFC 4180.

use std::ops::Range;

/// Longest start of a line that is looked at to tell which column a heading is in.
const MOST_LINE: usize = 512;
/// Longest end of a row with headings, and longest delimiter row.
const MOST_ROW: usize = 4_096;

/// The heading of a column.
pub(super) struct Heading {
    /// Where its line starts.
    pub(super) line: usize,
    /// How many marks stand before the cells of the column, without the one that opens a row.
    column: usize,
    /// Where the first row below it starts.
    pub(super) rows: usize,
    mark: Mark,
}

/// What parts the cells of a row.
#[derive(Clone, Copy)]
enum Mark {
    Pipe,
    /// The sign between two values, and how many of them a row has.
    Sign(u8, usize),
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
    let next = short_line_end(bytes, at)? + 1;
    if !bytes[line..next].contains(&b'|') {
        return separated(bytes, line..next - 1, at);
    }
    let rows = short_line_end(bytes, next)? + 1;
    let delimiter = bytes[next..rows].trim_ascii();
    let is_delimiter = delimiter.contains(&b'|')
        && delimiter.contains(&b'-')
        && delimiter.iter().all(|byte| b"|-: \t".contains(byte));
    is_delimiter.then(|| Heading {
        line,
        column: pipes(before).count() - usize::from(before.first() == Some(&b'|')),
        rows,
        mark: Mark::Pipe,
    })
}

/// The heading in a line of names that a sign parts, when the next line has as many values.
fn separated(bytes: &[u8], line: Range<usize>, at: usize) -> Option<Heading> {
    const MOST_NAME: usize = 40;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-()\"\r".contains(byte);
    let is_name = |name: &[u8]| (1..=MOST_NAME).contains(&name.len()) && name.iter().all(is_part);
    let heading = bytes
        .get(line.clone())
        .filter(|line| line.len() <= MOST_LINE)?;
    let sign = *b",;\t".iter().find(|sign| heading.contains(sign))?;
    let count = heading.iter().filter(|byte| **byte == sign).count();
    let rows = line.end + 1;
    let is_heading = heading.split(|byte| *byte == sign).all(is_name)
        && separated_rows(bytes, rows, sign, count).next().is_some();
    is_heading.then(|| Heading {
        line: line.start,
        column: bytes[line.start..at]
            .iter()
            .filter(|byte| **byte == sign)
            .count(),
        rows,
        mark: Mark::Sign(sign, count),
    })
}

/// The cells of a column, each without the space and the marks around it. Empty ones are left out.
pub(super) fn cells(text: &str, heading: &Heading) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let inner = |row: Range<usize>, ends: &mut dyn Iterator<Item = usize>| {
        let start = match heading.column.checked_sub(1) {
            Some(before) => row.start + ends.nth(before)? + 1,
            None => row.start,
        };
        let end = ends.next().map_or(row.end, |end| row.start + end);
        Some(inner(text, start..end)).filter(|cell| !cell.is_empty())
    };
    let rows = rows(bytes, heading);
    rows.filter_map(|row| match heading.mark {
        Mark::Pipe => {
            let space = bytes[row.clone()].len() - bytes[row.clone()].trim_ascii_start().len();
            let is_open = bytes.get(row.start + space) == Some(&b'|');
            let row = row.start + if is_open { space + 1 } else { 0 }..row.end;
            inner(row.clone(), &mut pipes(&bytes[row]))
        }
        Mark::Sign(sign, _) => inner(row.clone(), &mut signs(&bytes[row], sign)),
    })
    .collect()
}

/// Where the table below a heading ends.
pub(super) fn end(text: &str, heading: &Heading) -> usize {
    rows(text.as_bytes(), heading)
        .last()
        .map_or(heading.rows, |row| row.end)
}

fn rows<'a>(bytes: &'a [u8], heading: &Heading) -> Box<dyn Iterator<Item = Range<usize>> + 'a> {
    match heading.mark {
        Mark::Pipe => Box::new(
            lines(bytes, heading.rows).take_while(|row| bytes[row.clone()].contains(&b'|')),
        ),
        Mark::Sign(sign, count) => Box::new(separated_rows(bytes, heading.rows, sign, count)),
    }
}

fn separated_rows(
    bytes: &[u8],
    at: usize,
    sign: u8,
    count: usize,
) -> impl Iterator<Item = Range<usize>> {
    lines(bytes, at).take_while(move |row| {
        row.len() <= MOST_ROW && signs(&bytes[row.clone()], sign).count() == count
    })
}

fn lines(bytes: &[u8], mut at: usize) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let end = line_end(bytes, at).unwrap_or(bytes.len());
        let line = at..end;
        at = (end + 1).min(bytes.len());
        (!line.is_empty()).then_some(line)
    })
}

/// Where the signs of a row are that stand outside of quotes.
fn signs(row: &[u8], sign: u8) -> impl Iterator<Item = usize> {
    let mut is_quoted = false;
    row.iter().enumerate().filter_map(move |(at, byte)| {
        is_quoted ^= *byte == b'"';
        (*byte == sign && !is_quoted).then_some(at)
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
