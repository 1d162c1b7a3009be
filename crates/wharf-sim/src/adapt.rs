//! What a request may ask of the form of an answer: numbers in base64, or events of a list.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{AnswerBody, json_bytes};
use crate::echo::Written;
use crate::form;

/// How long a watch stays open that has nothing to tell, at most.
const QUIET_WATCH: Duration = Duration::from_secs(5);

/// Writes every list `embedding` of an answer as the request asks: with `encoding_format`
/// `base64` as 32-bit floats, little-endian, in base64. Libraries of `OpenAI` ask for that unless
/// they are told otherwise, and decode whatever comes.
pub(crate) fn encode_embeddings(answer: &mut Value, written: &Written) {
    let format = written.value.get("encoding_format");
    if format.and_then(Value::as_str) == Some("base64") {
        encode_below(answer);
    }
}

fn encode_below(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(encode_below),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Array(numbers) if name == "embedding" => {
                        if let Some(encoded) = in_base64(numbers) {
                            *value = encoded.into();
                        }
                    }
                    value => encode_below(value),
                }
            }
        }
        _ => {}
    }
}

/// `None`: not all of them are numbers.
fn in_base64(numbers: &[Value]) -> Option<String> {
    let mut bytes = Vec::with_capacity(numbers.len() * 4);
    for number in numbers {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the vendor's form has 32 bits a number"
        )]
        let number = number.as_f64()? as f32;
        bytes.extend(number.to_le_bytes());
    }
    Some(BASE64_STANDARD.encode(bytes))
}

/// The events of a list of Kubernetes where `watch=true` asks for them: each item as added, one
/// JSON value a line. A watch from a `resourceVersion` on has nothing to tell, since nothing
/// changes here; it ends after `timeoutSeconds`, or after 5 seconds.
pub(crate) fn watch(answer: &Value, query: &str) -> Option<AnswerBody> {
    let kind = answer.get("kind")?.as_str()?.strip_suffix("List")?;
    let items = answer.get("items")?.as_array()?;
    let given = |wanted: &str| {
        let mut pairs = form::pairs(query);
        let found = pairs.find(|(name, _)| name == wanted);
        found.map(|(_, value)| value)
    };
    // As `strconv.ParseBool` of the vendor reads it.
    if !matches!(
        given("watch")?.as_str(),
        "true" | "True" | "TRUE" | "t" | "T" | "1"
    ) {
        return None;
    }
    if given("resourceVersion").is_some_and(|version| !matches!(version.as_str(), "" | "0")) {
        let asked = given("timeoutSeconds").and_then(|seconds| seconds.parse().ok());
        let quiet = asked.map_or(QUIET_WATCH, Duration::from_secs);
        return Some(AnswerBody::Quiet(quiet.min(QUIET_WATCH)));
    }
    let version = answer.get("apiVersion").cloned().unwrap_or_default();
    let events = items.iter().map(|item| {
        let mut object = item.clone();
        if let Value::Object(fields) = &mut object {
            // Items of a list go without what the list says once.
            fields.entry("kind").or_insert_with(|| kind.into());
            fields
                .entry("apiVersion")
                .or_insert_with(|| version.clone());
        }
        json_bytes(&json!({"type": "ADDED", "object": object}))
    });
    Some(AnswerBody::Events(events.collect::<Vec<Bytes>>().into()))
}
