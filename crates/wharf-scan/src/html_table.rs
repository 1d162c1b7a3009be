//! Columns of tables of HTML: the cells below a heading that names a secret.
//!
//! Source: HTML, section 4.9 (html.spec.whatwg.org).

use std::ops::Range;

use super::markup;

/// Longest row before a heading.
const MOST_ROW: usize = 512;

/// The heading of a column.
pub(super) struct Heading {
    /// Where its row starts.
    pub(super) row: usize,
    /// How many headings stand before it.
    column: usize,
    /// Where it ends.
    end: usize,
}

/// What stands below a heading.
pub(super) struct Column {
    pub(super) rows: Range<usize>,
    pub(super) cells: Vec<Range<usize>>,
}

/// The heading that a name is, when it stands in one.
pub(super) fn heading(text: &str, name: &Range<usize>) -> Option<Heading> {
    let first = text.floor_char_boundary(name.start.saturating_sub(MOST_ROW));
    let before = text[first..name.start].to_ascii_lowercase();
    let row = before.rfind("<tr")?;
    let cells = &before[row..];
    let count = cells.matches("<th").count();
    // A heading at the side has its value beside it.
    let is_heading = count > 0 && !cells.contains("<td") && !cells.ends_with("</th>");
    is_heading.then(|| Heading {
        row: first + row,
        column: count - 1,
        end: name.end,
    })
}

/// The cells below a heading, up to the end of the table.
pub(super) fn column(text: &str, heading: &Heading) -> Column {
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let mut below = None;
    let mut end = text.len();
    let mut index = 0;
    let mut start = None;
    for at in memchr::memchr_iter(b'<', &bytes[heading.end..]).map(|at| heading.end + at) {
        let is = |tag: &str| {
            let found = bytes.get(at..at + tag.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(tag.as_bytes()))
        };
        if is("</table") {
            end = at;
            break;
        }
        if is("<tr") {
            below = below.or(Some(at));
            (index, start) = (0, None);
        } else if below.is_some() && (is("<td") || is("<th")) {
            index += 1;
            start = (index == heading.column + 1).then_some(at);
        } else if (is("</td") || is("</th"))
            && let Some(start) = start.take()
        {
            cells.extend(inner(text, start..at));
        }
    }
    Column {
        rows: below.unwrap_or(end)..end,
        cells,
    }
}

/// What a cell holds, without its own tag and those of marks.
fn inner(text: &str, cell: Range<usize>) -> Option<Range<usize>> {
    let tag = text[cell.clone()].find('>')?;
    let inner = text[cell.start + tag + 1..cell.end].trim_start();
    let inner = markup::behind_opening_marks(inner)
        .unwrap_or(inner)
        .trim_start();
    let start = cell.end - inner.len();
    let length = inner
        .split('<')
        .next()
        .map_or(0, |value| value.trim_end().len());
    (length > 0).then_some(start..start + length)
}

#[cfg(test)]
mod tests;
