//! Why a request got no answer, and whether it can have reached the other side.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::{head, interim};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendErrorKind {
    /// The host name could not be resolved.
    Dns,
    /// No connection could be made.
    Connect,
    /// The TLS handshake failed, certificates included.
    Tls,
    /// Connecting took longer than allowed.
    ConnectTimeout,
    /// This process, or the machine, had no file descriptor left for a connection.
    Descriptors,
    /// Every connection that may be opened was in use for as long as connecting may take.
    Busy,
    /// The other side closed the connection before it answered.
    Closed,
    /// The other side said that it did not process the request (HTTP/2 `REFUSED_STREAM` or
    /// `HTTP_1_1_REQUIRED`, or a GOAWAY that leaves the request out).
    Refused,
    /// What came back is not valid HTTP.
    Protocol,
    /// The head of the answer has more headers, or more bytes, than are taken.
    HeadTooLarge,
    /// The request's own body failed, so it could not be sent to its end.
    RequestBody,
}

impl SendErrorKind {
    /// A phrase for messages: "the vendor …" can be put in front of most of them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "host name could not be resolved",
            Self::Connect => "connection could not be made",
            Self::Tls => "TLS handshake failed",
            Self::ConnectTimeout => "connecting took too long",
            Self::Descriptors => {
                "no file descriptor was left for a connection, which is not the vendor's fault"
            }
            Self::Busy => "every connection is in use",
            Self::Closed => "connection was closed before an answer came",
            Self::Refused => "request was refused by the connection",
            Self::Protocol => "answer is not valid HTTP",
            Self::HeadTooLarge => head::TOO_LARGE,
            Self::RequestBody => "request body broke off",
        }
    }
}

/// A request that got no answer.
///
/// Cloned for requests that waited for the same connection.
#[derive(Clone, Debug)]
pub struct SendError {
    /// What went wrong.
    pub kind: SendErrorKind,
    /// Whether any byte of the request was written to a connection; over HTTP/2, whether one can have
    /// been: what other requests write there cannot be told from it.
    pub wrote: bool,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl SendError {
    pub(crate) fn unsent(
        kind: SendErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::new(kind, false, source)
    }

    fn new(
        kind: SendErrorKind,
        wrote: bool,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            wrote,
            source: Some(Arc::from(source.into())),
        }
    }

    /// The time was over in the queue for a connection.
    pub(crate) const fn queued(kind: SendErrorKind) -> Self {
        Self {
            kind,
            wrote: false,
            source: None,
        }
    }

    /// The other side switches to a protocol that no request asks for.
    pub(crate) fn unasked_upgrade() -> Self {
        let source = "it switches to another protocol, unasked";
        Self::new(SendErrorKind::Protocol, true, source)
    }

    /// The body of the answer is wrapped in a way that cannot be passed on.
    pub(crate) fn unknown_coding() -> Self {
        let source = "its body has a transfer coding other than `chunked`, unasked";
        Self::new(SendErrorKind::Protocol, true, source)
    }

    /// Interim answers came without end.
    pub(crate) fn too_many_interim() -> Self {
        Self::new(SendErrorKind::Protocol, true, interim::TooMany)
    }

    /// An answer came, and its head is larger than is taken.
    pub(crate) const fn head_too_large() -> Self {
        Self {
            kind: SendErrorKind::HeadTooLarge,
            wrote: true,
            source: None,
        }
    }

    /// The request's own body failed after its head had been sent.
    pub(crate) fn request_body(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(SendErrorKind::RequestBody, true, source)
    }

    /// Reads a hyper error after the request was handed to a connection.
    pub(crate) fn from_hyper(error: hyper::Error, wrote: bool) -> Self {
        Self::new(kind_of(&error), wrote, error)
    }

    /// Whether the other side refused the request because it came over HTTP/2.
    pub(crate) fn wants_http1(&self) -> bool {
        let source = self.source.as_ref().and_then(|it| it.downcast_ref());
        source.is_some_and(wants_http1)
    }

    /// Reads an error of HTTP/2.
    pub(crate) fn from_h2(error: h2::Error, wrote: bool) -> Self {
        if is_flood(&error) {
            return Self::new(SendErrorKind::Protocol, wrote, ReplyError::Flood);
        }
        if is_orderly_end(&error) {
            let source = "the vendor closed it in order before it took the request (GOAWAY)";
            return Self::new(SendErrorKind::Refused, wrote, source);
        }
        let kind = if is_unprocessed(&error) {
            SendErrorKind::Refused
        } else if error.is_library() {
            // We ended it, since the other side did not keep to the rules.
            SendErrorKind::Protocol
        } else {
            SendErrorKind::Closed
        };
        Self::new(kind, wrote, error)
    }
}

fn kind_of(error: &hyper::Error) -> SendErrorKind {
    if error.is_user() {
        SendErrorKind::RequestBody
    } else if error.is_parse_too_large() {
        SendErrorKind::HeadTooLarge
    } else if error.is_parse() || is_too_many_interim(error) {
        SendErrorKind::Protocol
    } else {
        SendErrorKind::Closed
    }
}

/// Whether we ended the connection for its interim answers.
fn is_too_many_interim(error: &hyper::Error) -> bool {
    let source = error.source().and_then(|error| error.downcast_ref());
    let cause = source.and_then(std::io::Error::get_ref);
    cause.is_some_and(<dyn Error + Send + Sync>::is::<interim::TooMany>)
}

/// Whether the other side says that it did not act on the request (RFC 9113, 8.7): the stream was
/// refused, or a GOAWAY left it out. Streams that the GOAWAY takes in live on and end otherwise.
fn is_unprocessed(error: &h2::Error) -> bool {
    let is_refused = error.reason() == Some(h2::Reason::REFUSED_STREAM);
    error.is_remote() && (is_refused || error.is_go_away()) || wants_http1(error)
}

/// Whether a GOAWAY left the request out that tells of no error. What h2 says of it reads as if
/// there had been one.
fn is_orderly_end(error: &h2::Error) -> bool {
    error.is_remote() && error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
}

/// Whether the other side asks for this request over HTTP/1.1 (RFC 9113, 7). It wants to have it
/// again, so it has not acted on it.
fn wants_http1(error: &h2::Error) -> bool {
    error.is_remote() && error.reason() == Some(h2::Reason::HTTP_1_1_REQUIRED)
}

/// Whether h2 ended the connection for its many frames. What it says of that is all that tells it
/// from a head that is much too large.
pub(crate) fn is_flood(error: &h2::Error) -> bool {
    error.is_go_away()
        && error.is_library()
        && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM)
        && error.to_string().contains("too_many_data_frames")
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}

/// An answer whose body did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// The connection broke, or what came is not valid HTTP.
    #[error("the connection broke, or what came is not valid HTTP")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
    /// The other side ended the stream of the answer before the answer had ended.
    #[error("the other side gave the answer up")]
    Reset,
    /// Its connection brought frames of no use without end, for this answer or another one, and
    /// was closed with all of its calls.
    #[error(
        "its connection was closed, with its calls: over it came a flood of DATA frames with \
         nothing, or next to nothing, in them"
    )]
    Flood,
}
