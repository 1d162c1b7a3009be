//! A range of a text that is looked at and not kept.

use std::ops::Range;

use wharf_diag::Span;

use super::Text;

/// A range of a [`Text`], which knows as the text does where it stands. It copies nothing: every
/// key, value and sentence of a document is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'a> {
    text: &'a Text,
    start: usize,
    end: usize,
}

impl Text {
    /// All of it.
    pub(crate) fn whole(&self) -> Stretch<'_> {
        Stretch {
            text: self,
            start: 0,
            end: self.value.len(),
        }
    }
}

impl<'a> Stretch<'a> {
    pub(crate) fn as_str(self) -> &'a str {
        self.text
            .value
            .get(self.start..self.end)
            .unwrap_or_default()
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Where it stands.
    pub(crate) fn span(self) -> Span {
        self.text.span_of(self.start..self.end)
    }

    /// Where a range of it stands.
    pub(crate) fn span_of(self, range: Range<usize>) -> Span {
        self.text
            .span_of(self.start + range.start..self.start + range.end)
    }

    /// A range of it; nothing where it has no such range.
    pub(crate) fn part(self, range: Range<usize>) -> Self {
        let start = self.start.saturating_add(range.start);
        let end = self.start.saturating_add(range.end);
        let is_here = start <= end && end <= self.end;
        Self {
            text: self.text,
            start: if is_here { start } else { self.end },
            end: if is_here { end } else { self.end },
        }
    }

    /// Without white space at its ends.
    pub(crate) fn trimmed(self) -> Self {
        let value = self.as_str();
        let start = value.len() - value.trim_start().len();
        let end = value.trim_end().len().max(start);
        self.part(start..end)
    }

    /// Splits `key: value` at the first colon that is followed by white space or the end.
    pub(crate) fn split_key(self) -> Option<(Self, Self)> {
        let value = self.as_str();
        let mut colons = value.match_indices(':').map(|(at, _)| at);
        let colon = colons.find(|at| {
            let behind = value[at + 1..].chars().next();
            behind.is_none_or(char::is_whitespace)
        })?;
        let key = self.part(0..colon).trimmed();
        let behind = self.part(colon + 1..value.len()).trimmed();
        (!key.is_empty()).then_some((key, behind))
    }

    /// The pieces between separators, each trimmed; empty ones are left out.
    pub(crate) fn split(self, is_separator: impl Fn(&str, usize) -> usize) -> Vec<Self> {
        let value = self.as_str();
        let mut parts = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < value.len() {
            let width = is_separator(value, at);
            if width > 0 {
                parts.push(self.part(start..at).trimmed());
                at += width;
                start = at;
            } else {
                at += value[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        parts.push(self.part(start..value.len()).trimmed());
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The pieces between words or signs that part them, each trimmed; empty ones are left out. Of
    /// two that stand at one place, the first listed counts.
    pub(crate) fn split_on(self, separators: &[&str]) -> Vec<Self> {
        self.split(|value, at| {
            let rest = &value[at..];
            let found = separators.iter().find(|word| rest.starts_with(**word));
            found.map_or(0, |word| word.len())
        })
    }

    /// A text of its own.
    pub(crate) fn to_text(self) -> Text {
        self.text.part(self.start..self.end)
    }
}
