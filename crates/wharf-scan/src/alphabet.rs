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

/// Whether a word can start at `at`: nothing of a longer word stands before.
///
/// An escape (`\n`, `%20`, `\u003d`) is no part of the word behind it, and neither are the marks of
/// emphasis. `=`, `+` and `/` belong to base64 and still divide words: `NAME=VALUE`.
pub(super) fn starts_word(text: &str, at: usize, is_part: fn(u8) -> bool) -> bool {
    let before = &text.as_bytes()[..at];
    if ends_with_escape(before) {
        return true;
    }
    match before.last() {
        None => true,
        Some(b'_') => emphasis(text, at) > 0,
        Some(mark @ (b'-' | b'.')) => !is_part(*mark),
        Some(last) => !last.is_ascii_alphanumeric(),
    }
}

/// `\n` and its like, `%22`, `\u0022`, and the colours of a terminal (`ESC [ 32 m`).
fn ends_with_escape(before: &[u8]) -> bool {
    let is_hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', one, two] if is_hex(&[*one, *two]) => true,
        [.., b'm'] => is_colour(before),
        _ => before
            .last_chunk::<6>()
            .is_some_and(|last| last.starts_with(b"\\u") && is_hex(&last[2..])),
    }
}

fn is_colour(before: &[u8]) -> bool {
    let digits = before[..before.len() - 1].iter().rev().take(8);
    let count = digits.take_while(|byte| byte.is_ascii_digit() || **byte == b';');
    let start = before.len() - 1 - count.count();
    before[..start].ends_with(b"[") && start < before.len() - 1
}

/// How many `_` stand before a word as marks of emphasis, and so behind it: none where they are
/// part of a longer word.
pub(super) fn emphasis(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at];
    let is_mark = |byte: &&u8| matches!(**byte, b'_' | b'*');
    let marks = before.iter().rev().take(4).take_while(is_mark).count();
    let is_inside = before[..at - marks]
        .last()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if is_inside {
        return 0;
    }
    before[at - marks..]
        .iter()
        .filter(|byte| **byte == b'_')
        .count()
}

/// The run at `from` of the word that starts at `at`, without the marks of emphasis at its end.
pub(super) fn run_of_word(
    text: &str,
    at: usize,
    from: usize,
    is_part: fn(u8) -> bool,
    most: usize,
) -> Range<usize> {
    let run = run(text, from, is_part, most + emphasis(text, at));
    without_emphasis(text, at, run)
}

/// A part of the word that starts at `at`, without the marks of emphasis at the part's end.
pub(super) fn without_emphasis(text: &str, at: usize, part: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes().get(part.clone()).unwrap_or_default();
    let closing = bytes
        .iter()
        .rev()
        .take(emphasis(text, at))
        .take_while(|byte| **byte == b'_');
    part.start..part.end - closing.count()
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
    let body = run_of_word(text, at, at + start.len(), is_part, *lengths.end());
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
