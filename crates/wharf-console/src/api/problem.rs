//! Refusals and failures of the API as `application/problem+json`.

use std::error::Error;

use axum::body::Body;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use wharf_net::serve::problem::{NoExtra, Problem};
use wharf_store::{AddError, Unavailable};

/// What kind, with a code that stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TokenRefused,
    OriginNotAllowed,
    Expired,
    ParameterInvalid,
    MediaTypeNotSupported,
    BodyInvalid,
    BodyTooLarge,
    BodyTimeout,
    CallerUnknown,
    CallerExists,
    TooManyCallers,
    TokenInUse,
    StateUnavailable,
}

/// A kind, and what happened this time.
#[derive(Debug)]
pub(super) struct Refused {
    kind: Kind,
    detail: String,
}

impl Kind {
    #[cfg(test)]
    pub(super) const ALL: [Self; 13] = [
        Self::TokenRefused,
        Self::OriginNotAllowed,
        Self::Expired,
        Self::ParameterInvalid,
        Self::MediaTypeNotSupported,
        Self::BodyInvalid,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::CallerUnknown,
        Self::CallerExists,
        Self::TooManyCallers,
        Self::TokenInUse,
        Self::StateUnavailable,
    ];

    /// `detail` says what happened this time and what to do. Never a secret.
    pub(super) fn because(self, detail: impl Into<String>) -> Refused {
        Refused {
            kind: self,
            detail: detail.into(),
        }
    }

    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::TokenRefused => (
                StatusCode::UNAUTHORIZED,
                "token_refused",
                "The token is missing, or not the one of this process",
            ),
            Self::OriginNotAllowed => (
                StatusCode::FORBIDDEN,
                "origin_not_allowed",
                "The request comes from a page of another site",
            ),
            Self::Expired => (
                StatusCode::REQUEST_TIMEOUT,
                "request_expired",
                "The request came too late for who sent it",
            ),
            Self::ParameterInvalid => (
                StatusCode::BAD_REQUEST,
                "parameter_invalid",
                "A part of the path, of the query or a header is not valid",
            ),
            Self::MediaTypeNotSupported => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type_not_supported",
                "The body is not declared as JSON",
            ),
            Self::BodyInvalid => (
                StatusCode::BAD_REQUEST,
                "body_invalid",
                "The body is not what this path takes",
            ),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The body is too large",
            ),
            Self::BodyTimeout => (
                StatusCode::REQUEST_TIMEOUT,
                "body_timeout",
                "The body took too long",
            ),
            Self::CallerUnknown => (
                StatusCode::NOT_FOUND,
                "caller_unknown",
                "There is no such caller",
            ),
            Self::CallerExists => (
                StatusCode::CONFLICT,
                "caller_exists",
                "The name has a token",
            ),
            Self::TooManyCallers => (
                StatusCode::CONFLICT,
                "too_many_callers",
                "There are as many callers as there can be",
            ),
            Self::TokenInUse => (
                StatusCode::CONFLICT,
                "token_in_use",
                "The token is that of another caller",
            ),
            Self::StateUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "state_unavailable",
                "The state cannot be read or changed now",
            ),
        }
    }
}

/// An error with what it comes from.
pub(crate) fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words += &format!(": {error}");
        source = error.source();
    }
    words
}

impl From<Unavailable> for Refused {
    fn from(error: Unavailable) -> Self {
        Kind::StateUnavailable.because(in_words(&error))
    }
}

impl From<AddError> for Refused {
    fn from(error: AddError) -> Self {
        let kind = match error {
            AddError::Exists { .. } => Kind::CallerExists,
            AddError::TooMany => Kind::TooManyCallers,
            AddError::TokenInUse { .. } => Kind::TokenInUse,
            AddError::Unavailable(unavailable) => return unavailable.into(),
        };
        kind.because(error.to_string())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code, title) = self.kind.parts();
        let document = Problem {
            status,
            code,
            title,
            detail: &self.detail,
            extra: NoExtra {},
        };
        let mut response = document.response().map(Body::from);
        if self.kind == Kind::TokenRefused {
            let headers = response.headers_mut();
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::Kind;

    const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");

    /// What `docs/problems.md` says of a code must be what is answered.
    #[test]
    fn every_code_is_documented_as_it_is() {
        let text = fs::read_to_string(DOCUMENT).unwrap();
        let (_, section) = text.split_once("## Control API").unwrap();
        let rows: BTreeSet<String> = section
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|row| {
                let cells: Vec<&str> = row.split('|').map(str::trim).collect();
                cells[1..4].join(" | ")
            })
            .collect();
        let wanted: BTreeSet<String> = Kind::ALL
            .into_iter()
            .map(|kind| {
                let (status, code, title) = kind.parts();
                format!("`{code}` | {} | {title}", status.as_u16())
            })
            .collect();
        assert_eq!(rows, wanted, "docs/problems.md");
    }
}
