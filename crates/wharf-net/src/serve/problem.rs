//! Problem documents (RFC 9457), as both planes write them.
//!
//! Beside the members of the RFC each has `message` and an object `error`, in which most
//! vendors' client libraries look for what to tell. Some, such as Stripe's for Node, decide by
//! the presence of `error` alone whether a call failed, so it must never be missing.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;

/// A refusal or failure that is told to a caller.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a, Extra> {
    /// The answer's status.
    pub status: StatusCode,
    /// A stable name, in lower case with underscores.
    pub code: &'a str,
    /// The kind, in a sentence that is the same each time.
    pub title: &'a str,
    /// What happened this time and what to do. Never a secret.
    pub detail: &'a str,
    /// Further members, a struct.
    pub extra: Extra,
}

/// No further members.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NoExtra {}

#[derive(Serialize)]
struct Document<'a, Extra> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(flatten)]
    extra: &'a Extra,
    message: &'a str,
    error: ErrorMember<'a>,
}

/// What client libraries read. An object, since Stripe's takes a string for an error of OAuth.
#[derive(Serialize)]
struct ErrorMember<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    code: &'a str,
}

impl<Extra: Serialize> Problem<'_, Extra> {
    /// The answer, of type `application/problem+json`.
    pub fn response(&self) -> Response<Bytes> {
        let document = Document {
            kind: format!("urn:wharf:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            extra: &self.extra,
            message: self.detail,
            error: ErrorMember {
                message: self.detail,
                kind: self.code,
                code: self.code,
            },
        };
        // Strings and numbers always serialise.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::Problem;

    #[derive(Serialize)]
    struct Extra {
        attempts: u32,
    }

    #[test]
    fn libraries_find_the_message_wherever_they_look() {
        let problem = Problem {
            status: StatusCode::NOT_FOUND,
            code: "not_there",
            title: "There is nothing",
            detail: "look elsewhere",
            extra: Extra { attempts: 2 },
        };
        let response = problem.response();
        assert_eq!(response.status(), 404);
        let document: Value = serde_json::from_slice(response.body()).unwrap();
        let wanted = json!({
            "type": "urn:wharf:problem:not_there",
            "title": "There is nothing",
            "status": 404,
            "detail": "look elsewhere",
            "code": "not_there",
            "attempts": 2,
            "message": "look elsewhere",
            "error": {
                "message": "look elsewhere",
                "type": "not_there",
                "code": "not_there",
            },
        });
        assert_eq!(document, wanted);
    }
}
