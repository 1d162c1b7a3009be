//! The second pass: long words, for what has no start of its own.
//!
//! Jumps by the length of the shortest word it looks for, so ordinary text costs a few bytes a
//! jump.

use super::alphabet::without_emphasis;
use super::{Found, Kind, context, discord, documented, twilio, vendor_words};

/// The shortest word that is looked at: the first part of a Discord token.
const LEAST: usize = 22;

/// What is told by its form and the words around it, in the order of places.
pub(super) fn read(text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + LEAST <= bytes.len() {
        let gap = bytes[at..at + LEAST]
            .iter()
            .rposition(|byte| !is_part(*byte));
        if let Some(gap) = gap {
            at += gap + 1;
            continue;
        }
        let more = bytes[at + LEAST..]
            .iter()
            .take_while(|byte| is_part(**byte))
            .count();
        let end = at + LEAST + more;
        let start = word_start(text, at, end);
        let word_end = without_emphasis(text, start, start..end).end;
        let met = found.len();
        word(text, start, word_end, &mut found);
        // A token of several parts goes on behind the run. Nothing of the run is read again.
        let last = found.get(met..).and_then(<[Found]>::last);
        at = last.map_or(end, |last| last.span.end.max(end)) + 1;
    }
    found
}

/// Where the word of a run starts: behind the letter of an escape (`\n`), the digits of another
/// (`%22`), the colour of a terminal (`[32m`), and marks of emphasis.
fn word_start(text: &str, at: usize, end: usize) -> usize {
    let run = &text[at..end];
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text[..at].ends_with('\\') && run.starts_with(['n', 'r', 't']) {
        return at + 1;
    }
    if text[..at].ends_with('\\') && run.starts_with('u') && is_hex(&run[1..5]) {
        return at + 5;
    }
    if text[..at].ends_with('%') && is_hex(&run[..2]) {
        return at + 2;
    }
    let colour = run.trim_start_matches(|sign: char| sign.is_ascii_digit());
    if text[..at].ends_with(['[', ';']) && colour.len() < run.len() && colour.starts_with('m') {
        return end + 1 - colour.len();
    }
    at + run.len() - run.trim_start_matches('_').len()
}

fn word(text: &str, at: usize, end: usize, found: &mut Vec<Found>) {
    let is_live = |secret: &Found| !documented::is_example(&text[secret.span.clone()]);
    if let Some(kind) = context::kind(text, &(at..end), false) {
        found.extend(Some(Found::new(kind, at..end)).filter(is_live));
        return;
    }
    // `/` and `+` belong to base64, and stand before words in an address.
    let mut start = at;
    found.extend(text[at..end].split(['/', '+']).filter_map(|piece| {
        let from = start;
        start += piece.len() + 1;
        marked(text, from, from + piece.len()).filter(is_live)
    }));
}

/// A word whose form alone tells what it is.
fn marked(text: &str, at: usize, end: usize) -> Option<Found> {
    if let Some(token) = discord::token(text, at, end - at) {
        return Some(token);
    }
    if let Some(token) = vendor_words::read(text, at, end) {
        return Some(token);
    }
    twilio::is_api_key(&text[at..end]).then(|| Found::new(Kind::Twilio, at..end))
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/')
}

#[cfg(test)]
mod tests;
