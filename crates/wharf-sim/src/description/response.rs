//! The answer that a described operation gives when all goes well.

use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::schema::Generator;
use super::tree::Tree;
use super::{Dialect, stream};
use crate::answer::{JSON, Plain, Prepared};

const EVENT_STREAM: &str = "text/event-stream";

/// One media type of a response, in the words of `OpenAPI` 3.
struct Content {
    media_type: String,
    /// An example that stands beside the schema.
    example: Option<Value>,
    schema: Option<Rc<Value>>,
}

/// Makes the answer: examples of the response first, then those of the schema, then values
/// made from the schema.
pub(super) fn prepare(tree: &Tree<'_>, dialect: Dialect, operation: &Rc<Value>) -> Prepared {
    let Some((status, response)) = success(tree, operation) else {
        return Prepared::default();
    };
    let contents = match dialect {
        Dialect::OpenApi3 => contents(tree, &response),
        Dialect::Swagger2 => swagger_contents(tree, operation, &response),
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
        status: Some(status),
        plain,
        stream,
    }
}

/// The lowest status of success with its response; `default` where there is none.
fn success(tree: &Tree<'_>, operation: &Value) -> Option<(StatusCode, Rc<Value>)> {
    let responses = tree.member(operation, "responses")?;
    let responses = responses.as_object()?;
    let (status, name) = responses
        .keys()
        .filter_map(|name| Some((success_status(name)?, name)))
        .min_by_key(|(status, _)| *status)
        .or_else(|| Some((StatusCode::OK, responses.keys().find(|k| *k == "default")?)))?;
    let response = tree.resolve(&Rc::new(responses.get(name)?.clone()))?;
    Some((status, response))
}

fn success_status(name: &str) -> Option<StatusCode> {
    if name.eq_ignore_ascii_case("2xx") {
        return Some(StatusCode::OK);
    }
    name.parse().ok().filter(StatusCode::is_success)
}

fn contents(tree: &Tree<'_>, response: &Value) -> Vec<Content> {
    let content = response.get("content").and_then(Value::as_object);
    content
        .into_iter()
        .flatten()
        .map(|(media_type, media)| Content {
            media_type: essence(media_type),
            example: media
                .get("example")
                .cloned()
                .or_else(|| first_example(tree, media.get("examples")?)),
            schema: media.get("schema").map(|schema| Rc::new(schema.clone())),
        })
        .collect()
}

/// The value of the first entry of an `examples` map.
fn first_example(tree: &Tree<'_>, examples: &Value) -> Option<Value> {
    examples.as_object()?.values().find_map(|example| {
        let example = tree.resolve(&Rc::new(example.clone()))?;
        example.get("value").cloned()
    })
}

fn swagger_contents(tree: &Tree<'_>, operation: &Value, response: &Value) -> Vec<Content> {
    let schema = response.get("schema").map(|schema| Rc::new(schema.clone()));
    let examples = response.get("examples").and_then(Value::as_object);
    let described = operation.get("produces").cloned().map(Rc::new);
    let produces = described.or_else(|| tree.get(&["produces"]));
    let mut media_types: Vec<String> = examples
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .chain(
            produces
                .iter()
                .filter_map(|produces| produces.as_array())
                .flatten()
                .filter_map(Value::as_str),
        )
        .map(essence)
        .collect();
    if media_types.is_empty() {
        media_types.push("application/json".to_owned());
    }
    if schema.is_none() && examples.is_none_or(Map::is_empty) {
        return Vec::new();
    }
    media_types
        .into_iter()
        .map(|media_type| Content {
            example: examples.and_then(|examples| {
                examples
                    .iter()
                    .find(|(name, _)| essence(name) == media_type)
                    .map(|(_, example)| example.clone())
            }),
            schema: schema.clone(),
            media_type,
        })
        .collect()
}

/// The media type without its parameters, in lower case.
fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or(media_type)
        .trim()
        .to_ascii_lowercase()
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
        Generator::generate(tree, schema)
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
