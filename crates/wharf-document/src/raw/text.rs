//! Text that was put together from pieces of the source and still knows where each piece stood.

mod stretch;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use wharf_diag::{Span, Spanned};

pub(crate) use stretch::Stretch;

/// A text without markup whose every range can be traced to the source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    value: String,
    pieces: Vec<Piece>,
    links: Vec<Linked>,
    span: Span,
}

/// A stretch of a [`Text`] that leads somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    /// The words of the link, in the text.
    pub(crate) range: Range<usize>,
    /// Shared by all parts of the link: there may be many, and the target may be long.
    pub(crate) target: Arc<Spanned<String>>,
}

/// Maps a stretch of a [`Text`] to the source.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Offset in the text; the piece ends where the next begins.
    start: usize,
    source: Span,
    /// Whether the source holds the same bytes, so that offsets carry over one to one.
    verbatim: bool,
}

impl Text {
    /// An empty text at a place.
    pub(crate) fn empty_at(span: Span) -> Self {
        Self {
            value: String::new(),
            pieces: Vec::new(),
            links: Vec::new(),
            span,
        }
    }

    /// One piece; `source` is the whole source text.
    pub(crate) fn new(value: &str, span: Span, source: &str) -> Self {
        let mut text = Self::empty_at(span);
        text.push(value, span, source);
        text
    }

    /// Appends a piece that stands at `span` of `source`.
    pub(crate) fn push(&mut self, value: &str, span: Span, source: &str) {
        if value.is_empty() {
            return;
        }
        self.span = if self.pieces.is_empty() {
            span
        } else {
            self.span.to(span)
        };
        let verbatim = source.get(span.range()) == Some(value);
        self.pieces.push(Piece {
            start: self.value.len(),
            source: span,
            verbatim,
        });
        self.value.push_str(value);
    }

    /// Appends a joint, which stands nowhere in the source, and another text.
    pub(crate) fn append(&mut self, joint: &str, other: &Self) {
        let between = Span::new(self.span.end, other.span.start.max(self.span.end));
        self.pieces.push(Piece {
            start: self.value.len(),
            source: between,
            verbatim: false,
        });
        self.value.push_str(joint);
        let offset = self.value.len();
        self.value.push_str(&other.value);
        self.pieces.extend(other.pieces.iter().map(|piece| Piece {
            start: piece.start + offset,
            ..*piece
        }));
        for link in &other.links {
            let range = link.range.start + offset..link.range.end + offset;
            self.link(range, link.target.clone());
        }
        self.span = self.span.to(other.span);
    }

    /// Splits a text at the first colon, where what stands before it is one of `known` names and
    /// no white space has to follow: `Type:API Key`, `Type： API Key`.
    pub(crate) fn split_known(&self, known: &[&str]) -> Option<(Self, Self)> {
        self.split_first_colon(|key| known.iter().any(|name| super::same_name(key, name)))
    }

    /// Splits a text at its first colon, where what stands before it is a key.
    pub(crate) fn split_first_colon(&self, is_key: impl Fn(&str) -> bool) -> Option<(Self, Self)> {
        let at = self.value.find([':', '：'])?;
        let sign = self.value[at..].chars().next()?;
        if !is_key(self.value[..at].trim()) {
            return None;
        }
        let whole = self.whole();
        let key = whole.part(0..at).trimmed();
        let behind = whole.part(at + sign.len_utf8()..self.value.len());
        Some((key.to_text(), behind.trimmed().to_text()))
    }

    /// Appends a stand-in for `span` that has its length, so that offsets carry over.
    pub(crate) fn push_same_length(&mut self, value: &str, span: Span) {
        self.pieces.push(Piece {
            start: self.value.len(),
            source: span,
            verbatim: value.len() == span.len(),
        });
        self.value.push_str(value);
    }

    /// Says that a range of the text leads to a target. The range is behind those of the links
    /// that are there.
    pub(crate) fn link(&mut self, range: Range<usize>, target: Arc<Spanned<String>>) {
        self.links.push(Linked { range, target });
    }

    /// The links in the text, in its order.
    pub(crate) fn links(&self) -> &[Linked] {
        &self.links
    }

