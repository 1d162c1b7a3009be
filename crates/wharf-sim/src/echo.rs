//! Merging what a caller wrote into an example, so that a write reads back what was written.
//!
//! Only fields that the example has are replaced, and only by a value of the same JSON type:
//! the answer keeps the shape its author showed.

use serde_json::{Map, Number, Value};

/// What a caller sent in the body.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// `Null` when there was nothing, or nothing that could be understood.
    pub(crate) value: Value,
    /// Whether every scalar is text, as in a form, and has to be read by the example's type.
    pub(crate) textual: bool,
}

/// Replaces fields of `example` by the fields of the body and by path parameters of that name.
///
/// Fields of the top level and of objects directly in it take part; `id` keeps the example's
/// value unless the path names it. An empty object or `null` in the example is open: it takes
/// the whole object, or the text, that was written. Path parameters win over the body.
pub(crate) fn read_back(example: &mut Value, written: &Written, parameters: &[(String, String)]) {
    let Value::Object(fields) = example else {
        return;
    };
    if let Value::Object(new) = &written.value {
        merge(fields, new, written.textual, Level::Top);
    }
    for (name, text) in parameters {
        if let Some(slot) = fields.get_mut(name) {
            replace(slot, &Value::String(text.clone()), true, Level::Nested);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Level {
    Top,
    Nested,
}

fn merge(fields: &mut Map<String, Value>, new: &Map<String, Value>, textual: bool, level: Level) {
    for (name, value) in new {
        if name == "id" {
            continue;
        }
        if let Some(slot) = fields.get_mut(name) {
            replace(slot, value, textual, level);
        }
    }
}

fn replace(slot: &mut Value, new: &Value, textual: bool, level: Level) {
    match (&mut *slot, new) {
        (Value::Object(fields), Value::Object(new)) if fields.is_empty() => {
            fields.clone_from(new);
        }
        (Value::Object(fields), Value::Object(new)) => {
            if level == Level::Top {
                merge(fields, new, textual, Level::Nested);
            }
        }
        (Value::Array(items), Value::Array(new)) => {
            if let Some(new) = like(items, new, textual) {
                *items = new;
            }
        }
        (_, new) => {
            if let Some(new) = scalar_like(slot, new, textual) {
                *slot = new;
            }
        }
    }
}

/// The new items when each fits the first item of the example, or the example has none.
fn like(items: &[Value], new: &[Value], textual: bool) -> Option<Vec<Value>> {
    let Some(first) = items.first() else {
        return Some(new.to_vec());
    };
    new.iter()
        .map(|item| match (first, item) {
            (Value::Object(_), Value::Object(_)) | (Value::Array(_), Value::Array(_)) => {
                Some(item.clone())
            }
            _ => scalar_like(first, item, textual),
        })
        .collect()
}

/// The new value when it has the JSON type of `old`, read from text where all values are text.
fn scalar_like(old: &Value, new: &Value, textual: bool) -> Option<Value> {
    match (old, new) {
        (Value::String(_) | Value::Null, Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => Some(new.clone()),
        (Value::Number(old), Value::String(text)) if textual => {
            number_like(old, text).map(Value::Number)
        }
        (Value::Bool(_), Value::String(text)) if textual => text.parse().ok().map(Value::Bool),
        _ => None,
    }
}

fn number_like(old: &Number, text: &str) -> Option<Number> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    if old.is_f64() {
        return text.parse().ok().and_then(Number::from_f64);
    }
    None
}

#[cfg(test)]
mod tests;
