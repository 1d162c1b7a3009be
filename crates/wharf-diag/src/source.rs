//! One text that diagnostics point into, with its line table.

use std::fmt;

use crate::Span;

/// A text and the name it is shown under, usually a path relative to the workspace.
pub struct SourceText {
    name: String,
    text: String,
    line_starts: Vec<usize>,
}

/// Shows name and length only: a text may hold what must not reach a log.
impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceText")
            .field("name", &self.name)
            .field("length_bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// A place as editors count it: both numbers start at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line number from 1.
    pub line: usize,
    /// Column from 1, counted in Unicode scalar values.
    pub column: usize,
}

impl SourceText {
    /// Takes the text and indexes its lines.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, b)| *b == b'\n')
                    .map(|(i, _)| i + 1),
            )
            .collect();
        Self {
            name: name.into(),
            text,
            line_starts,
        }
    }

    /// The name shown to people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty when the span is out of bounds or cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset; an offset behind the end is clamped to it.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        self.place(offset, |before| before.chars().count())
    }

    /// Like [`line_column`](Self::line_column), with the column counted in UTF-16 code units.
    pub fn line_column_utf16(&self, offset: usize) -> LineColumn {
        self.place(offset, |before| before.encode_utf16().count())
    }

    /// `count` tells the width of what stands before the place in its line.
    fn place(&self, offset: usize, count: impl Fn(&str) -> usize) -> LineColumn {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self
            .line_starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, count) + 1;
        LineColumn {
            line: line.max(1),
            column,
        }
    }
}
