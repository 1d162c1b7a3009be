//! The body of a request as far as the simulator understands it.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::echo::Written;
use crate::form;
use crate::outcome::Outcome;

/// A body as far as it could be understood.
pub(crate) struct Received {
    /// The body as fields.
    pub(crate) written: Written,
    /// What the plain account of a call says about the body.
    pub(crate) account: Value,
}

impl Received {
    /// Reads JSON and forms; of anything else only type and size are kept.
    pub(crate) fn read(headers: &HeaderMap, bytes: &Bytes) -> Result<Self, Box<Outcome>> {
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.split(';').next().unwrap_or(value).trim())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if bytes.is_empty() {
            return Ok(Self {
                written: Written::default(),
                account: Value::Null,
            });
        }
        let is_json = content_type == "application/json" || content_type.ends_with("+json");
        let value = if is_json {
            serde_json::from_slice(bytes).map_err(|error| {
                Outcome::error(
                    StatusCode::BAD_REQUEST,
                    "invalid_json",
                    format!(
                        "the body says `{content_type}` but is not JSON: line {}, column {}",
                        error.line(),
                        error.column()
                    ),
                )
            })?
        } else if content_type == "application/x-www-form-urlencoded" {
            form::parse(&String::from_utf8_lossy(bytes))
        } else {
            return Ok(Self {
                written: Written::default(),
                account: json!({"content_type": content_type, "bytes": bytes.len()}),
            });
        };
        Ok(Self {
            account: value.clone(),
            written: Written {
                value,
                textual: !is_json,
            },
        })
    }

    /// `"stream": true` in the body, or `Accept: text/event-stream`.
    pub(crate) fn asks_to_stream(&self, headers: &HeaderMap) -> bool {
        let in_body = match self.written.value.get("stream") {
            Some(Value::Bool(stream)) => *stream,
            Some(Value::String(stream)) => self.written.textual && stream == "true",
            _ => false,
        };
        in_body
            || headers
                .get_all(ACCEPT)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .any(|range| {
                    let kind = range.split(';').next().unwrap_or(range).trim();
                    kind.eq_ignore_ascii_case("text/event-stream")
                })
    }
}
