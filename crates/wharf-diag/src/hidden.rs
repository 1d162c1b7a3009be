//! Places whose text nothing may show.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{Diagnostic, Fix, SourceText, Span};

/// Shortest hidden word in bytes that is also looked for elsewhere. A shorter one, or a longer
/// one without a digit, may be a word of the language.
const SHORTEST_WORD_BYTES: usize = 8;

/// From this length on a word is looked for elsewhere, with or without a digit.
const LONG_WORD_BYTES: usize = 24;

/// What stands for a hidden word in a sentence.
const STAND_IN: &str = "********";

/// Every place that a set of findings hides.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// In the order of their starts within a source.
    places: Vec<(Arc<SourceText>, Span)>,
}

impl Hidden {
    /// What these findings hide. Give all of a text's findings, also those that are not shown.
    pub fn of<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut places: Vec<_> = diagnostics
            .into_iter()
            .flat_map(|diagnostic| {
                let source = &diagnostic.primary.source;
                let spans = diagnostic.hidden.iter();
                spans.map(move |span| (Arc::clone(source), *span))
            })
            .collect();
        places.sort_by_key(|(_, span)| *span);
        Self { places }
    }

    /// The text of a span with hidden places overwritten byte by byte, so that offsets stay.
    pub fn mask<'a>(&self, source: &'a Arc<SourceText>, span: Span) -> Cow<'a, str> {
        let text = source.slice(span);
        let mut masked = String::new();
        let mut at = 0;
        for hidden in self.spans(source) {
            let start = hidden
                .start
                .saturating_sub(span.start)
                .clamp(at, text.len());
            let end = hidden.end.saturating_sub(span.start).min(text.len());
            if end <= start {
                continue;
            }
            let (Some(before), Some(word)) = (text.get(at..start), text.get(start..end)) else {
                // A place that cuts a character is nobody's: hide all that is left.
                masked.push_str(&asterisks(&text[at..]));
                return Cow::Owned(masked);
            };
            masked.push_str(before);
            masked.push_str(&asterisks(word));
            at = end;
        }
        if at == 0 {
            return Cow::Borrowed(text);
        }
        masked.push_str(&text[at..]);
        Cow::Owned(masked)
    }

    /// A sentence without any hidden word that could not be a word of the language.
    pub fn clean<'a>(&self, sentence: &'a str) -> Cow<'a, str> {
        let mut sentence = Cow::Borrowed(sentence);
        for word in self.words() {
            if sentence.contains(word) {
                sentence = Cow::Owned(sentence.replace(word, STAND_IN));
            }
        }
        sentence
    }

    /// A whole text, masked; also where a hidden word stands once more.
    pub(crate) fn mask_everywhere(&self, source: &Arc<SourceText>) -> String {
        let whole = Span::new(0, source.text().len());
        let mut text = self.mask(source, whole).into_owned();
        for word in self.words() {
            if text.contains(word) {
                text = text.replace(word, &asterisks(word));
            }
        }
        text
    }

    /// Hidden words that are looked for elsewhere, line by line.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.places
            .iter()
            .flat_map(|(source, span)| source.slice(*span).lines())
            .map(str::trim)
            .filter(|word| {
                let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
                word.len() >= LONG_WORD_BYTES || has_digit && word.len() >= SHORTEST_WORD_BYTES
            })
    }

    fn spans<'a>(&'a self, source: &'a Arc<SourceText>) -> impl Iterator<Item = Span> + 'a {
        self.places
            .iter()
            .filter(|(other, _)| Arc::ptr_eq(other, source))
            .map(|(_, span)| *span)
    }
}

impl Fix {
    /// Whether it says and writes nothing that is hidden, so that it may be shown.
    pub(crate) fn is_open(&self, hidden: &Hidden) -> bool {
        let texts = self.edits.iter().map(|edit| &edit.replacement);
        let mut texts = texts.chain([&self.title]);
        texts.all(|text| hidden.clean(text) == text.as_str())
    }
}

/// As many asterisks as bytes; white space stays.
fn asterisks(word: &str) -> String {
    let mut masked = String::with_capacity(word.len());
    for sign in word.chars() {
        if sign.is_whitespace() {
            masked.push(sign);
        } else {
            masked.extend(std::iter::repeat_n('*', sign.len_utf8()));
        }
    }
    masked
}

#[cfg(test)]
mod tests;
