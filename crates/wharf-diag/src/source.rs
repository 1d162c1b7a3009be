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

/// A place as editors and SARIF count it: both numbers start at 1.
///
/// The language server protocol counts from 0; take 1 from each for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Utf16Position {
    /// Line number from 1.
    pub line: usize,
    /// Column from 1, counted in UTF-16 code units.
    pub column: usize,
}

impl SourceText {
    /// Takes the text and indexes its lines.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        // A text that was read from a file has room to spare, and many are kept.
        text.shrink_to_fit();
        // The same holds for the table of its lines.
        let ends = || memchr::memchr_iter(b'\n', text.as_bytes());
        let mut line_starts = Vec::with_capacity(ends().count() + 1);
        line_starts.push(0);
        line_starts.extend(ends().map(|end| end + 1));
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
        let (line, before) = self.before_on_line(offset);
        LineColumn {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// Line and UTF-16 column of a byte offset; an offset behind the end is clamped to it.
    pub fn utf16_position(&self, offset: usize) -> Utf16Position {
        let (line, before) = self.before_on_line(offset);
        Utf16Position {
            line,
            column: before.chars().map(char::len_utf16).sum::<usize>() + 1,
        }
    }

    /// The number of the line that holds an offset, and its text before that offset.
    fn before_on_line(&self, offset: usize) -> (usize, &str) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self
            .line_starts
            .partition_point(|start| *start <= offset)
            .max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        (line, self.text.get(start..offset).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
