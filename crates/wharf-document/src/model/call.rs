//! Operations of a service and what to do when one fails.

use std::fmt;
use std::time::Duration;

use wharf_diag::Spanned;

use super::{PathPattern, Price, RateLimit};

/// Methods that an API Endpoints row may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of RFC 9110 and RFC 5789")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    /// The name as it goes on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Whether repeating the request has the effect of sending it once (RFC 9110, 9.2.2).
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One row of the API Endpoints table.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The first cell, for example `Create payment intent`.
    pub name: Spanned<String>,
    /// The name in lower case with dashes, for example `create-payment-intent`; unique in the document.
    pub id: String,
    /// `Method`: at least one, each once.
    pub methods: Vec<Spanned<Method>>,
    /// `Endpoint`, below the environment's base URL.
    pub path: Spanned<PathPattern>,
    /// `Rate Limit`; all of them hold.
    pub rate_limits: Vec<Spanned<RateLimit>>,
    /// Column `Weight`: what one call counts in the limits.
    pub weight: Option<Spanned<Weight>>,
    /// Column `Cache`: how long answers may be reused.
    pub cache: Option<Spanned<CacheTime>>,
    /// Column `Timeout`: bound of one attempt of this operation.
    pub timeout: Option<Spanned<Duration>>,
    /// Column `Hedge`: after this delay a safe request is sent a second time.
    pub hedge: Option<Spanned<Duration>>,
    /// Column `Idempotent`: whether the vendor treats repeats as one.
    pub idempotent: Option<Spanned<Idempotence>>,
    /// Column `Cost`: what one call costs. Several prices add up.
    pub costs: Vec<Spanned<CallCost>>,
    /// Fenced blocks of the `Examples` part whose info string names this operation.
    pub examples: Vec<Example>,
}

impl Operation {
    /// The methods without their places.
    pub fn methods(&self) -> impl Iterator<Item = Method> {
        self.methods.iter().map(|method| method.value)
    }

    /// Column `Cache`, whoever may use the answers.
    pub fn fresh(&self) -> Option<Spanned<Duration>> {
        let cache = self.cache?;
        Some(Spanned::new(cache.value.fresh, cache.span))
    }

    /// `GET, POST`.
    pub fn shown_methods(&self) -> String {
        let names: Vec<_> = self.methods().map(Method::as_str).collect();
        names.join(", ")
    }
}

/// Whether the vendor treats a repeated request as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idempotence {
    /// `yes`.
    Always,
    /// `no`.
    Never,
    /// `with HEADER`: where the request carries a key in it.
    WithKey(String),
}

/// What one call counts in the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// So many calls; at least 1.
    Fixed(u32),
    /// A JSON pointer into the answer (RFC 6901): counted afterwards.
    Field(String),
}

/// How long an answer may be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheTime {
    /// Fresh for so long.
    pub fresh: Duration,
    /// One answer serves all callers. Otherwise each caller has its own.
    pub shared: bool,
}

/// What one call costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCost {
    /// The price.
    pub price: Price,
    /// A JSON pointer into the answer, or into the last event of a stream: how many units it is
    /// paid for. `None`: one call is one unit.
    pub used: Option<String>,
    /// A JSON pointer into the request: the most that it may come to.
    pub most: Option<String>,
}

impl fmt::Display for CallCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.price.fmt(f)?;
        self.used.iter().try_for_each(|at| write!(f, " at {at}"))?;
        self.most.iter().try_for_each(|at| write!(f, ", most {at}"))
    }
}

/// An answer of the vendor that the document shows; the simulator answers with it.
#[derive(Clone, Debug)]
pub struct Example {
    /// What kind of answer.
    pub body: ExampleBody,
    /// The third word of the info string: the status the vendor answers with. `None`: 200, or
    /// what the vendor's API description says.
    pub status: Option<u16>,
}

/// The body of an [`Example`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleBody {
    /// A `json` block: valid JSON text.
    Json(String),
    /// A `text` block, without the line end at its end: sent as `text/plain`.
    Text(String),
    /// An `sse` block: the text of a `text/event-stream`, sent when the request asks to stream.
    EventStream(String),
}

/// One row of Common Errors.
#[derive(Clone, Debug)]
pub struct ErrorRow {
    /// `Error Code`.
    pub code: Spanned<ErrorCode>,
    /// Column `When`: all of them have to hold. A row with conditions is asked before one without.
    pub when: Vec<Spanned<Condition>>,
    /// `Meaning`.
    pub meaning: Spanned<String>,
    /// `Response`, as written; the order in which they are obeyed is fixed.
    pub responses: Vec<Spanned<Verb>>,
}

