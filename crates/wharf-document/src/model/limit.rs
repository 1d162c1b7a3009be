//! What a vendor says about its limits in its answers.

use std::fmt;

use wharf_diag::Spanned;

/// One line of `Limit headers`: a place in the vendor's answers and what it says.
#[derive(Clone, Debug)]
pub struct LimitHeader {
    /// Where the value stands.
    pub source: Spanned<LimitSource>,
    /// What it means.
    pub meaning: Spanned<LimitMeaning>,
    /// The quota that it is about, where the vendor has several: `remaining, tokens`.
    pub group: Option<Spanned<String>>,
}

/// Where a value stands that tells about a limit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LimitSource {
    /// A header, in lower case.
    Header(String),
    /// A JSON pointer into the body (RFC 6901).
    Pointer(String),
}

impl fmt::Display for LimitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(text) | Self::Pointer(text) => f.write_str(text),
        }
    }
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
    /// Both, as `32/40`: of 40 calls, 32 are used.
    UsedOfLimit,
    /// Calls that may be under way at one time, beside those that are.
    ConcurrentRemaining,
    /// Seconds that the limit is counted over.
    Period,
    /// Seconds since 1970 at which the limit is full again.
    ResetEpochSeconds,
    /// The same in milliseconds.
    ResetEpochMilliseconds,
    /// Seconds until the limit is full again.
    ResetSeconds,
    /// The same in milliseconds.
    ResetMilliseconds,
    /// A time until the limit is full again, with units, for example `6m0s`.
    ResetDuration,
    /// A date (RFC 9110, 5.6.7, or RFC 3339) at which the limit is full again.
    ResetDate,
    /// Milliseconds to wait before the next try, whatever the limit.
    RetryAfterMilliseconds,
    /// `true` or `false`: whether the same request may be sent again.
    ShouldRetry,
    /// Which limit the other headers are about.
    Name,
    /// The limits in words, as in `RateLimit-Policy`.
    Policy,
}

impl LimitMeaning {
    /// Every meaning with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::Limit, "limit"),
        (Self::Remaining, "remaining"),
        (Self::Used, "used"),
        (Self::UsedOfLimit, "used/limit"),
        (Self::ConcurrentRemaining, "concurrent remaining"),
        (Self::Period, "period"),
        (Self::ResetEpochSeconds, "reset: epoch seconds"),
        (Self::ResetEpochMilliseconds, "reset: epoch milliseconds"),
        (Self::ResetSeconds, "reset: seconds from now"),
        (Self::ResetMilliseconds, "reset: milliseconds from now"),
        (Self::ResetDuration, "reset: duration"),
        (Self::ResetDate, "reset: date"),
        (Self::RetryAfterMilliseconds, "retry after: milliseconds"),
        (Self::ShouldRetry, "should retry"),
        (Self::Name, "name of the limit"),
        (Self::Policy, "policy"),
    ];

    /// The words that documents use.
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(meaning, _)| *meaning == self)
            .map_or("", |(_, words)| words)
    }
}
