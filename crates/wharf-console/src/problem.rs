//! Refusals as `application/problem+json` (RFC 9457).

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wharf_net::serve::problem::{self, NoExtra};
use wharf_net::serve::{Refusal, RefusalKind};

/// A refusal, with a code that stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    NotFound,
    MethodNotAllowed,
    HostMissing,
    HostNotAllowed,
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
                "The method is not allowed here",
                "Pages take GET and HEAD; the Allow header says what this path takes.",
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
                "Use localhost or an IP address.",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title, detail) = self.parts();
        let document = problem::Problem {
            status,
            code,
            title,
            detail,
            extra: NoExtra {},
        };
        document.response().map(Body::from)
    }
}

/// The answer to what never became a request.
pub(crate) fn refusal(refusal: &Refusal) -> Response<Bytes> {
    let (code, title) = match refusal.kind {
        RefusalKind::Malformed => ("request_invalid", "The request is not valid HTTP"),
        RefusalKind::Version => (
            "version_not_supported",
            "The version of HTTP is not supported",
        ),
        RefusalKind::TargetTooLong => ("url_too_long", "The URL is too long"),
        RefusalKind::HeadTooLarge => ("head_too_large", "The head of the request is too large"),
        RefusalKind::HeadTimeout => ("head_timeout", "The head of the request took too long"),
    };
    let document = problem::Problem {
        status: refusal.kind.status(),
        code,
        title,
        detail: &refusal.detail,
        extra: NoExtra {},
    };
    document.response()
}

#[cfg(test)]
mod tests;