impl ErrorRow {
    /// Whether the row tells errors of one status apart: it names the vendor's own code or has
    /// conditions. Such a row is retried only where it says so itself.
    pub fn is_specific(&self) -> bool {
        self.code.value.detail().is_some() || !self.when.is_empty()
    }
}

/// What an error row applies to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// An answer. At least one of the two is given.
    Answer {
        /// The status. `None` when the cell names only the vendor's own code.
        status: Option<StatusPattern>,
        /// The vendor's own code, for example `insufficient_quota`.
        detail: Option<String>,
    },
    /// `timeout`: no whole answer came in the time of an attempt.
    Timeout,
    /// `unreachable`: there was no connection, or it broke before the answer was whole.
    Unreachable,
}

impl ErrorCode {
    /// The status that the row applies to. `None`: to any, or to what has none.
    pub const fn status(&self) -> Option<StatusPattern> {
        match self {
            Self::Answer { status, .. } => *status,
            Self::Timeout | Self::Unreachable => None,
        }
    }

    /// The vendor's own code that the row names.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Answer { detail, .. } => detail.as_deref(),
            Self::Timeout | Self::Unreachable => None,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer {
                status: Some(status),
                detail: Some(detail),
            } => write!(f, "{status} {detail}"),
            Self::Answer { status, detail } => {
                status.iter().try_for_each(|status| status.fmt(f))?;
                detail.iter().try_for_each(|detail| f.write_str(detail))
            }
            Self::Timeout => f.write_str("timeout"),
            Self::Unreachable => f.write_str("unreachable"),
        }
    }
}

/// What an answer must have for an error row to apply.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `header retry-after`, or `header x-ratelimit-remaining = 0`.
    Header {
        /// In lower case.
        name: String,
        /// What one of its lines must be; `None`: the header is there.
        value: Option<String>,
    },
    /// `/errors/0/extensions/code = THROTTLED`: a place in a JSON body.
    Body {
        /// A JSON pointer (RFC 6901).
        pointer: String,
        /// What the text, number or truth value there must be; `None`: something is there that
        /// is not `null`.
        value: Option<String>,
    },
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self {
            Self::Header { name, value } => {
                write!(f, "header {name}")?;
                value
            }
            Self::Body { pointer, value } => {
                f.write_str(pointer)?;
                value
            }
        };
        value.iter().try_for_each(|value| write!(f, " = {value}"))
    }
}

/// One status or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusPattern {
    /// For example `429`.
    Exact(u16),
    /// For example `5xx`; holds the first digit.
    Class(u8),
}

impl StatusPattern {
    /// Whether the pattern covers a status.
    pub const fn matches(self, status: u16) -> bool {
        match self {
            Self::Exact(exact) => exact == status,
            Self::Class(digit) => status / 100 == digit as u16,
        }
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(status) => status.fmt(f),
            Self::Class(digit) => write!(f, "{digit}xx"),
        }
    }
}

/// A response of the Common Errors table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Fetch the credential again; replay once where it changed and that is safe.
    RotateKey,
    /// The same, and make a token, where tokens are made.
    RefreshToken,
    /// The vendor asks for time; repeats nothing by itself.
    Backoff,
    /// Try again where that is safe.
    Retry,
    /// Tell somebody.
    Alert,
    /// Use the fallback of Disaster Recovery.
    Fallback,
    /// Answer from the cache.
    UseCache,
    /// Return the error as it came.
    Fail,
    /// Return the error as it came and do not count it as one.
    Ignore,
}

impl Verb {
    /// Every verb with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::RotateKey, "Rotate key"),
        (Self::RefreshToken, "Refresh token"),
        (Self::Backoff, "Backoff"),
        (Self::Retry, "Retry"),
        (Self::Alert, "Alert"),
        (Self::Fallback, "Fallback"),
        (Self::UseCache, "Use cache"),
        (Self::Fail, "Fail"),
        (Self::Ignore, "Ignore"),
    ];

    /// The words that documents use.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(verb, _)| *verb == self)
            .map_or("", |(_, words)| words)
    }
}

/// The Retry Strategy block.
#[derive(Clone, Debug, Default)]
pub struct RetryStrategy {
    /// Delay before each retry; the last repeats.
    pub delays: Option<Spanned<Vec<Duration>>>,
    /// Retries after the first attempt.
    pub max_retries: Option<Spanned<u32>>,
    /// Statuses that are retried.
    pub retry_on: Option<Spanned<Vec<u16>>>,
    /// Whether `retry_on` holds something that could not be read, so that a status that is not
    /// in the list may stand there all the same.
    pub retry_on_open: bool,
}
