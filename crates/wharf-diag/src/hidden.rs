//! Places whose text nothing may show.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::spellings::is_no_plain_word;
use crate::words::Words as Searched;
use crate::{Diagnostic, Fix, SourceText, Span};

/// Most different secrets that are looked for. Past it nothing but stand-ins is shown: the memory
/// to look for all of them would have no bound.
const MOST_SECRETS: usize = 20_000;

/// What stands for a hidden word in a sentence.
pub(crate) const STAND_IN: &str = "********";

/// Every place that a set of findings hides.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// By source, in order and apart from each other.
    places: HashMap<SourceKey, Vec<Span>>,
    words: Words,
}

/// A source, told from others by its identity. It is kept, so that no other takes its address.
#[derive(Clone, Debug)]
struct SourceKey(Arc<SourceText>);

impl PartialEq for SourceKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SourceKey {}

impl Hash for SourceKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

/// Hidden words that are looked for elsewhere.
#[derive(Clone, Debug, Default)]
enum Words {
    #[default]
    None,
    Few(Searched),
    /// More than can be looked for.
    Many,
}

impl Hidden {
    /// What these findings hide. Give all of a text's findings, also those that are not shown.
    pub fn of<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut places: HashMap<_, Vec<Span>> = HashMap::new();
        for diagnostic in diagnostics {
            if !diagnostic.hidden.is_empty() {
                let source = SourceKey(Arc::clone(&diagnostic.primary.source));
                places.entry(source).or_default().extend(&diagnostic.hidden);
            }
        }
        let words = Words::of(&places);
        for spans in places.values_mut() {
            *spans = apart(std::mem::take(spans));
        }
        Self { places, words }
    }

    /// The text of a span with hidden places overwritten byte by byte, so that offsets stay.
    pub fn mask<'a>(&self, source: &'a Arc<SourceText>, span: Span) -> Cow<'a, str> {
        let text = source.slice(span);
        let mut masked = String::new();
        let mut at = 0;
        for hidden in self.spans(source, span) {
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
        self.words.replaced(sentence, |_| STAND_IN.to_owned())
    }

    /// A whole text, masked; also where a hidden word stands once more.
    pub(crate) fn mask_everywhere(&self, source: &Arc<SourceText>) -> String {
        let whole = Span::new(0, source.text().len());
        let text = self.mask(source, whole);
        self.words.replaced(&text, asterisks).into_owned()
    }

    /// The hidden places of a source that meet a span, in order and apart from each other.
    fn spans(&self, source: &Arc<SourceText>, span: Span) -> impl Iterator<Item = Span> {
        let spans = self.places.get(&SourceKey(Arc::clone(source)));
        let spans = spans.map(Vec::as_slice).unwrap_or_default();
        let first = spans.partition_point(|hidden| hidden.end <= span.start);
        let rest = spans.get(first..).unwrap_or_default();
        rest.iter()
            .copied()
            .take_while(move |hidden| hidden.start < span.end)
    }
}

impl Words {
    fn of(places: &HashMap<SourceKey, Vec<Span>>) -> Self {
        let places = places.iter();
        let written = places.flat_map(|(SourceKey(source), spans)| {
            let written = spans.iter().map(|span| source.slice(*span).trim());
            written.filter(|written| is_no_plain_word(written))
        });
        let Some(secrets) = distinct(written) else {
            return Self::Many;
        };
        let words = Searched::spelled(secrets, is_no_plain_word);
        if words.is_empty() {
            return Self::None;
        }
        Self::Few(words)
    }

    /// A text with something else for every hidden word in it.
    fn replaced<'a>(&self, text: &'a str, stand_in: impl Fn(&str) -> String) -> Cow<'a, str> {
        match self {
            Self::None => Cow::Borrowed(text),
            Self::Many => Cow::Owned(stand_in(text)),
            Self::Few(words) => match words.replaced(text, stand_in) {
                Some(replaced) => Cow::Owned(replaced),
                None => Cow::Borrowed(text),
            },
        }
    }
}

impl Searched {
    /// Every spelling of what findings hide, short ones too, for what shows documents rather than
    /// findings. `None` where there are more than can be looked for.
    pub fn hidden_by<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Option<Self> {
        let written = diagnostics.into_iter().flat_map(|diagnostic| {
            let source = &diagnostic.primary.source;
            let hidden = diagnostic.hidden.iter();
            hidden.map(move |span| source.slice(*span).trim())
        });
        Some(distinct(written)?.into_iter().collect())
    }
}

/// Each once; `None` past [`MOST_SECRETS`].
fn distinct<'a>(written: impl Iterator<Item = &'a str>) -> Option<HashSet<&'a str>> {
    let mut secrets = HashSet::new();
    for written in written {
        secrets.insert(written);
        if secrets.len() > MOST_SECRETS {
            return None;
        }
    }
    Some(secrets)
}

/// The same places in order, with those that overlap made one.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start < last.end => *last = last.to(span),
            _ => apart.push(span),
        }
    }
    apart
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
