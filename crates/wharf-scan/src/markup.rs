//! Tags of HTML between a name and its value: `<td>API key</td><td>…</td>`, `<b>Token</b>: <code>…`.
//!
//! Source: HTML, sections 4.4 to 4.9 and 4.11 (html.spec.whatwg.org).

/// Longest tag that is read, with its attributes.
const MOST_TAG: usize = 80;
/// Tags that are read in a row.
const MOST_TAGS: usize = 8;

/// Elements that end the name of a value, and whose next sibling may hold the value.
const CELLS: [&str; 13] = [
    "td", "th", "dt", "summary", "label", "p", "h1", "h2", "h3", "h4", "h5", "h6", KEY,
];
/// A name of a property list, whose value is the next element (plist(5)).
const KEY: &str = "key";
/// Elements that mark words.
const MARKS: [&str; 12] = [
    "b", "strong", "code", "em", "i", "kbd", "tt", "samp", "span", "mark", "u", "pre",
];

struct Tag<'a> {
    name: &'a str,
    is_closing: bool,
    rest: &'a str,
}

fn tag(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let bytes = inner.as_bytes();
    let end = bytes
        .iter()
        .take(MOST_TAG)
        .position(|byte| b"<>\n".contains(byte))?;
    let (inner, rest) = (&inner[..end], inner[end..].strip_prefix('>')?);
    let (inner, is_closing) = match inner.strip_prefix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let name = inner.split(' ').next()?;
    Some(Tag {
        name,
        is_closing,
        rest,
    })
}

fn is_any(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What stands behind the closing tags of marks.
pub(super) fn without_closing_marks(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..MOST_TAGS {
        match tag(rest) {
            Some(tag) if tag.is_closing && is_any(&MARKS, tag.name) => rest = tag.rest,
            _ => break,
        }
    }
    rest
}

/// What stands behind the opening tags of marks, when there are some.
pub(super) fn behind_opening_marks(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..MOST_TAGS {
        match tag(rest) {
            Some(tag) if !tag.is_closing && is_any(&MARKS, tag.name) => rest = tag.rest,
            _ => break,
        }
    }
    (rest.len() < text.len()).then_some(rest)
}

/// What stands in the element behind the one that a name ends.
pub(super) fn next_cell(text: &str) -> Option<&str> {
    let first = tag(text).filter(|tag| tag.is_closing && is_any(&CELLS, tag.name))?;
    let mut rest = first.rest.trim_start();
    for _ in 0..MOST_TAGS {
        match tag(rest) {
            // The last cell of a row has none behind it.
            Some(tag) if is_any(&["tr", KEY], tag.name) => return None,
            Some(tag) => rest = tag.rest.trim_start(),
            None => break,
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests;
