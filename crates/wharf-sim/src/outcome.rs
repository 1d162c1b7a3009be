//! What goes back for one request, and what happens to its connection.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::answer::{Answer, AnswerBody, JSON, json_bytes};
use crate::fault::Cut;
use crate::wire::WireBody;

/// What goes back, and what happens to the connection.
pub(crate) struct Outcome {
    /// Status and body.
    pub(crate) answer: Answer,
    /// Beside those of the answer.
    pub(crate) headers: HeaderMap,
    /// Wait before it is sent.
    pub(crate) delay: Option<Duration>,
    /// How it breaks off.
    pub(crate) cut: Option<Cut>,
}

impl Outcome {
    /// An answer as it is, but for the body of a status that has none (RFC 9110, 15.3.5, 15.3.6
    /// and 15.4.5): a content type beside no content makes libraries read JSON where nothing is.
    pub(crate) fn new(mut answer: Answer) -> Box<Self> {
        if matches!(
            answer.status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        ) {
            answer.body = AnswerBody::Whole(Bytes::new());
            answer.content_type = None;
        }
        Box::new(Self {
            answer,
            headers: HeaderMap::new(),
            delay: None,
            cut: None,
        })
    }

    /// An error of the simulator or of the vendor it stands for.
    pub(crate) fn error(status: StatusCode, kind: &str, message: impl Into<String>) -> Box<Self> {
        Self::json(status, &error(status, kind, &message.into()))
    }

    /// A JSON answer.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Box<Self> {
        Self::new(Answer {
            status,
            content_type: Some(JSON),
            content_range: None,
            body: AnswerBody::Whole(json_bytes(body)),
        })
    }

    /// Adds a header; a value that cannot stand in one is left out.
    pub(crate) fn with_header(mut self: Box<Self>, name: HeaderName, value: &str) -> Box<Self> {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Half of nothing cannot be told from all of it, so such a connection is reset.
    pub(crate) fn cuts_an_empty_body(&self, is_head: bool) -> bool {
        self.cut == Some(Cut::Truncate) && (is_head || self.answer.body.len_bytes() == 0)
    }

    /// The answer on the wire; for `HEAD` without its body.
    pub(crate) fn into_response(self, is_head: bool) -> Response<WireBody> {
        let status = self.answer.status;
        let mut headers = self.headers;
        if let Some(content_type) = self.answer.content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if let Some(content_range) = self.answer.content_range {
            headers.insert(CONTENT_RANGE, content_range);
        }
        let body = if is_head {
            if let AnswerBody::Whole(bytes) = &self.answer.body {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            }
            WireBody::empty()
        } else if self.cut == Some(Cut::Truncate) {
            WireBody::half(self.answer.body)
        } else {
            WireBody::new(self.answer.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// What is told about an error, wherever a vendor's client library looks for it. `error` is an
/// object, since Stripe's takes a string for an error of OAuth.
pub(crate) fn error(status: StatusCode, kind: &str, message: &str) -> Value {
    json!({
        "message": message,
        "status": status.as_u16(),
        "code": kind,
        "error": {"message": message, "type": kind, "code": kind},
    })
}
