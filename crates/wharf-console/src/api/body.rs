//! Reading what a request says, within bounds.

use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

use super::problem::{Kind, Refused};

/// Longest body that is taken, in bytes.
pub(super) const LIMIT_BYTES: usize = 16 * 1024;

/// Longest time for a body, from the end of the head on.
pub(super) const TIME: Duration = Duration::from_secs(10);

/// Reads a body of JSON. A form of a page cannot declare it, so a browser would ask first.
pub(super) async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    read_within(request, TIME).await
}

async fn read_within<T: DeserializeOwned>(request: Request, time: Duration) -> Result<T, Refused> {
    if !is_json(request.headers()) {
        let detail = "Send the header `Content-Type: application/json`.";
        return Err(Kind::MediaTypeNotSupported.because(detail));
    }
    let body = Limited::new(request.into_body(), LIMIT_BYTES);
    let Ok(read) = tokio::time::timeout(time, body.collect()).await else {
        let detail = format!("The body was not there within {} seconds.", time.as_secs());
        return Err(Kind::BodyTimeout.because(detail));
    };
    let read = read.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            Kind::BodyTooLarge.because(format!("At most {LIMIT_BYTES} bytes are taken."))
        } else {
            Kind::BodyInvalid.because("The body broke off.")
        }
    })?;
    serde_json::from_slice(&read.to_bytes())
        .map_err(|error| Kind::BodyInvalid.because(what_is_wrong(&error)))
}

/// By its place: the words may hold a piece of the body. What is missing is no piece of it.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let missing = words
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'));
    let (line, column) = (error.line(), error.column());
    match missing {
        Some((name, _)) => {
            format!("`{name}` is missing; docs/control-api.md has the members of the body.")
        }
        None => format!(
            "The body is no such JSON at line {line}, column {column}; docs/control-api.md has its \
             members."
        ),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use axum::body::{Body, Bytes};
    use axum::extract::Request;
    use axum::response::IntoResponse as _;
    use hyper::body::Frame;
    use serde_json::Value;

    use super::{LIMIT_BYTES, read_within, what_is_wrong};

    async fn status(kind: &str, body: Body) -> u16 {
        let request = Request::builder().header("content-type", kind);
        let read = read_within::<Value>(request.body(body).unwrap(), Duration::from_millis(50));
        match read.await {
            Ok(_) => 200,
            Err(refused) => refused.into_response().status().as_u16(),
        }
    }

    #[tokio::test]
    async fn bodies_are_bounded_and_declared() {
        let json = "application/json; charset=utf-8";
        assert_eq!(status(json, Body::from("{}")).await, 200);
        assert_eq!(status("text/plain", Body::from("{}")).await, 415);
        assert_eq!(status("application/jsonp", Body::from("{}")).await, 415);
        for no_json in ["", "{", "{}{}"] {
            assert_eq!(status(json, Body::from(no_json)).await, 400, "{no_json}");
        }
        let long = |length| Body::from(format!("\"{}\"", "x".repeat(length)));
        assert_eq!(status(json, long(LIMIT_BYTES - 2)).await, 200);
        assert_eq!(status(json, long(LIMIT_BYTES - 1)).await, 413);
        assert_eq!(status(json, Body::new(Never)).await, 408);
    }

    #[test]
    fn a_missing_member_is_named_and_nothing_of_the_body_is() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wanted {
            #[expect(dead_code, reason = "only its name is looked at")]
            name: String,
        }
        for (body, words) in [
            ("{}", "`name` is missing; docs/"),
            ("{\"missing field `secret`\":1}", "no such JSON at line 1"),
            ("{\"name\":[\"secret\"]}", "no such JSON at line 1"),
        ] {
            let error = serde_json::from_str::<Wanted>(body).unwrap_err();
            let told = what_is_wrong(&error);
            assert!(told.contains(words), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    /// A body that never comes.
    struct Never;

    impl hyper::body::Body for Never {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }
}
