//! What looks like a heading, a table or an item of a list and is text to Markdown.
//!
//! Nothing of it is read. It is kept so that `lower`, which knows the names, can tell.

use wharf_diag::Span;

use super::delimiter::is_row_of_dashes;

/// Most of each kind that are kept of a document.
pub(super) const MOST_KEPT: usize = 1_000;

/// Longest line that is looked at, in bytes; a heading, a key or the header of a table is shorter.
const LONGEST_LINE: usize = 1_000;

/// Signs that begin an item.
pub(crate) const MARKS: [char; 5] = ['-', '+', '*', '–', '—'];

/// What people write in place of the hyphens below a header.
const DASH_SIGNS: [char; 11] = ['-', '‐', '‑', '‒', '–', '—', '―', '−', '=', '_', '─'];

/// A line that looks like a heading of level two or three, or has another level.
#[derive(Debug)]
pub(crate) struct NearHeading {
    /// The words without marks.
    pub(crate) name: String,
    /// The level that its marks say; 0 where they say none.
    pub(crate) level: usize,
    /// The line, without white space around it.
    pub(crate) span: Span,
    /// Index of the section that it stands in.
    pub(crate) section: Option<usize>,
    /// Whether HTML begins above it, so that its line would be no heading however it is written.
    pub(crate) is_in_html: bool,
}

/// A line of text that may have been meant as an item of a list.
#[derive(Debug)]
pub(crate) struct NearItem {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Whether it is an item to Markdown, in a quote.
    pub(crate) is_quoted: bool,
}

/// Lines that look like a table or a part of one.
#[derive(Debug)]
pub(crate) struct LostTable {
    pub(crate) kind: LostKind,
    /// The line to show.
    pub(crate) span: Span,
    /// The line with the names of the columns; empty where it is not known.
    pub(crate) header: String,
    /// Whether they stand directly behind a table.
    pub(crate) is_behind_table: bool,
}

/// Why lines are no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LostKind {
    /// The line of dashes has not one group of hyphens for each column, or other signs.
    Dashes,
    /// No line of dashes stands below the first line.
    Rows,
    /// The table stands in a quote.
    Quoted,
    /// The table stands in HTML.
    Html,
}

/// The lines of a block with their places, each without white space around it.
pub(super) fn lines(source: &str, block: Span) -> Vec<(&str, Span)> {
    let text = source.get(block.range()).unwrap_or_default();
    let mut at = block.start;
    let mut lines = Vec::new();
    for line in text.split_inclusive(['\n', '\r']) {
        let trimmed = line.trim();
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        if !trimmed.is_empty() && trimmed.len() <= LONGEST_LINE {
            lines.push((trimmed, Span::new(start, start + trimmed.len())));
        }
    }
    lines
}

/// The words and the level of a line that was meant as a heading: `##Costs`, `**Costs**`,
/// `<h2>Costs</h2>`.
pub(super) fn heading(line: &str) -> Option<(String, usize)> {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&hashes) {
        let name = line[hashes..].trim().trim_end_matches('#').trim();
        return (!name.is_empty()).then(|| (name.to_owned(), hashes));
    }
    let lower = line.to_ascii_lowercase();
    if lower.starts_with("<h") && lower.ends_with('>') {
        let level = usize::from(lower.as_bytes().get(2)?.checked_sub(b'0')?);
        let open = line.find('>')? + 1;
        let close = lower.rfind("</h")?;
        let name = line.get(open..close)?.trim();
        return ((1..=6).contains(&level) && !name.is_empty()).then(|| (name.to_owned(), level));
    }
    ["**", "__"].iter().find_map(|mark| {
        let inner = line.strip_prefix(mark)?.trim_end_matches(':');
        let name = inner.strip_suffix(mark)?.trim().trim_end_matches(':');
        (!name.is_empty() && !name.contains(mark)).then(|| (name.to_owned(), 0))
    })
}

