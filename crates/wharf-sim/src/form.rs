//! `application/x-www-form-urlencoded` bodies and query strings.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Pairs read from one form; further ones are ignored.
const MAX_PAIRS: usize = 1_000;
/// Levels of `a[b][c]`; what lies deeper is ignored.
const MAX_DEPTH: usize = 8;

/// The decoded pairs of a form in order.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .take(MAX_PAIRS)
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
}

/// The form as an object of texts: `a[b]=c` nests, `a[]=c` and `a[0]=c` make lists.
///
/// A name that contradicts an earlier one, such as `a=1&a[b]=2`, replaces it.
pub(crate) fn parse(text: &str) -> Value {
    let mut fields = Map::new();
    for (name, value) in pairs(text) {
        let (head, path) = split_name(&name);
        if path.len() < MAX_DEPTH {
            let slot = fields.entry(head).or_insert(Value::Null);
            insert(slot, &path, value);
        }
    }
    Value::Object(fields)
}

fn decode(text: &str) -> String {
    let spaces = text.replace('+', " ");
    percent_decode_str(&spaces).decode_utf8_lossy().into_owned()
}

/// `a[b][]` to `a` and `["b", ""]`; a name with stray brackets stays whole.
fn split_name(name: &str) -> (String, Vec<&str>) {
    let Some((head, rest)) = name.split_once('[') else {
        return (name.to_owned(), Vec::new());
    };
    match rest.strip_suffix(']') {
        Some(inner) if !head.is_empty() => (head.to_owned(), inner.split("][").collect()),
        _ => (name.to_owned(), Vec::new()),
    }
}

fn insert(slot: &mut Value, path: &[&str], value: String) {
    let Some((key, rest)) = path.split_first() else {
        *slot = Value::String(value);
        return;
    };
    let is_index = key.is_empty() || key.parse::<usize>().is_ok();
    if is_index && !slot.is_object() {
        if !slot.is_array() {
            *slot = Value::Array(Vec::new());
        }
        if let Value::Array(items) = slot {
            // Indices are taken in the order they come; one that is known goes to its item.
            let known = key
                .parse()
                .ok()
                .filter(|index: &usize| *index < items.len());
            let index = known.unwrap_or_else(|| {
                items.push(Value::Null);
                items.len() - 1
            });
            if let Some(item) = items.get_mut(index) {
                insert(item, rest, value);
            }
        }
        return;
    }
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(fields) = slot {
        insert(
            fields.entry((*key).to_owned()).or_insert(Value::Null),
            rest,
            value,
        );
    }
}

#[cfg(test)]
mod tests;
