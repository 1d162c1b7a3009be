//! Refusals as `application/problem+json` (RFC 9457).

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal, with a code that stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    NotFound,
    MethodNotAllowed,
    HostMissing,
    HostNotAllowed,
}

#[derive(Serialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
}

impl Problem {
    const fn parts(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "There is nothing here",
                "GET / lists what the control plane has.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Only reading is possible here",
                "Use GET or HEAD.",
            ),
            Self::HostMissing => (
                StatusCode::BAD_REQUEST,
                "host_missing",
                "The request names no host",
                "Send one Host header.",
            ),
            Self::HostNotAllowed => (
                StatusCode::MISDIRECTED_REQUEST,
                "host_not_allowed",
                "The request is for another host",
                "Use localhost, an IP address, or the host name the control plane is configured with.",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title, detail) = self.parts();
        let document = Document {
            kind: format!("urn:wharf:problem:{code}"),
            title,
            status: status.as_u16(),
            detail,
            code,
        };
        // A flat structure of strings and numbers always serialises.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let content_type = HeaderValue::from_static("application/problem+json");
        (status, [(CONTENT_TYPE, content_type)], body).into_response()
    }
}
