//! What is said about `wharf.toml` without the secrets that somebody may have written into it.

use wharf_document::{secret, values};

/// What stands in the place of a secret.
const MASK: &str = "********";

/// Words of keys whose value may be a secret, whatever it looks like.
const SECRET_KEYS: [&str; 5] = ["secret", "password", "passwd", "token", "key"];

/// An error of the reader. It shows the line, unless what stands there may be a secret.
pub(super) fn error(mut error: toml::de::Error, text: &str) -> String {
    if let Some(span) = error.span() {
        let before = text.get(..span.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let mut lines = before.lines().map(str::trim_start).rev();
        let header = lines.find(|line| line.starts_with('['));
        let is_among_handlers = header.is_some_and(|line| line.starts_with("[handlers"));
        if is_among_handlers || may_be_secret(line, text) {
            error.set_input(None);
            let number = before.matches('\n').count() + 1;
            let told = words(error.to_string(), text);
            let told = told.trim_end();
            return format!("line {number}: {told} (the line is not shown, it may hold a secret)");
        }
    }
    words(error.to_string(), text)
}

fn may_be_secret(line: &str, text: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let is_named = SECRET_KEYS.iter().any(|word| lower.contains(word));
    is_named || values::has_password(line) || words(line.to_owned(), text) != line
}

/// A message without what looks like a live secret, in it or in the text that it is about.
pub(super) fn words(message: String, text: &str) -> String {
    // Escapes may hide in the text what the message holds in the open.
    [text.to_owned(), message.clone()]
        .iter()
        .flat_map(|text| {
            let found = secret::scan(text).into_iter();
            found.filter_map(|found| text.get(found.span).map(str::to_owned))
        })
        .filter(|secret| !secret.is_empty())
        .fold(message, |message, secret| message.replace(&secret, MASK))
}
