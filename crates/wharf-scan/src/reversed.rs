//! A value before its name: `"VALUE" (password)`, "use `VALUE` as the password", "`VALUE` is the API key".
//!
//! The value must be marked by quotes, code or emphasis; nothing else tells where it starts.

use std::ops::Range;

use super::human;
use super::names::{Name, Named};

const MOST_VALUE: usize = 130;
/// What may stand between a value and its name.
const GAPS: [&str; 12] = [
    "as the ",
    "as ",
    "is the ",
    "is your ",
    "is our ",
    "für das ",
    "als ",
    "est le ",
    "es la ",
    "è la ",
    "comme ",
    "como ",
];
/// What the word "password" is said of besides a password.
const PARTS: [&str; 10] = [
    "prompt", "field", "dialog", "box", "policy", "hint", "manager", "reset", "rule", "form",
];
/// Longest word before a name in brackets: `(admin password)`.
const MOST_WORD: usize = 24;

/// The place of the value before a name.
pub(super) fn value(text: &str, named: &Named) -> Option<Range<usize>> {
    let before = &text[..named.place.start];
    let bracketed = in_brackets(before);
    let marked = match bracketed {
        Some(marked) => text[named.place.end..].starts_with(')').then_some(marked)?,
        None => behind_gap(before).or_else(|| behind_gap(without_word(before)?))?,
    };
    let marked = marked.strip_suffix(' ').unwrap_or(marked);
    let inner = marked.trim_end_matches(is_mark);
    if inner.len() == marked.len() && named.name == Name::Password {
        let is_alone = bracketed.is_none_or(|marked| before.len() == marked.len() + 1);
        // "type Ctrl+Alt+F2 as the password prompt appears"
        let behind = text[named.place.end..].trim_start_matches(' ');
        let is_part = PARTS.iter().any(|part| behind.starts_with(part));
        return (is_alone && !is_part).then(|| unmarked(marked, bracketed.is_some()))?;
    }
    // One mark is a mark, three end a block.
    if inner.len() == marked.len() || marked.len() - inner.len() > 4 {
        return None;
    }
    let length = inner
        .chars()
        .rev()
        .take(MOST_VALUE)
        .take_while(|sign| !(is_mark(*sign) || is_opening(*sign) || sign.is_whitespace()))
        .map(char::len_utf8)
        .sum::<usize>();
    let start = inner.len() - length;
    let is_opened = inner[..start].ends_with(|sign| is_mark(sign) || is_opening(sign));
    (is_opened && length > 0).then_some(start..inner.len())
}

/// The last word, where it is a password by its looks: "type 7Dwarfs!in!Wood as the password", or stands
/// behind the name of a user: "admin / VALUE (password)".
fn unmarked(before: &str, is_bracketed: bool) -> Option<Range<usize>> {
    let word = |text: &str| {
        let signs = text.bytes().rev().take(MOST_VALUE);
        let length = signs.take_while(|byte| !byte.is_ascii_whitespace()).count();
        text.len() - length
    };
    let start = word(before);
    // The last word may start in the middle of a sign.
    let value = before.get(start..)?;
    let is_second = before[..start].ends_with(" / ") && human::is_of_user(value);
    let is_striking = !is_bracketed && human::is_striking(value);
    (is_second || is_striking).then_some(start..before.len())
}

fn behind_gap(before: &str) -> Option<&str> {
    GAPS.iter().find_map(|gap| before.strip_suffix(gap))
}

/// Without the word before a name: `API` of "API key".
fn without_word(before: &str) -> Option<&str> {
    let words = before.strip_suffix(' ')?;
    let signs = words.chars().rev().take(MOST_WORD);
    let length: usize = signs
        .take_while(|sign| sign.is_alphanumeric())
        .map(char::len_utf8)
        .sum();
    Some(&words[..words.len() - length])
}

fn is_mark(sign: char) -> bool {
    matches!(sign, '"' | '\'' | '`' | '*' | '”' | '“' | '»' | '’')
}

fn is_opening(sign: char) -> bool {
    matches!(sign, '„' | '«' | '「')
}

/// What stands before the bracket that a name, or a word before it, follows.
fn in_brackets(before: &str) -> Option<&str> {
    let is_word = |sign: &char| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_');
    let signs = before.chars().rev().take(MOST_WORD).take_while(is_word);
    let length: usize = signs.map(char::len_utf8).sum();
    before[..before.len() - length].strip_suffix('(')
}

#[cfg(test)]
mod tests;
