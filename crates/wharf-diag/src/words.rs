//! Looks for many words in a text at once, in time and memory that grow with their number only.
//! Letters of ASCII count in any case: a program may put a name in small letters or in large ones.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::spellings::spellings;

/// A longer word is looked for by its first bytes, this many at most. Where they stand, as much
/// as the whole word is long counts as found, whatever it says there.
const NEEDLE_BYTES: usize = 64;

/// Words are told apart by their first bytes, this many at most, before they are compared.
const WINDOW_BYTES: usize = 6;

/// Needles of one length, and how long the longest word is that starts with each.
type Needles = HashMap<Box<[u8]>, usize>;

/// Words to look for. Each takes at most `NEEDLE_BYTES` of memory and a little.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Length of what is in `starts`, in bytes; of the shortest word where that is shorter.
    window: usize,
    starts: HashSet<Box<[u8]>>,
    /// By the length of the needle.
    needles: Vec<(usize, Needles)>,
}

/// Every spelling of secrets, from what stands in documents in their places.
impl<'a> FromIterator<&'a str> for Words {
    fn from_iter<I: IntoIterator<Item = &'a str>>(written: I) -> Self {
        Self::spelled(written, |_| true)
    }
}

impl Words {
    /// Everything that secrets may be shown as, from what stands in documents in their places; of
    /// it only what is to be looked for.
    pub(crate) fn spelled<'a>(
        written: impl IntoIterator<Item = &'a str>,
        is_looked_for: impl Fn(&str) -> bool,
    ) -> Self {
        let spelled = written.into_iter().flat_map(spellings);
        Self::new(spelled.filter(|word| is_looked_for(word)))
    }

    /// Takes words as they are; an empty one and repeats count for nothing.
    pub(crate) fn new<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        let mut by_length: HashMap<usize, Needles> = HashMap::new();
        for word in words {
            let word = word.as_ref();
            if word.is_empty() {
                continue;
            }
            let needle = &word[..word.floor_char_boundary(NEEDLE_BYTES)];
            let needle = needle.to_ascii_lowercase();
            let of_length = by_length.entry(needle.len()).or_default();
            if let Some(longest) = of_length.get_mut(needle.as_bytes()) {
                *longest = word.len().max(*longest);
            } else {
                of_length.insert(needle.as_bytes().into(), word.len());
            }
        }
        let needles: Vec<_> = by_length.into_iter().collect();
        let shortest = needles.iter().map(|(length, _)| *length).min();
        let window = shortest.unwrap_or_default().min(WINDOW_BYTES);
        let starts = needles
            .iter()
            .flat_map(|(_, needles)| needles.keys())
            .filter_map(|needle| needle.get(..window).map(Box::from))
            .collect();
        Self {
            window,
            starts,
            needles,
        }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Where a text has one of the words: in order, and apart from each other.
    pub(crate) fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        if self.is_empty() {
            return places;
        }
        let lower = text.to_ascii_lowercase();
        for (start, window) in lower.as_bytes().windows(self.window).enumerate() {
            if !self.starts.contains(window) {
                continue;
            }
            let Some(end) = self.end(&lower, start) else {
                continue;
            };
            // A word may start inside another and reach past its end.
            match places.last_mut() {
                Some(last) if start < last.end => last.end = end.max(last.end),
                _ => places.push(start..end),
            }
        }
        places
    }

    /// A text with something else for each place that has a word; `None` where there is none.
    pub fn replaced(&self, text: &str, stand_in: impl Fn(&str) -> String) -> Option<String> {
        let places = self.places(text);
        if places.is_empty() {
            return None;
        }
        let mut replaced = String::with_capacity(text.len());
        let mut at = 0;
        for place in places {
            replaced.push_str(&text[at..place.start]);
            replaced.push_str(&stand_in(&text[place.clone()]));
            at = place.end;
        }
        replaced.push_str(&text[at..]);
        Some(replaced)
    }

    /// Bytes of all needles: what looking for them takes memory for.
    #[cfg(test)]
    pub(crate) fn needle_bytes(&self) -> usize {
        let needles = self.needles.iter();
        needles.map(|(length, of)| length * of.len()).sum()
    }

    /// The end of the longest word that starts at a place. At most [`NEEDLE_BYTES`] look-ups.
    fn end(&self, text: &str, start: usize) -> Option<usize> {
        let lengths = self.needles.iter().filter_map(|(length, needles)| {
            let needle = text.as_bytes().get(start..start + length)?;
            needles.get(needle).copied()
        });
        let longest = lengths.max()?;
        Some(text.ceil_char_boundary((start + longest).min(text.len())))
    }
}

#[cfg(test)]
mod tests;
