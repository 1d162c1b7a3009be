//! Sets a key of the frontmatter.

use wharf_diag::{Edit, Span};

use super::quoted::quoted;
use super::{Error, Value, edit, first_that, line_end, line_ending};
use crate::format::{Content, Entry, Read, entries_of, rank, read};
use crate::raw::frontmatter::{Bounds, bounds, key_lines};

pub(super) fn set(text: &str, key: &str, value: &Value) -> Result<Option<Edit>, Error> {
    let bounds = bounds(text)
        .filter(|bounds| bounds.closed)
        .ok_or(Error::NoFrontmatter)?;
    let entries = read(text, bounds).ok_or(Error::NotRead)?;
    let wanted = content(value);
    let known = entries.iter().position(|entry| entry.name == key);
    let edits = match known.and_then(|at| entries.get(at)) {
        Some(entry) if entry.content == wanted => return Ok(None),
        Some(entry) => replacing(text, bounds, entry, value),
        None => {
            let cuts = entries_of(text, bounds, &entries).ok_or(Error::NotRead)?;
            adding(text, bounds, &cuts, key, value)
        }
    };
    let edit = first_that(text, edits, |after| {
        holds(after, text, bounds, &entries, (known, key, &wanted))
    })?;
    Ok(Some(edit))
}

/// Whether a text has all entries of before, with one changed or added, and the same body.
fn holds(
    after: &str,
    before: &str,
    old: Bounds,
    entries: &[Read],
    (known, key, value): (Option<usize>, &str, &Content),
) -> bool {
    let Some(new) = bounds(after).filter(|bounds| bounds.closed) else {
        return false;
    };
    if after.get(new.whole.end..) != before.get(old.whole.end..) {
        return false;
    }
    let found = read(after, new).unwrap_or_default();
    let mut found: Vec<_> = found
        .iter()
        .map(|entry| (&*entry.name, &entry.content))
        .collect();
    let mut wanted: Vec<_> = entries
        .iter()
        .map(|entry| (&*entry.name, &entry.content))
        .collect();
    if let Some(at) = known {
        if let Some(entry) = wanted.get_mut(at) {
            entry.1 = value;
        }
    } else {
        let Some(at) = found.iter().position(|(name, _)| *name == key) else {
            return false;
        };
        if found.remove(at).1 != value {
            return false;
        }
    }
    found == wanted
}

fn content(value: &Value) -> Content {
    match value {
        Value::Text(text) => Content::Scalar(text.clone()),
        Value::Number(number) => Content::Scalar(number.to_string()),
        Value::Boolean(boolean) => Content::Scalar(boolean.to_string()),
        Value::List(texts) => {
            let texts = texts.iter().cloned().map(Content::Scalar);
            Content::List(texts.collect())
        }
    }
}

/// Writes a value over one that is there. A remark behind it stays.
fn replacing(text: &str, bounds: Bounds, entry: &Read, value: &Value) -> Vec<Edit> {
    let line = key_lines(text, bounds.yaml)
        .into_iter()
        .find(|line| line.key.start == entry.key.start)
        .filter(|line| entry.value.end <= line_end(text, line.key.end));
    let Some(line) = line else {
        // The value runs over several lines, or the key is quoted.
        let colon = text
            .get(entry.key.end..)
            .and_then(|rest| rest.find(':'))
            .map_or(entry.key.end, |colon| entry.key.end + colon + 1);
        let end = entry.value.end.max(colon);
        // A quote that closes the value is not part of its place.
        let quote = text.get(end..).filter(|rest| rest.starts_with(['"', '\'']));
        let ends = [Some(end), quote.map(|_| end + 1)];
        let indent = block_indent(text, entry);
        return ends
            .into_iter()
            .flatten()
            .flat_map(|end| {
                let span = Span::new(colon, end);
                let block = indent.and_then(|indent| block_list(text, value, indent));
                let block = block.map(|list| edit(span, list));
                let inline = ways_to_write(value, None);
                let inline = inline
                    .into_iter()
                    .map(|value| edit(span, format!(" {value}")));
                block.into_iter().chain(inline).collect::<Vec<_>>()
            })
            .collect();
    };
    let old = text.get(line.value.range()).unwrap_or_default();
    let quote = old.chars().next().filter(|c| matches!(c, '"' | '\''));
    let gap = if line.value.is_empty() { " " } else { "" };
    let at = if line.value.is_empty() {
        let colon = text[line.key.end..].find(':').unwrap_or_default();
        Span::at(line.key.end + colon + 1)
    } else {
        line.value
    };
    ways_to_write(value, quote)
        .into_iter()
        .map(|value| edit(at, format!("{gap}{value}")))
        .collect()
}

/// The white space before the dashes of a list of lines.
fn block_indent<'a>(text: &'a str, entry: &Read) -> Option<&'a str> {
    let Content::List(_) = entry.content else {
        return None;
    };
    let before = text.get(..entry.value.start)?;
    let start = before.rfind('\n')? + 1;
    let line = text.get(start..)?;
    let indent = line.len() - line.trim_start_matches(' ').len();
    line[indent..].starts_with('-').then(|| &line[..indent])
}

fn block_list(text: &str, value: &Value, indent: &str) -> Option<String> {
    let Value::List(texts) = value else {
        return None;
    };
    let eol = line_ending(text);
    let lines = texts.iter().map(|text| {
        let text = scalar(text, false);
        format!("{eol}{indent}- {text}")
    });
    (!texts.is_empty()).then(|| lines.collect())
}

/// Adds a line behind the entry that comes before the key in the order of keys.
fn adding(text: &str, bounds: Bounds, cuts: &[Entry], key: &str, value: &Value) -> Vec<Edit> {
    let rank = rank(key);
    let nearest = cuts
        .iter()
        .filter(|entry| entry.rank <= rank)
        .max_by_key(|entry| (entry.rank, entry.span.end));
    let at = nearest.map_or(bounds.yaml.start, |entry| entry.span.end);
    let eol = line_ending(text);
    let is_plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let key = if is_plain {
        key.to_owned()
    } else {
        quoted(key)
    };
    ways_to_write(value, None)
        .into_iter()
        .map(|value| edit(Span::at(at), format!("{key}: {value}{eol}")))
        .collect()
}

/// The ways to write a value on one line, the one with the quotes of before first.
fn ways_to_write(value: &Value, quote: Option<char>) -> Vec<String> {
    match value {
        Value::Number(number) => vec![number.to_string()],
        Value::Boolean(boolean) => vec![boolean.to_string()],
        Value::List(texts) => {
            let plain: Vec<_> = texts.iter().map(|text| scalar(text, true)).collect();
            let quotes: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
            vec![
                format!("[{}]", plain.join(", ")),
                format!("[{}]", quotes.join(", ")),
            ]
        }
        Value::Text(text) => {
            let single = format!("'{}'", text.replace('\'', "''"));
            match quote {
                Some('"') => vec![quoted(text)],
                Some(_) => vec![single, quoted(text)],
                None => vec![scalar(text, false), quoted(text)],
            }
        }
    }
}

/// A scalar without quotes where YAML and its readers take it as it stands.
fn scalar(text: &str, in_list: bool) -> String {
    let is_word =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '$' | '€' | '£' | '+');
    let is_plain = text.starts_with(is_word)
        && text.trim() == text
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.chars().any(|c| c.is_control() || c == '\u{feff}')
        && !(in_list && text.contains([',', '[', ']', '{', '}']));
    if is_plain {
        text.to_owned()
    } else {
        quoted(text)
    }
}
