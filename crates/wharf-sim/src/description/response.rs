//! The answer that a described operation gives when all goes well.

use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use wharf_openapi::{Content, Dialect, Success, Tree, schema};

use super::stream;
use crate::answer::{JSON, Plain, Prepared};

const EVENT_STREAM: &str = "text/event-stream";

/// Makes the answer: examples of the response first, then those of the schema, then values
/// made from the schema.
pub(super) fn prepare(tree: &Tree<'_>, dialect: Dialect, operation: &Rc<Value>) -> Prepared {
    let Some(Success { status, contents }) = Success::of(tree, dialect, operation) else {
        return Prepared::default();
    };
    let stream = contents
        .iter()
        .find(|content| content.media_type == EVENT_STREAM)
        .and_then(|content| {
            if let Some(Value::String(text)) = &content.example {
                return stream::from_text(text);
            }
            let schema = content.schema.as_ref()?;
            Some(stream::from_schema(tree, operation, schema))
        });
    let plain = match preferred(&contents) {
        Some(content) => plain(tree, content),
        // Nothing but a stream: everybody gets it.
        None if stream.is_some() => None,
        None => Some(Plain::Empty),
    };
    Prepared {
        others: Vec::new(),
        status: StatusCode::from_u16(status).ok(),
        plain,
        stream,
    }
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

/// JSON first, then whatever else there is apart from a stream.
fn preferred(contents: &[Content]) -> Option<&Content> {
    let rank = |content: &&Content| match content.media_type.as_str() {
        "application/json" => 0,
        other if is_json(other) => 1,
        "*/*" | "application/*" => 2,
        _ => 3,
    };
    contents
        .iter()
        .filter(|content| content.media_type != EVENT_STREAM)
        .min_by_key(rank)
}

fn plain(tree: &Tree<'_>, content: &Content) -> Option<Plain> {
    let value = content.example.clone().or_else(|| {
        let schema = content.schema.as_ref()?;
        schema::generate(tree, schema)
    });
    let wildcard = content.media_type.contains('*');
    if is_json(&content.media_type) || wildcard {
        // Some descriptions write their JSON examples as text.
        let value = match value? {
            Value::String(text) if content.example.is_some() => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            value => value,
        };
        let content_type = HeaderValue::from_str(&content.media_type)
            .ok()
            .filter(|_| !wildcard)
            .unwrap_or(JSON);
        return Some(Plain::Json {
            content_type,
            value,
        });
    }
    let bytes = match value {
        Some(Value::String(text)) => Bytes::from(text),
        Some(value) => Bytes::from(value.to_string()),
        None => Bytes::from_static(b"simulated\n"),
    };
    Some(Plain::Bytes {
        content_type: HeaderValue::from_str(&content.media_type).ok()?,
        bytes,
    })
}

#[cfg(test)]
mod tests;
