//! A caller: requests to the gateway, and what came back.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::gateway::{LONGEST_CALL, TOKEN};

/// The body of a call.
pub(crate) type CallBody = BoxBody<Bytes, Infallible>;

/// A call that was not made yet. It carries the caller's token as a bearer.
pub(crate) struct Call {
    request: Request<CallBody>,
}

impl Call {
    /// A call with any method. `target` starts with the integration's id.
    pub(crate) fn new(method: Method, target: &str) -> Self {
        let mut request = Request::new(Full::default().boxed());
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().unwrap();
        Self { request }.header("authorization", &format!("Bearer {TOKEN}"))
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new(Method::GET, target)
    }

    /// A POST with a body of known length.
    pub(crate) fn post(target: &str, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, target).body(body)
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request
            .headers_mut()
            .insert(name, value.parse().unwrap());
        self
    }

    /// Adds a header beside others of its name.
    pub(crate) fn and_header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request
            .headers_mut()
            .append(name, value.parse().unwrap());
        self
    }

    /// Takes the bearer token out again.
    pub(crate) fn without_token(mut self) -> Self {
        self.request.headers_mut().remove("authorization");
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = Full::new(body.into()).boxed();
        self
    }

    /// A body of unknown length that the test sends piece by piece.
    pub(crate) fn streamed(mut self) -> (Self, Sender<Bytes>) {
        let (sender, body) = Channel::new(1);
        *self.request.body_mut() = body.boxed();
        (self, sender)
    }

    fn into_request(mut self, address: SocketAddr) -> Request<CallBody> {
        let host = HeaderValue::try_from(address.to_string()).unwrap();
        self.request.headers_mut().insert("host", host);
        self.request
    }
}

/// A connection that can carry one call after another.
pub(crate) struct KeptConnection {
    address: SocketAddr,
    sender: SendRequest<CallBody>,
    driver: Driver,
}

/// Ends with the one that holds it.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl KeptConnection {
    pub(crate) async fn new(stream: TcpStream, address: SocketAddr) -> Self {
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::Builder::new()
            .max_headers(400)
            .handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let driver = Driver(tokio::spawn(async move {
            let _ = connection.await;
        }));
        Self {
            address,
            sender,
            driver,
        }
    }

    /// Makes a call and reads the answer to its end.
    pub(crate) async fn call(&mut self, call: Call) -> Answer {
        let started = Instant::now();
        self.sender.ready().await.unwrap();
        let request = call.into_request(self.address);
        let (head, body) = self
            .sender
            .send_request(request)
            .await
            .unwrap()
            .into_parts();
        collect(head, body, started).await
    }
}

/// An answer whose body is still to be read. Dropping it drops the connection.
pub(crate) struct Open {
    head: http::response::Parts,
    body: Incoming,
    _driver: Driver,
}

impl Open {
    pub(crate) async fn new(stream: TcpStream, call: Call, address: SocketAddr) -> Self {
        let mut connection = KeptConnection::new(stream, address).await;
        let request = call.into_request(address);
        let (head, body) = connection
            .sender
            .send_request(request)
            .await
            .expect("an answer, whatever happens behind the gateway")
            .into_parts();
        Self {
            head,
            body,
            _driver: connection.driver,
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.head.status
    }

    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The next piece of the body. `None` at its proper end, an error where it breaks off.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        let frame = tokio::time::timeout(LONGEST_CALL, self.body.frame())
            .await
            .expect("neither a piece of the answer nor its end came")?;
        Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
    }

    /// The next piece as text.
    pub(crate) async fn next_text(&mut self) -> String {
        let piece = self.next().await.expect("another piece").unwrap();
        String::from_utf8(piece.to_vec()).unwrap()
    }

    /// Reads the rest.
    pub(crate) async fn finish(self, started: Instant) -> Answer {
        let answer = collect(self.head, self.body, started);
        tokio::time::timeout(LONGEST_CALL, answer)
            .await
            .expect("the answer did not end")
    }
}

async fn collect(head: http::response::Parts, mut body: Incoming, started: Instant) -> Answer {
    let mut answer = Answer {
        status: head.status,
        headers: head.headers,
        body: Vec::new(),
        trailers: None,
        broke_off: false,
        took: Duration::ZERO,
    };
    while let Some(frame) = body.frame().await {
        match frame.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => answer.body.extend_from_slice(&data),
            Ok(Err(frame)) => answer.trailers = frame.into_trailers().ok(),
            Err(_) => {
                answer.broke_off = true;
                break;
            }
        }
    }
    answer.took = started.elapsed();
    answer
}

/// A whole answer, or as much of it as came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
    /// The connection broke before the body's end.
    pub(crate) broke_off: bool,
    /// From the call's start to here.
    pub(crate) took: Duration,
}

/// What a problem document must say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) fault: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) retry_safe: bool,
    pub(crate) attempts: u32,
}

impl Problem {
    /// The vendor's answer was none, after the request was sent.
    pub(crate) const VENDOR_INVALID: Self = Self {
        status: 502,
        code: "vendor_invalid",
        fault: "vendor",
        sent: "maybe",
        retry_safe: true,
        attempts: 1,
    };
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.body[..self.body.len().min(1_000)];
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &String::from_utf8_lossy(shown))
            .field("length_bytes", &self.body.len())
            .field("trailers", &self.trailers)
            .field("broke_off", &self.broke_off)
            .field("took", &self.took)
            .finish()
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().unwrap())
    }

    /// The answer is the vendor's, whole, after so many attempts.
    #[track_caller]
    pub(crate) fn assert_vendor(&self, status: u16, attempts: u32) -> &Self {
        assert_eq!(self.status, status, "{self:#?}");
        assert!(!self.broke_off, "{self:#?}");
        self.assert_marks("vendor", attempts);
        self
    }

    /// The answer is ours and says what it must say.
    #[track_caller]
    pub(crate) fn assert_problem(&self, expected: &Problem) -> &Self {
        let shown = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, expected.status, "{self:#?}");
        assert!(!self.broke_off, "{self:#?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let said = self.problem();
        let wanted = serde_json::json!({
            "type": format!("urn:wharf:problem:{}", expected.code),
            "status": expected.status,
            "code": expected.code,
            "fault": expected.fault,
            "sent": expected.sent,
            "retry_safe": expected.retry_safe,
            "attempts": expected.attempts,
        });
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(said.get(name), Some(value), "{name} in {shown}");
        }
        for text in ["title", "detail"] {
            assert!(
                !said[text].as_str().unwrap().is_empty(),
                "{text} in {shown}"
            );
        }
        self.assert_marks("wharf", expected.attempts);
        self
    }

    /// The answer came in this time.
    #[track_caller]
    pub(crate) fn assert_within(&self, least: Duration, most: Duration) -> &Self {
        assert!(
            self.took >= least && self.took <= most,
            "took {:?}",
            self.took
        );
        self
    }

    /// The problem document.
    pub(crate) fn problem(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What the problem document says in words.
    pub(crate) fn detail(&self) -> String {
        self.problem()["detail"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn assert_marks(&self, source: &str, attempts: u32) {
        assert_eq!(self.header("wharf-source"), Some(source), "{self:#?}");
        let attempts = attempts.to_string();
        assert_eq!(
            self.header("wharf-attempts"),
            Some(attempts.as_str()),
            "{self:#?}"
        );
        let timing = self.header("server-timing").expect("Server-Timing");
        let has = |name: &str| timing.split(", ").any(|entry| entry.starts_with(name));
        assert!(has("wharf;dur=") && has("dispatch;dur="), "{timing}");
    }
}
