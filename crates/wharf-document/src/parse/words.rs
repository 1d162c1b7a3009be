//! Values with words around them: `Every 60 seconds`, `24-hour local cache`, `v2 (until 2027-01-01)`.

use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;

use super::duration::{self, Unit};
use super::number_and_rest;

/// Longest text that is searched, in bytes.
const LONGEST: usize = 4_096;

/// The first duration in a text, and where it stands.
pub(crate) fn find_duration(text: &str) -> Option<(Duration, Range<usize>)> {
    let text = head(text);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (_, rest) = number_and_rest(&text[at..])?;
        let number_end = text.len() - rest.len();
        let gap = rest.len() - rest.trim_start_matches([' ', '-', '_']).len();
        let word_start = number_end + gap;
        let word = &text[word_start..];
        let word_end = word
            .find(|c: char| !c.is_alphabetic())
            .map_or(text.len(), |end| word_start + end);
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let is_unit = Unit::from_word(&text[word_start..word_end]).is_some();
        if begins && is_unit && gap <= 1 {
            let value = duration::parse(&text[at..word_end], Unit::Seconds).ok()?;
            return Some((value, at..word_end));
        }
        at = number_end.max(at + 1);
    }
    None
}

/// The first date in a text, and where it stands.
pub(crate) fn find_date(text: &str) -> Option<(Date, Range<usize>)> {
    const LENGTH: usize = "2026-01-31".len();
    let text = head(text);
    let bytes = text.as_bytes();
    let is_form = |at: usize| {
        bytes[at..at + LENGTH]
            .iter()
            .enumerate()
            .all(|(index, byte)| match index {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    };
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (0..bytes.len().saturating_sub(LENGTH - 1))
        .filter(|at| is_form(*at) && !(*at > 0 && is_digit(at - 1)) && !is_digit(at + LENGTH))
        .find_map(|at| {
            let range = at..at + LENGTH;
            Some((text[range.clone()].parse().ok()?, range))
        })
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
