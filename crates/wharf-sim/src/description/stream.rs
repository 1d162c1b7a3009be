//! Event streams from a description: from an example's text, or made from the events' schema.

use std::rc::Rc;

use serde_json::Value;
use wharf_openapi::{Tree, reference, schema};

use crate::event::{Event, EventStream};

/// Events made from a schema, the end mark not counted.
const EVENTS: usize = 3;

/// Schemas that are searched for the end mark.
const MAX_SEARCHED: usize = 64;

/// The end mark that vendors of token streams use; sent only where the description shows it.
const END_MARK: &str = "[DONE]";

/// The events of an example that is written as the text of a stream.
pub(super) fn from_text(text: &str) -> Option<EventStream> {
    let stream = EventStream::parse(text);
    (!stream.events.is_empty()).then_some(stream)
}

/// A few events of the schema: the first variants of a union, or one value several times.
///
/// An object of `event` and `data` is taken as the two fields of an event, anything else as
/// its data.
pub(super) fn from_schema(
    tree: &Tree<'_>,
    operation: &Rc<Value>,
    schema: &Rc<Value>,
) -> EventStream {
    let variants = variants(tree, schema);
    let mut events: Vec<Event> = variants
        .iter()
        .filter_map(|variant| schema::generate(tree, variant))
        .filter(|value| !is_end(value))
        .take(EVENTS)
        .map(|value| event(&value))
        .collect();
    // A stream of typed events ends with one of them, a stream of equal chunks with the mark.
    let ends_with_mark = if variants.len() == 1 {
        tree.mentions(END_MARK)
    } else {
        shows_end_mark(tree, operation, schema)
    };
    if let [only] = events.as_slice() {
        events = vec![only.clone(); EVENTS];
    }
    if ends_with_mark {
        events.push(Event::new(None, END_MARK));
    }
    EventStream { events }
}

/// The members of unions, nested ones flattened; the schema itself when it is none.
fn variants(tree: &Tree<'_>, schema: &Rc<Value>) -> Vec<Rc<Value>> {
    let mut found = Vec::new();
    let mut open = vec![Rc::clone(schema)];
    let mut steps = 0;
    while let Some(next) = open.pop() {
        steps += 1;
        if steps > MAX_SEARCHED {
            break;
        }
        let Some(resolved) = tree.resolve(&next) else {
            continue;
        };
        let union = ["oneOf", "anyOf"]
            .iter()
            .find_map(|name| resolved.get(*name)?.as_array().cloned());
        match union {
            Some(members) => open.extend(members.into_iter().rev().map(Rc::new)),
            None => found.push(next),
        }
    }
    found
}

fn event(value: &Value) -> Event {
    if let (Some(kind), Some(data)) = (
        value.get("event").and_then(Value::as_str),
        value.get("data"),
    ) {
        return Event::new(Some(kind), &data_text(data));
    }
    Event::new(None, &data_text(value))
}

fn data_text(data: &Value) -> String {
    match data {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_end(value: &Value) -> bool {
    value.get("data").and_then(Value::as_str) == Some(END_MARK)
}

/// Whether the operation, its body's schema or the events' schema speak of the end mark.
fn shows_end_mark(tree: &Tree<'_>, operation: &Rc<Value>, schema: &Rc<Value>) -> bool {
    let mut open = vec![Rc::clone(schema)];
    if mentions(operation) {
        return true;
    }
    if let Some(body) = tree.member(operation, "requestBody") {
        open.push(body);
    }
    let mut seen: Vec<String> = Vec::new();
    while let Some(next) = open.pop() {
        if mentions(&next) {
            return true;
        }
        let mut targets = Vec::new();
        direct_references(&next, &mut targets);
        for target in targets {
            if seen.len() < MAX_SEARCHED && !seen.contains(&target) {
                open.extend(tree.follow(&target));
                seen.push(target);
            }
        }
    }
    false
}

fn mentions(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(END_MARK),
        Value::Array(items) => items.iter().any(mentions),
        Value::Object(fields) => fields.values().any(mentions),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// References that say what a body is, not those of its single properties.
fn direct_references(value: &Value, targets: &mut Vec<String>) {
    if let Some(target) = reference(value) {
        targets.push(target.to_owned());
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                direct_references(item, targets);
            }
        }
        Value::Object(fields) => {
            for (_, field) in fields.iter().filter(|(name, _)| *name != "properties") {
                direct_references(field, targets);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
