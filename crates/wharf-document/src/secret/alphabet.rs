//! Runs of characters, and where a word starts and ends.

use std::ops::Range;

/// Letters, digits.
pub(super) fn is_base62(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Letters, digits, `_` and `-`: base64 for addresses.
pub(super) fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Letters, digits, `+`, `/` and `=`: base64 with its padding.
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Digits and small `a` to `f`.
pub(super) fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// Where the run of `is_part` that starts at `at` ends. Never looks further than `most` bytes and
/// one more, so a run that is longer than `most` is told by its length.
pub(super) fn run(text: &str, at: usize, is_part: fn(u8) -> bool, most: usize) -> Range<usize> {
    let bytes = &text.as_bytes()[at.min(text.len())..];
    let length = bytes
        .iter()
        .take(most + 1)
        .take_while(|byte| is_part(**byte));
    at..at + length.count()
}

/// Whether a word can start at `at`: nothing of its alphabet stands before.
///
/// The letter of an escape (`\n`) is no part of the word behind it.
pub(super) fn starts_word(text: &str, at: usize, is_part: fn(u8) -> bool) -> bool {
    let before = &text.as_bytes()[..at];
    match before {
        [.., b'\\', b'n' | b'r' | b't'] | [] => true,
        [.., last] => !is_part(*last) && !last.is_ascii_alphanumeric() && *last != b'_',
    }
}

/// The word behind a start that was met: a run of `is_part` of an allowed length.
///
/// `at` is the place of the start, `start` the start itself; the range has both.
pub(super) fn word(
    text: &str,
    at: usize,
    start: &str,
    is_part: fn(u8) -> bool,
    lengths: std::ops::RangeInclusive<usize>,
) -> Option<Word> {
    if !starts_word(text, at, is_part) {
        return None;
    }
    let body = run(text, at + start.len(), is_part, *lengths.end());
    lengths.contains(&body.len()).then_some(Word {
        all: at..body.end,
        body,
    })
}

/// A word that was met: with its start, and without.
pub(super) struct Word {
    pub(super) all: Range<usize>,
    pub(super) body: Range<usize>,
}

#[cfg(test)]
mod tests;
