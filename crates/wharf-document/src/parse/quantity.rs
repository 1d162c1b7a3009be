//! Amounts of something that is counted: `46,900 contacts`, `6.2 million characters a month`.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{number, words};

/// Words and letters behind a number that multiply it.
const MAGNITUDES: [(&str, u64); 9] = [
    ("million", 1_000_000),
    ("millions", 1_000_000),
    ("billion", 1_000_000_000),
    ("thousand", 1_000),
    ("mio", 1_000_000),
    ("M", 1_000_000),
    ("m", 1_000_000),
    ("k", 1_000),
    ("K", 1_000),
];

/// So many of something.
#[derive(Clone, Debug)]
pub(crate) struct Quantity {
    pub(crate) count: Decimal,
    /// The words behind the number, in small letters, up to a sign.
    pub(crate) noun: String,
    pub(crate) range: Range<usize>,
}

/// Every amount in a text that has a noun; money, shares and times have none here.
pub(crate) fn find(text: &str) -> Vec<Quantity> {
    let text = words::head(text);
    let places = words::numbers(text).into_iter();
    let found = places.filter_map(|(_, range)| {
        let before = text[..range.start].trim_end().chars().next_back();
        let is_money = before.is_some_and(|sign| "$€£¥₹".contains(sign));
        if is_money {
            return None;
        }
        let (digits, _) = number::leading(&text[range.start..])?;
        let number: Decimal = digits.parse().ok()?;
        let (factor, end) = magnitude(text, range.end);
        let rest = &text[end..];
        let words = rest.trim_start_matches([' ', '\u{a0}', '-']);
        let width = words
            .find(|sign: char| !(sign.is_alphanumeric() || sign == ' ' || sign == '-'))
            .unwrap_or(words.len());
        let noun = words[..width].trim().to_lowercase();
        let count = number.checked_mul(Decimal::from(factor))?;
        noun.starts_with(char::is_alphabetic).then_some(Quantity {
            count,
            noun,
            range: range.start..end,
        })
    });
    found.collect()
}

/// The number of a text that has no other, exact, and where it stands.
pub(crate) fn only_number(text: &str) -> Option<(Decimal, Range<usize>)> {
    let start = text.find(|sign: char| sign.is_ascii_digit())?;
    let (digits, width) = number::leading(&text[start..])?;
    let end = start + width;
    let is_only = !text[end..].contains(|sign: char| sign.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_only)?;
    Some((number, start..end))
}

fn magnitude(text: &str, at: usize) -> (u64, usize) {
    let rest = &text[at..];
    let gap = rest.len() - rest.trim_start().len();
    let known = MAGNITUDES.iter().find(|(word, _)| {
        let behind = rest[gap..].strip_prefix(word);
        // One letter stands at the number, or before a word.
        let is_near = gap == 0 || word.len() > 1;
        behind.is_some_and(|behind| is_near && !behind.starts_with(char::is_alphanumeric))
    });
    known.map_or((1, at), |(word, factor)| (*factor, at + gap + word.len()))
}

/// Whether two nouns are of one thing: `contact` and `contacts a month`.
pub(crate) fn is_of(noun: &str, unit: &str) -> bool {
    let first = |words: &str| {
        let word = words.split_whitespace().find(|word| {
            !["api", "more", "extra", "additional", "first", "free", "our"].contains(word)
        });
        word.unwrap_or_default().trim_end_matches('s').to_owned()
    };
    let (noun, unit) = (noun.to_lowercase(), unit.to_lowercase());
    let (left, right) = (first(&noun), first(&unit));
    // So many bytes of one thing are not those of another.
    let of = |words: &str| {
        words
            .split_whitespace()
            .filter(|word| *word != "of")
            .nth(1)
            .map(str::to_owned)
    };
    let is_size = ["kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib"].contains(&left.as_str());
    !left.is_empty() && left == right && (!is_size || of(&noun) == of(&unit))
}
