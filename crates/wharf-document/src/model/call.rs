//! Operations of a service and what to do when one fails.

use std::fmt;
use std::time::Duration;

use wharf_diag::{Span, Spanned};

use super::{PathPattern, Price, Rate};

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
    /// The second cell.
    pub method: Spanned<Method>,
    /// The third cell, below the environment's base URL.
    pub path: Spanned<PathPattern>,
    /// The fourth cell; all of them hold.
    pub rate_limits: Vec<Spanned<Rate>>,
    /// Column `Cache`: how long answers may be reused.
    pub cache: Option<Spanned<Duration>>,
    /// Column `Timeout`: bound of one attempt of this operation.
    pub timeout: Option<Spanned<Duration>>,
    /// Column `Idempotent`: the vendor treats repeats as one.
    pub idempotent: Option<Spanned<bool>>,
    /// Column `Cost`.
    pub cost: Option<Spanned<Price>>,
    /// Fenced blocks of the `Examples` part whose info string names this operation.
    pub examples: Vec<Example>,
}

/// One line of `Limit headers`: a header of the vendor's answers and what it says.
#[derive(Clone, Debug)]
pub struct LimitHeader {
    /// The header in lower case.
    pub name: Spanned<String>,
    /// What its value means.
    pub meaning: Spanned<LimitMeaning>,
}

/// What the value of a [`LimitHeader`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitMeaning {
    /// Calls allowed in the period.
    Limit,
    /// Calls left.
    Remaining,
    /// Calls made.
    Used,
    /// Seconds since 1970 at which the limit is full again.
    ResetEpochSeconds,
    /// The same in milliseconds.
    ResetEpochMilliseconds,
    /// Seconds to wait.
    ResetSeconds,
    /// Milliseconds to wait.
    ResetMilliseconds,
    /// A time to wait with units, for example `6m0s`.
    ResetDuration,
    /// A date (RFC 9110, 5.6.7, or RFC 3339) at which the limit is full again.
    ResetDate,
    /// Which limit the other headers are about.
    Name,
    /// The limits in words, as in `RateLimit-Policy`.
    Policy,
}

impl LimitMeaning {
    /// Every meaning with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Limit, "limit"),
        (Self::Remaining, "remaining"),
        (Self::Used, "used"),
        (Self::ResetEpochSeconds, "reset: epoch seconds"),
        (Self::ResetEpochMilliseconds, "reset: epoch milliseconds"),
        (Self::ResetSeconds, "reset: seconds from now"),
        (Self::ResetMilliseconds, "reset: milliseconds from now"),
        (Self::ResetDuration, "reset: duration"),
        (Self::ResetDate, "reset: date"),
        (Self::Name, "name of the limit"),
        (Self::Policy, "policy"),
    ];
}

/// An answer of the vendor that the document shows; the simulator answers with it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The fenced block.
    pub span: Span,
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
    /// An `sse` block: the text of a `text/event-stream`, sent when the request asks to stream.
    EventStream(String),
}

/// One row of Common Errors.
#[derive(Clone, Debug)]
pub struct ErrorRow {
    /// The first cell.
    pub code: Spanned<ErrorCode>,
    /// The second cell.
    pub meaning: Spanned<String>,
    /// The third cell, left to right.
    pub responses: Vec<Spanned<Verb>>,
}

/// What an error row applies to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode {
    /// The status. `None` when the cell names only the vendor's own code.
    pub status: Option<StatusPattern>,
    /// The vendor's own code, for example `insufficient_quota`.
    pub detail: Option<String>,
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

/// A response of the Common Errors table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Fetch the credential again, replay once.
    RotateKey,
    /// Refresh the token, replay once.
    RefreshToken,
    /// Wait before the next try.
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
