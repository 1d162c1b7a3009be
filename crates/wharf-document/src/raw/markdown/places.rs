//! Where what Markdown tells of stands in the source.

use wharf_diag::Span;

use super::Builder;
use crate::raw::Row;

impl Builder<'_> {
    /// Where `text` last stands within a span; the whole span where it does not.
    pub(super) fn inner(&self, text: &str, span: Span) -> Span {
        self.source
            .get(span.range())
            .filter(|_| !text.is_empty())
            .and_then(|slice| slice.rfind(text))
            .map_or(span, |at| {
                Span::new(span.start + at, span.start + at + text.len())
            })
    }

    /// Where `text` first stands in the first line of a span; the start of the span otherwise.
    pub(super) fn first_of(&self, text: &str, span: Span) -> Span {
        let line = self
            .source
            .get(span.range())
            .and_then(|slice| slice.lines().next())
            .unwrap_or_default();
        line.find(text)
            .map_or(Span::new(span.start, span.start + line.len()), |at| {
                Span::new(span.start + at, span.start + at + text.len())
            })
    }

    /// What stands in a row behind the cells that have a heading.
    pub(super) fn excess(&self, row: &Row) -> Span {
        let end = row.span.end;
        let start = row.excess.start.min(end);
        let rest = self.source.get(start..end).unwrap_or_default();
        let is_empty = |c: char| c == '|' || c.is_whitespace();
        let rest = rest.trim_start_matches(is_empty);
        let start = end - rest.len();
        let mut text = rest.trim_end_matches(is_empty);
        // A comment behind the row is no cell.
        while text.ends_with("-->")
            && let Some(at) = text.rfind("<!--")
        {
            text = text[..at].trim_end_matches(is_empty);
        }
        Span::new(start, start + text.len())
    }

    /// A span without the white space at its end.
    pub(super) fn trimmed(&self, span: Span) -> Span {
        let slice = self.source.get(span.range()).unwrap_or_default();
        Span::new(span.start, span.start + slice.trim_end().len())
    }

    /// An empty cell is underlined where its content would stand.
    pub(super) fn cell_place(&self, span: Span) -> Span {
        let slice = self.source.get(span.range()).unwrap_or_default();
        if slice.trim().is_empty() && !slice.is_empty() {
            Span::at(span.start + slice.len().min(1))
        } else {
            span
        }
    }
}
