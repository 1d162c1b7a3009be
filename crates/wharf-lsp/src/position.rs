//! Places as the protocol counts them: lines from 0, and columns in the units both sides agreed on.

use gen_lsp_types::{Position, Range};
use wharf_diag::Span;

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: what every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    fn width(self, sign: char) -> usize {
        match self {
            Self::Utf8 => sign.len_utf8(),
            Self::Utf16 => sign.len_utf16(),
        }
    }
}

/// Where the lines of a text start.
///
/// The protocol ends a line at `\n`, `\r\n` and a lone `\r`.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let starts = std::iter::once(0)
            .chain(starts_within(text, 0..text.len()))
            .collect();
        Self { starts }
    }

    /// Replaces a part of the text whose lines these are, and reads only the lines around it anew:
    /// an editor may tell of thousands of places at once.
    pub(crate) fn replace(&mut self, text: &mut String, span: Span, replacement: &str) {
        // The line before as well: a line feed behind its carriage return joins the two.
        let first = self.line_of(span.start).saturating_sub(1);
        let next = self.line_of(span.end) + 1;
        text.replace_range(span.range(), replacement);
        let moved = |offset: usize| offset - span.len() + replacement.len();
        let behind = self.starts.get_mut(next..).unwrap_or_default();
        for start in behind.iter_mut() {
            *start = moved(*start);
        }
        let end = behind.first().copied();
        let from = self.starts.get(first).copied().unwrap_or_default();
        let within = from..end.unwrap_or(text.len());
        let fresh: Vec<usize> = starts_within(text, within)
            .filter(|start| Some(*start) != end)
            .collect();
        self.starts.splice(first + 1..next, fresh);
    }

    /// The line of an offset, from 0.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// A line without its ending; empty behind the last one.
    pub(crate) fn span_of_line(&self, line: usize, text: &str) -> Span {
        let Some(start) = self.starts.get(line).copied() else {
            return Span::at(text.len());
        };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or_default();
        let content = content.trim_end_matches(['\n', '\r']);
        Span::new(start, start + content.len())
    }

    /// The place of an offset; one behind the end is the end.
    pub(crate) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = text.get(start..offset).unwrap_or_default();
        let column = before.chars().map(|sign| encoding.width(sign)).sum();
        Position {
            line: number(line),
            character: number(column),
        }
    }

    /// The offset of a place.
    ///
    /// A column behind the end of its line is the end of that line; a line behind the last one is
    /// the end of the text; a column inside a character is its start.
    pub(crate) fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let line = self.span_of_line(line, text);
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        let content = text.get(line.range()).unwrap_or_default();
        for (at, sign) in content.char_indices() {
            if left < encoding.width(sign) {
                return line.start + at;
            }
            left -= encoding.width(sign);
        }
        line.end
    }

    pub(crate) fn range(&self, text: &str, span: Span, encoding: Encoding) -> Range {
        Range {
            start: self.position(text, span.start, encoding),
            end: self.position(text, span.end, encoding),
        }
    }

    /// The span of a range; an end before the start is the start.
    pub(crate) fn span(&self, text: &str, range: Range, encoding: Encoding) -> Span {
        Span::new(
            self.offset(text, range.start, encoding),
            self.offset(text, range.end, encoding),
        )
    }
}

/// Where lines start behind the line ends in a range of a text.
fn starts_within(text: &str, range: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    range
        .filter(|at| match bytes.get(*at) {
            Some(b'\n') => true,
            Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        })
        .map(|at| at + 1)
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
