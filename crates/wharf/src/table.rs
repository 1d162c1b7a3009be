//! Tables for a terminal: columns as wide as their cells, shorter where the terminal is narrow.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Spaces between two columns.
const GAP: usize = 2;

/// Ends a cell that was cut.
const CUT: char = '…';

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) heading: &'static str,
    /// The width it may be cut to; `usize::MAX` where it is never cut.
    pub(crate) least: usize,
    /// Columns with a lower number go first when cutting is not enough; 0 never goes.
    pub(crate) place: u8,
    /// Whether cells stand at the right.
    pub(crate) right: bool,
}

impl Column {
    /// A column of words that may be cut to `least`.
    pub(crate) const fn words(heading: &'static str, least: usize, place: u8) -> Self {
        Self {
            heading,
            least,
            place,
            right: false,
        }
    }

    /// A column that is never cut.
    pub(crate) const fn whole(heading: &'static str, place: u8) -> Self {
        Self::words(heading, usize::MAX, place)
    }

    /// A column of numbers.
    pub(crate) const fn number(heading: &'static str, place: u8) -> Self {
        Self {
            right: true,
            ..Self::whole(heading, place)
        }
    }
}

/// A table as text, and the headings of the columns that did not fit.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) left_out: Vec<&'static str>,
}

/// Lays a table out for a terminal of this width; `None`: as wide as it is.
pub(crate) fn render(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> Rendered {
    let mut shown: Vec<(usize, Column, usize)> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let cells = rows.iter().filter_map(|row| row.get(index));
            let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
            (index, *column, widest.max(column.heading.width()))
        })
        .collect();
    let left_out = fit(&mut shown, width.unwrap_or(usize::MAX));
    let headings: Vec<_> = columns
        .iter()
        .map(|column| column.heading.to_owned())
        .collect();
    let mut text = String::new();
    for row in std::iter::once(&headings).chain(rows) {
        text += &line(&shown, row);
    }
    Rendered { text, left_out }
}

/// Makes columns narrower, the widest first, and then takes columns out.
fn fit(shown: &mut Vec<(usize, Column, usize)>, width: usize) -> Vec<&'static str> {
    let mut left_out = Vec::new();
    loop {
        let gaps = GAP * shown.len().saturating_sub(1);
        let total: usize = shown.iter().map(|(_, _, width)| width).sum::<usize>() + gaps;
        if total <= width {
            return left_out;
        }
        let widest = shown
            .iter_mut()
            .filter(|(_, column, width)| *width > column.least.max(column.heading.width()))
            .max_by_key(|(_, _, width)| *width);
        if let Some((_, _, widest)) = widest {
            *widest -= 1;
            continue;
        }
        let last = shown
            .iter()
            .enumerate()
            .filter(|(_, (_, column, _))| column.place > 0)
            .min_by_key(|(_, (_, column, _))| column.place)
            .map(|(at, _)| at);
        match last {
            Some(at) => left_out.push(shown.remove(at).1.heading),
            None => return left_out,
        }
    }
}

fn line(shown: &[(usize, Column, usize)], row: &[String]) -> String {
    let mut line = String::new();
    for (at, (index, column, width)) in shown.iter().enumerate() {
        let cell = cut(row.get(*index).map_or("", String::as_str), *width);
        let space = " ".repeat(width.saturating_sub(cell.width()));
        if at > 0 {
            line += &" ".repeat(GAP);
        }
        if column.right {
            line += &space;
            line += &cell;
        } else {
            line += &cell;
            line += &space;
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

/// A text that is no wider than `width`.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(c);
    }
    cut.truncate(cut.trim_end().len());
    cut.push(CUT);
    cut
}

#[cfg(test)]
mod tests;