/// A table in the lines of a paragraph, which has none to Markdown.
pub(super) fn table(lines: &[(&str, Span)]) -> Option<LostTable> {
    for (index, (line, span)) in lines.iter().enumerate() {
        if !line.contains('|') {
            continue;
        }
        let lost = |kind, span| LostTable {
            kind,
            span,
            header: (*line).to_owned(),
            is_behind_table: false,
        };
        if let Some((below, place)) = lines.get(index + 1)
            && is_like_dashes(below)
        {
            return Some(lost(LostKind::Dashes, *place));
        }
        if line.starts_with('|') && line.matches('|').count() > 1 {
            return Some(lost(LostKind::Rows, *span));
        }
    }
    None
}

/// A table in the lines of a block of HTML.
pub(super) fn table_in_html(lines: &[(&str, Span)]) -> Option<LostTable> {
    let (first, span) = lines.first()?;
    if first.starts_with("<!") {
        return None;
    }
    let is_table = first.to_ascii_lowercase().starts_with("<table");
    let dashes = lines
        .iter()
        .position(|(line, _)| line.contains('|') && is_row_of_dashes(line));
    let header = match dashes {
        Some(at) => lines.get(at.checked_sub(1)?)?.0.to_owned(),
        // Cells of HTML become cells of ours.
        None if is_table => {
            let words = lines.iter().map(|(line, _)| *line).collect::<String>();
            words.replace(['<', '>'], "|")
        }
        None => return None,
    };
    let place = dashes
        .and_then(|at| lines.get(at))
        .map_or(*span, |line| line.1);
    Some(LostTable {
        kind: LostKind::Html,
        span: place,
        header,
        is_behind_table: false,
    })
}

/// Whether a line has nothing but signs that may have been meant as the line of dashes.
fn is_like_dashes(line: &str) -> bool {
    let is_sign = |c: char| DASH_SIGNS.contains(&c) || matches!(c, '|' | ':' | '+' | ' ' | '\t');
    line.contains(['|', '+']) && line.contains(DASH_SIGNS) && line.chars().all(is_sign)
}

/// The cells of a line of a table.
pub(crate) fn cells(line: &str) -> impl Iterator<Item = &str> {
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').map(str::trim)
}

#[cfg(test)]
mod tests {
    use wharf_diag::Span;

    use super::{LostKind, heading, lines, table};

    #[test]
    fn lines_meant_as_headings_have_words_and_a_level() {
        for (line, name, level) in [
            ("##Costs", "Costs", 2),
            ("##\u{a0}API Endpoints", "API Endpoints", 2),
            ("###Method ###", "Method", 3),
            ("**Costs**", "Costs", 0),
            ("**Costs:**", "Costs", 0),
            ("**Costs**:", "Costs", 0),
            ("__Costs__", "Costs", 0),
            ("<h2>Costs</h2>", "Costs", 2),
            ("<H3 id=\"m\">Method</H3>", "Method", 3),
        ] {
            let found = heading(line);
            let expected = Some((name.to_owned(), level));
            assert_eq!(found, expected, "{line}");
        }
        for line in [
            "Costs",
            "**Costs** of it",
            "**a** and **b**",
            "#",
            "<hr>",
            "<h2>",
            "<hx>a</hx>",
        ] {
            assert_eq!(heading(line), None, "{line}");
        }
    }

    #[test]
    fn paragraphs_that_were_meant_as_tables_are_known() {
        for (text, kind) in [
            ("| A | B |\n|—|—|\n| 1 | 2 |", LostKind::Dashes),
            ("| A | B |\n|===|===|", LostKind::Dashes),
            ("| A | B |\n|---+---|", LostKind::Dashes),
            ("A | B\n– | –", LostKind::Dashes),
            ("words\n| A | B |\n|\u{2011}|\u{2212}|", LostKind::Dashes),
            ("| 1 | 2 |", LostKind::Rows),
            ("| A | B |\n| 1 | 2 |", LostKind::Rows),
        ] {
            let span = Span::new(0, text.len());
            let found = table(&lines(text, span)).map(|lost| lost.kind);
            assert_eq!(found, Some(kind), "{text}");
        }
        for text in [
            "a | b",
            "words",
            "a or |b|\n\nc",
            "| alone",
            "high|low\nor more",
        ] {
            let span = Span::new(0, text.len());
            assert!(table(&lines(text, span)).is_none(), "{text}");
        }
    }
}
