//! What is said about `wharf.toml` without the secrets that somebody may have written into it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use wharf_document::values;

use super::error::Mistake;

/// What stands in the place of a secret.
const MASK: &str = "********";

/// Words of keys whose value may be a secret, whatever it looks like.
const SECRET_KEYS: [&str; 5] = ["secret", "password", "passwd", "token", "key"];

/// Least length of a word that is taken for a secret by its look alone.
const LEAST_SCRAMBLED: usize = 20;

/// What stands around a value in the file.
const AROUND_VALUES: &[char] = &['"', '\'', '`', '=', '[', ']', '{', '}', ',', '#'];

/// Adds a mistake for every name and every text of a valid file that may be a secret, unless there
/// is one about it.
pub(super) fn find(text: &str, mistakes: &mut Vec<Mistake>) {
    let Ok(file) = DeTable::parse(text) else {
        return;
    };
    let mut places = Vec::new();
    of_table(file.get_ref(), &mut places);
    for place in places {
        if !mistakes.iter().any(|(at, _)| place.contains(at)) {
            let message = "what may be a password or a key stands there, and is not shown; take it \
                           out, and replace it if it is real";
            mistakes.push((place.start, message.to_owned()));
        }
    }
}

fn of_table(table: &DeTable<'_>, places: &mut Vec<Range<usize>>) {
    for (name, value) in table {
        if is_secret(name.get_ref()) {
            places.push(name.span());
        }
        of_value(value.get_ref(), value.span(), places);
    }
}

fn of_value(value: &DeValue<'_>, place: Range<usize>, places: &mut Vec<Range<usize>>) {
    match value {
        DeValue::String(text) if is_secret(text) => places.push(place),
        DeValue::Table(table) => of_table(table, places),
        DeValue::Array(items) => {
            for item in items {
                of_value(item.get_ref(), item.span(), places);
            }
        }
        _ => {}
    }
}

fn is_secret(text: &str) -> bool {
    !wharf_scan::scan(text).is_empty() || text.contains("://") && values::has_password(text)
}

/// An error of the reader. It shows the line, unless what stands there may be a secret.
pub(super) fn error(mut error: toml::de::Error, text: &str) -> String {
    if let Some(span) = error.span() {
        let before = text.get(..span.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let mut lines = before.lines().map(str::trim_start).rev();
        let header = lines.find(|line| line.starts_with('['));
        let tables = ["[handlers", "[store", "[secrets.vault", "[secrets.aws"];
        let is_near_secrets =
            header.is_some_and(|line| tables.iter().any(|table| line.starts_with(table)));
        if is_near_secrets || may_be_secret(line, text) {
            error.set_input(None);
            let number = before.matches('\n').count() + 1;
            let told = words(error.to_string(), text);
            let told = told.trim_end();
            // As the reader counts them.
            let column = before[start..].chars().count() + 1;
            return format!(
                "line {number}, column {column}: {told} (the line is not shown, it may hold a secret)"
            );
        }
    }
    words(error.to_string(), text)
}

fn may_be_secret(line: &str, text: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let is_named = SECRET_KEYS.iter().any(|word| lower.contains(word));
    is_named || values::has_password(line) || words(line.to_owned(), text) != line
}

/// Words that look as if a machine drew them. They are not refused, and not shown either.
fn scrambled(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || AROUND_VALUES.contains(&c));
    // As a piece of a path, such a word is no reference to a secret.
    let is_drawn = |word: &&str| {
        word.len() >= LEAST_SCRAMBLED
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_+".contains(c))
            && !values::is_secret_reference(&format!("./{word}"))
    };
    words.filter(is_drawn).map(str::to_owned)
}

/// A message without what looks like a live secret, in it or in the text that it is about.
pub(super) fn words(message: String, text: &str) -> String {
    // Escapes may hide in the text what the message holds in the open.
    [text.to_owned(), message.clone()]
        .iter()
        .flat_map(|text| {
            let found = wharf_scan::scan(text).into_iter();
            let found = found.filter_map(|found| text.get(found.span).map(str::to_owned));
            found.chain(scrambled(text)).collect::<Vec<_>>()
        })
        .filter(|secret| !secret.is_empty())
        .fold(message, |message, secret| message.replace(&secret, MASK))
}
