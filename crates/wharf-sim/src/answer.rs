//! What a vendor answers: prepared once per operation, finished for each call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::Value;

use crate::adapt;
use crate::echo::{self, Written};
use crate::event::{Event, EventStream};
use crate::graphql;
use crate::rows;

/// What is known about an operation's answer before anybody calls it.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// The vendor's status for success; `None` when nothing tells it.
    pub(crate) status: Option<StatusCode>,
    /// The answer to an ordinary call.
    pub(crate) plain: Option<Plain>,
    /// Further JSON examples: GraphQL answers with fields of each.
    pub(crate) others: Vec<Value>,
    /// The answer to a call that asks to stream.
    pub(crate) stream: Option<EventStream>,
}

/// A body that comes in one piece.
#[derive(Debug)]
pub(crate) enum Plain {
    /// No body at all.
    Empty,
    /// JSON, into which what was written is merged.
    Json {
        /// `application/json` or a type that ends in `+json`.
        content_type: HeaderValue,
        /// The example.
        value: Value,
    },
    /// Anything else, sent as it is.
    Bytes {
        /// The media type.
        content_type: HeaderValue,
        /// The example.
        bytes: Bytes,
    },
}

/// A finished answer; cheap to clone, so that it can be kept and replayed.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// Absent when there is no body.
    pub(crate) content_type: Option<HeaderValue>,
    /// Which rows of a table these are, and of how many.
    pub(crate) content_range: Option<HeaderValue>,
    /// One piece, or one piece per event.
    pub(crate) body: AnswerBody,
}

/// The body of an [`Answer`].
#[derive(Clone, Debug)]
pub(crate) enum AnswerBody {
    /// Sent at once with its length.
    Whole(Bytes),
    /// Sent one by one, without a length.
    Events(Arc<[Bytes]>),
    /// Nothing at all for so long, without a length.
    Quiet(Duration),
}

impl AnswerBody {
    /// Size on the wire, without framing.
    pub(crate) fn len_bytes(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Events(events) => events.iter().map(Bytes::len).sum(),
            Self::Quiet(_) => 0,
        }
    }
}

/// The facts of one call that an answer is made from.
pub(crate) struct Call<'a> {
    /// Whether the caller asked for an event stream.
    pub(crate) asks_to_stream: bool,
    /// The body, if it could be understood.
    pub(crate) written: &'a Written,
    /// Path parameters by name, decoded.
    pub(crate) parameters: &'a [(String, String)],
    /// As it was sent.
    pub(crate) query: &'a str,
    /// Of the request.
    pub(crate) method: &'a Method,
    /// Of the request.
    pub(crate) headers: &'a HeaderMap,
}

impl Prepared {
    /// Finishes the answer for one call. `plain_account` makes the answer of last resort.
    pub(crate) fn answer(&self, call: &Call<'_>, plain_account: impl FnOnce() -> Value) -> Answer {
        let status = self.status.unwrap_or(StatusCode::OK);
        // A vendor that shows nothing but a stream streams to everybody.
        let streams = call.asks_to_stream || self.plain.is_none();
        if let Some(stream) = self.stream.as_ref().filter(|_| streams) {
            return stream_answer(status, stream, call);
        }
        match &self.plain {
            Some(Plain::Empty) => Answer {
                status,
                content_type: None,
                content_range: None,
                body: AnswerBody::Whole(Bytes::new()),
            },
            Some(Plain::Json {
                content_type,
                value,
            }) => {
                let mut value = value.clone();
                graphql::narrow(&mut value, &self.others, call.written);
                echo::read_back(&mut value, call.written, call.parameters);
                adapt::encode_embeddings(&mut value, call.written);
                let events = adapt::watch(&value, call.query);
                let mut answer = Answer {
                    status,
                    content_type: Some(content_type.clone()),
                    content_range: None,
                    body: events.unwrap_or_else(|| AnswerBody::Whole(json_bytes(&value))),
                };
                if let Value::Array(rows) = &value {
                    rows::adapt(&mut answer, rows, call.method, call.headers);
                }
                answer
            }
            Some(Plain::Bytes {
                content_type,
                bytes,
            }) => Answer {
                status,
                content_type: Some(content_type.clone()),
                content_range: None,
                body: AnswerBody::Whole(bytes.clone()),
            },
            None => Answer {
                status,
                content_type: Some(JSON),
                content_range: None,
                body: AnswerBody::Whole(json_bytes(&plain_account())),
            },
        }
    }
}

/// `application/json`.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The text of a value, ending in a line feed so that it reads well in a terminal.
pub(crate) fn json_bytes(value: &Value) -> Bytes {
    let mut text = value.to_string();
    text.push('\n');
    Bytes::from(text)
}

fn stream_answer(status: StatusCode, stream: &EventStream, call: &Call<'_>) -> Answer {
    let events = stream
        .events
        .iter()
        .map(|event: &Event| event.finish(call.written, call.parameters))
        .collect();
    Answer {
        status,
        content_type: Some(HeaderValue::from_static("text/event-stream")),
        content_range: None,
        body: AnswerBody::Events(events),
    }
}