    /// The text without the pieces that start at some offsets, such as marks of emphasis.
    pub(crate) fn without(&self, starts: &[usize]) -> Self {
        let starts: BTreeSet<_> = starts.iter().collect();
        let mut rest = Self::empty_at(self.span);
        // Where each piece that was left out ended, and how much was gone by then.
        let mut gone: Vec<(Range<usize>, usize)> = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let end = self.end_of(index);
            if starts.contains(&piece.start) {
                let before = gone.last().map_or(0, |(_, sum)| *sum);
                gone.push((piece.start..end, before + end - piece.start));
                continue;
            }
            rest.span = if rest.pieces.is_empty() {
                piece.source
            } else {
                rest.span.to(piece.source)
            };
            rest.pieces.push(Piece {
                start: rest.value.len(),
                ..*piece
            });
            rest.value
                .push_str(self.value.get(piece.start..end).unwrap_or_default());
        }
        // How much of the text was left out before an offset decides where a link stands.
        let moved = |offset: usize| {
            let count = gone.partition_point(|(gone, _)| gone.start < offset);
            let last = count.checked_sub(1).and_then(|last| gone.get(last));
            let sum = last.map_or(0, |(gone, sum)| sum - gone.end.saturating_sub(offset));
            offset - sum
        };
        for link in &self.links {
            let range = moved(link.range.start)..moved(link.range.end);
            rest.link(range, Arc::clone(&link.target));
        }
        rest
    }

    /// Where a piece ends.
    fn end_of(&self, index: usize) -> usize {
        let next = self.pieces.get(index + 1);
        next.map_or(self.value.len(), |next| next.start)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.value
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Where the whole text stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Where a range of the text stands.
    pub(crate) fn span_of(&self, range: Range<usize>) -> Span {
        let start = self.source_offset(range.start, false);
        let end = if range.is_empty() {
            start
        } else {
            self.source_offset(range.end, true)
        };
        match (start, end) {
            (Some(start), Some(end)) => Span::new(start, end),
            _ => self.span,
        }
    }

    fn source_offset(&self, offset: usize, is_end: bool) -> Option<usize> {
        // An end offset belongs to the piece before it, a start offset to the piece behind it.
        let count = self.pieces.partition_point(|piece| {
            if is_end {
                piece.start < offset
            } else {
                piece.start <= offset
            }
        });
        let piece = self.pieces.get(count.checked_sub(1)?)?;
        Some(match (piece.verbatim, is_end) {
            (true, _) => (piece.source.start + (offset - piece.start)).min(piece.source.end),
            (false, true) => piece.source.end,
            (false, false) => piece.source.start,
        })
    }

    /// A range of the text as a text of its own.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        let Some(value) = self.value.get(range.clone()) else {
            return Self::empty_at(self.span);
        };
        let span = self.span_of(range.clone());
        let mut part = Self::empty_at(span);
        value.clone_into(&mut part.value);
        // A text may have as many parts as pieces and links, so only those that meet a part are
        // looked at.
        let behind = self
            .pieces
            .partition_point(|piece| piece.start <= range.start);
        let met = self.pieces.get(behind.saturating_sub(1)..);
        let met = met.unwrap_or_default();
        let met = &met[..met.partition_point(|piece| piece.start < range.end)];
        let cut = |piece: &Piece| {
            let cut = range.start.saturating_sub(piece.start);
            let mut source = piece.source;
            if piece.verbatim {
                source.start = (source.start + cut).min(source.end);
            }
            Piece {
                start: piece.start.saturating_sub(range.start),
                source,
                verbatim: piece.verbatim,
            }
        };
        part.pieces = met.iter().map(cut).collect();
        let behind = self
            .links
            .partition_point(|link| link.range.end <= range.start);
        let met = self.links.get(behind..).unwrap_or_default().iter();
        for link in met.take_while(|link| link.range.start < range.end) {
            let start = link.range.start.max(range.start);
            let end = link.range.end.min(range.end);
            if start < end {
                let range = start - range.start..end - range.start;
                part.link(range, Arc::clone(&link.target));
            }
        }
        part
    }

    /// The text without white space at its ends.
    pub(crate) fn trimmed(&self) -> Self {
        self.whole().trimmed().to_text()
    }

    /// The same for a text that is no longer needed: most have none, and stay what they are.
    pub(crate) fn into_trimmed(self) -> Self {
        if self.value.trim().len() == self.value.len() {
            return self;
        }
        self.trimmed()
    }

    /// Splits `key: value` at the first colon that is followed by white space or the end.
    pub(crate) fn split_key(&self) -> Option<(Self, Self)> {
        let (key, value) = self.whole().split_key()?;
        Some((key.to_text(), value.to_text()))
    }

    /// The pieces between words or signs that part them, as [`Stretch::split_on`] has them.
    pub(crate) fn split_on(&self, separators: &[&str]) -> Vec<Self> {
        let parts = self.whole().split_on(separators).into_iter();
        parts.map(Stretch::to_text).collect()
    }

    /// The pieces between separators, each trimmed; empty ones are left out.
    pub(crate) fn split(&self, is_separator: impl Fn(&str, usize) -> usize) -> Vec<Self> {
        let parts = self.whole().split(is_separator).into_iter();
        parts.map(Stretch::to_text).collect()
    }
}

#[cfg(test)]
mod tests;
