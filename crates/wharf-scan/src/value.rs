//! Where the value of a name ends, and what around it is no part of it.

use std::ops::Range;

use super::drawn_value::MOST_VALUE;
use super::markup;
use super::names::{Name, Named};
use super::operator::{self, Join};
use super::phrase;

/// What may stand between a name and its value.
const SCHEMES: [&str; 6] = [
    "Bearer ", "bearer ", "Basic ", "token ", "Token ", "ApiKey ",
];

/// A value, and what joins it to its name.
pub(super) struct Value {
    pub(super) span: Range<usize>,
    pub(super) join: Join,
}

/// How a value is opened.
struct Opening {
    /// Where its first sign is.
    from: usize,
    quote: Option<u8>,
    /// Whether marks of emphasis stand before it.
    is_marked: bool,
    /// Whether tags of HTML do.
    is_in_tag: bool,
}

/// The value that belongs to a name.
pub(super) fn read(text: &str, named: &Named) -> Option<Value> {
    let start = operator::start(text, named)?;
    let opening = opening(text, start.at);
    let from = opening.from;
    let mark = start.end.or(opening.is_in_tag.then_some(b'<'));
    let end = end(text, &opening, mark, named.name);
    let is_open = mark == Some(b'<') && opening.quote.is_none() && !text[end..].starts_with("</");
    let whole = &text[from..end];
    let is_cut = whole.ends_with("...");
    // Code that gets the value: `os.getenv(…)`.
    let is_call = opening.quote.is_none() && has_call(whole);
    if is_open && named.is_of_words() {
        let span = phrase::behind(text, &(from..end), named.name_of(text))?;
        return Some(Value {
            span,
            join: start.join,
        });
    }
    if is_cut || is_call || is_open {
        return None;
    }
    // What stands before the closing quote belongs to the value.
    let is_closed = opening
        .quote
        .is_some_and(|quote| text.as_bytes().get(end) == Some(&quote));
    let is_mark = |sign| {
        matches!(sign, '.' | ':' | '\\')
            || (sign == '&' && !is_closed)
            || (sign == '*' && opening.is_marked)
    };
    let whole = whole.strip_suffix("**").unwrap_or(whole);
    let value = whole.trim_end_matches(is_mark);
    // A list around a name and its value: `authorization=[Bearer VALUE]`. A password may end so.
    let value = match value.strip_suffix([']', '}', '>']) {
        Some(inner) if named.name != Name::Password && !inner.contains(['[', '{', '<', '$']) => {
            inner
        }
        _ => value,
    };
    let is_emphasised = opening.quote.is_none() && value.len() > 2 && is_between(value, '_');
    let marks = usize::from(is_emphasised);
    let span = from + marks..from + value.len() - marks;
    (!span.is_empty()).then_some(Value {
        span,
        join: start.join,
    })
}

/// How many bytes of `most` a value has until its end.
pub(super) fn length(rest: &str, most: usize, is_end: impl Fn(u8) -> bool) -> usize {
    let bytes = rest.bytes().take(most);
    bytes.take_while(|byte| !is_end(*byte)).count()
}

/// Where a value ends that quotes enclose: also behind a space or a quote that is escaped, so that
/// none of it is shown.
pub(super) fn to_its_mark(text: &str, span: &Range<usize>) -> usize {
    const MOST_BEHIND: usize = 80;
    let before = &text[..span.start];
    let mark = before.chars().next_back();
    let Some(mark) = mark.filter(|mark| matches!(mark, '"' | '\'' | '`')) else {
        return span.end;
    };
    let rest = &text[span.end..];
    let near = &rest[..rest.floor_char_boundary(MOST_BEHIND.min(rest.len()))];
    let line = near.split('\n').next().unwrap_or_default();
    // In JSON within a text, that quote is the end.
    let opening = &before[..before.len() - mark.len_utf8()];
    let is_behind_escape = |at: usize| text[..span.end + at].ends_with('\\');
    let is_escaped = (line.starts_with('\\') || is_behind_escape(0)) && !opening.ends_with('\\');
    let mut marks = line.match_indices(mark).map(|(at, _)| at);
    let end = if is_escaped {
        marks.find(|at| !is_behind_escape(*at))
    } else {
        marks.next().filter(|_| line.starts_with(' '))
    };
    span.end + end.unwrap_or(0)
}

fn opening(text: &str, at: usize) -> Opening {
    let is_mark = |sign| " \t*(\u{a0}\u{202f}\u{3000}«（“„‚‘「『".contains(sign);
    let marked = text[at..].trim_start_matches(is_mark);
    let tagged = markup::behind_opening_marks(marked);
    let marked = tagged.unwrap_or(marked);
    let is_marked = text[at..text.len() - marked.len()].contains('*');
    let rest = SCHEMES
        .iter()
        .find_map(|scheme| marked.strip_prefix(scheme))
        .unwrap_or(marked);
    // JSON in JSON.
    let rest = rest
        .strip_prefix('\\')
        .filter(|rest| rest.starts_with(['"', '\'']))
        .unwrap_or(rest);
    let quote = rest.bytes().next().filter(|byte| b"\"'`".contains(byte));
    let from = text.len() - rest.len() + usize::from(quote.is_some());
    // A code span of two marks.
    let second = usize::from(quote == Some(b'`') && text[from..].starts_with('`'));
    Opening {
        from: from + second,
        quote,
        is_marked,
        is_in_tag: tagged.is_some(),
    }
}

fn end(text: &str, opening: &Opening, mark: Option<u8>, name: Name) -> usize {
    let from = opening.from;
    let bytes = &text.as_bytes()[from..text.len().min(from + MOST_VALUE)];
    let is_end = |at: usize, byte: u8| match opening.quote {
        Some(quote) => byte == quote || matches!(byte, b'\n' | b' ' | b'|'),
        None => {
            byte.is_ascii_whitespace()
                || b"\"'`|,;)".contains(&byte)
                || (byte == b'&' && name != Name::Password)
                || Some(byte) == mark
                || (byte == b'<' && bytes[at..].starts_with(b"<br"))
                || (!byte.is_ascii() && is_closing(&bytes[at..]))
        }
    };
    // A line end of JSON ends a value, as a quote inside of it does.
    let is_escape = |at: usize| {
        bytes[at] == b'\\'
            && bytes
                .get(at + 1)
                .is_some_and(|byte| b"nrt\"'".contains(byte))
    };
    let length = (0..bytes.len())
        .find(|at| is_end(*at, bytes[*at]) || is_escape(*at))
        .unwrap_or(bytes.len());
    text.floor_char_boundary(from + length)
}

/// Quotes and the marks of sentences that end a value and are no part of one, in UTF-8.
fn is_closing(bytes: &[u8]) -> bool {
    [
        "»", "”", "“", "’", "」", "』", "）", "。", "、", "，", "；", "\u{a0}", "\u{3000}",
    ]
    .iter()
    .any(|sign| bytes.starts_with(sign.as_bytes()))
}

fn is_between(value: &str, mark: char) -> bool {
    value.starts_with(mark) && value.ends_with(mark)
}

fn has_call(value: &str) -> bool {
    value.find('(').is_some_and(|at| {
        let name = &value.as_bytes()[..at];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:$>-".contains(byte);
        name.len() > 1 && name.iter().all(is_part)
    })
}

#[cfg(test)]
mod tests;
