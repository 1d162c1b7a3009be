//! Requests to secret stores and to token endpoints. Whoever assembles the program makes them.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, Uri};
use secrecy::SecretSlice;

/// Longest answer, in bytes. One that is longer is [`Failure::TooLong`].
pub const ANSWER_LIMIT_BYTES: usize = 256 * 1024;

/// A request that is under way. Dropping it gives it up.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Said, Failure>> + Send + 'a>>;

/// Makes requests: one attempt each, over `http` or `https`, without following redirects.
pub trait Exchange: Send + Sync + fmt::Debug {
    /// Sends a request and reads the answer to its end, within its time.
    fn ask(&self, ask: Ask) -> Asking<'_>;
}

/// A request. `Debug` shows its method and host only.
pub struct Ask {
    /// `GET`, `POST` and so on.
    pub method: Method,
    /// Scheme, host, path and query.
    pub url: Uri,
    /// Without `Host` and `Content-Length`.
    pub headers: HeaderMap,
    /// Empty: there is none.
    pub body: SecretSlice<u8>,
    /// Time for all of it, from the name's look-up to the last byte of the answer.
    pub timeout: Duration,
    /// What is trusted beside the system's certificate authorities.
    pub trust: Option<Arc<TrustFile>>,
}

/// A file of certificate authorities in PEM. It is read when it is first needed, and anew after a
/// request that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TrustFile(pub PathBuf);

/// An answer, whatever its status. `Debug` shows the status only.
pub struct Said {
    /// The status line's.
    pub status: StatusCode,
    /// All that came before the body.
    pub headers: HeaderMap,
    /// At most [`ANSWER_LIMIT_BYTES`].
    pub body: SecretSlice<u8>,
}

/// Why there is no answer. The texts name steps and causes of the network, never what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing of the request was sent.
    #[error("{0}")]
    NotSent(String),
    /// The request may have been carried out.
    #[error("{0}")]
    NoAnswer(String),
    /// The time was over first.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// More than [`ANSWER_LIMIT_BYTES`].
    #[error("an answer of more than {ANSWER_LIMIT_BYTES} bytes")]
    TooLong,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("method", &self.method)
            .field("host", &self.url.host())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Makes no requests: for a process that reads variables and files only.
#[derive(Debug)]
pub(crate) struct Nowhere;

impl Exchange for Nowhere {
    fn ask(&self, _: Ask) -> Asking<'_> {
        let told = "this process makes no requests".to_owned();
        Box::pin(std::future::ready(Err(Failure::NotSent(told))))
    }
}
