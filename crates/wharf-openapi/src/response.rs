//! What an operation answers when all goes well.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::{Dialect, Tree};

/// The status of an answer that names none.
const OK: u16 = 200;

/// The answer of an operation when all goes well.
#[derive(Clone, Debug)]
pub struct Success {
    /// From 200 to 299.
    pub status: u16,
    /// What the body may be, in the order of the file; empty where there is none.
    pub contents: Vec<Content>,
}

/// One media type of a response, in the words of `OpenAPI` 3.
#[derive(Clone, Debug)]
pub struct Content {
    /// Without parameters, in small letters; may be a range, such as `*/*`.
    pub media_type: String,
    /// An example that stands beside the schema.
    pub example: Option<Value>,
    /// The schema of the body.
    pub schema: Option<Rc<Value>>,
}

impl Success {
    /// The lowest status of success that an operation has. `None` where it has only others.
    pub fn of(tree: &Tree<'_>, dialect: Dialect, operation: &Value) -> Option<Self> {
        let (status, response) = response(tree, operation)?;
        let contents = match dialect {
            Dialect::OpenApi3 => contents(tree, &response),
            Dialect::Swagger2 => swagger_contents(tree, operation, &response),
        };
        Some(Self { status, contents })
    }
}

/// The lowest status of success with its response; `default` where there is none.
fn response(tree: &Tree<'_>, operation: &Value) -> Option<(u16, Rc<Value>)> {
    let responses = tree.member(operation, "responses")?;
    let responses = responses.as_object()?;
    let (status, name) = responses
        .keys()
        .filter_map(|name| Some((success_status(name)?, name)))
        .min_by_key(|(status, _)| *status)
        .or_else(|| Some((OK, responses.keys().find(|k| *k == "default")?)))?;
    let response = tree.resolve(&Rc::new(responses.get(name)?.clone()))?;
    Some((status, response))
}

fn success_status(name: &str) -> Option<u16> {
    if name.eq_ignore_ascii_case("2xx") {
        return Some(OK);
    }
    let is_status = name.len() == 3 && name.starts_with('2');
    name.parse().ok().filter(|_| is_status)
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
