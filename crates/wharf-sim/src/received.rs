//! The body of a request as far as the simulator understands it.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use wharf_net::content::{self, Undecoded};

use crate::echo::Written;
use crate::form;
use crate::outcome::Outcome;
use crate::request::MAX_BODY_BYTES;

/// A body as far as it could be understood.
pub(crate) struct Received {
    /// The body as fields.
    pub(crate) written: Written,
    /// What the plain account of a call says about the body.
    pub(crate) account: Value,
}

impl Received {
    /// Reads JSON and forms, through content codings; of anything else only type and size without
    /// them are kept.
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
        let bytes = content::decoded(headers, bytes, MAX_BODY_BYTES).map_err(undecoded)?;
        let is_json = content_type == "application/json" || content_type.ends_with("+json");
        let value = if is_json {
            serde_json::from_slice(&bytes).map_err(|error| {
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
            form::parse(&String::from_utf8_lossy(&bytes))
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

    /// `"stream": true` in the body, Dify's `"response_mode": "streaming"`, or
    /// `Accept: text/event-stream`.
    pub(crate) fn asks_to_stream(&self, headers: &HeaderMap) -> bool {
        let field = |name| self.written.value.get(name);
        let in_body = match field("stream") {
            Some(Value::Bool(stream)) => *stream,
            Some(Value::String(stream)) => self.written.textual && stream == "true",
            _ => field("response_mode").and_then(Value::as_str) == Some("streaming"),
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

/// A coding that is not known is 415, which tells the known ones (RFC 9110, 8.4 and 15.5.16).
fn undecoded(why: Undecoded) -> Box<Outcome> {
    let (status, kind) = match why {
        Undecoded::Unknown(_) | Undecoded::TooMany => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_content_coding",
        ),
        Undecoded::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        Undecoded::Damaged(_) => (StatusCode::BAD_REQUEST, "invalid_content_coding"),
    };
    let message = match why {
        Undecoded::TooLarge => format!(
            "the body unfolds to more than the {MAX_BODY_BYTES} bytes that the simulator takes"
        ),
        why => why.to_string(),
    };
    Outcome::error(status, kind, message).with_header(ACCEPT_ENCODING, content::CODINGS)
}
