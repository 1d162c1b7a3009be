//! A caller as every engine keeps it.

use jiff::Timestamp;
use wharf_policy::caller::{CallerName, TokenHash};

/// Most callers that a store holds; one more is refused.
pub const CALLER_COUNT_LIMIT: u32 = 10_000;

/// A caller as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerRecord {
    /// Who.
    pub name: CallerName,
    /// When its token was made. Kept to the microsecond.
    pub created: Timestamp,
    /// What its token must hash to. No two callers have the same.
    pub token_hash: TokenHash,
}

/// Why something was not put in its place, as audit records have it.
pub(crate) const NOT_RESTORED: &str = "changed_since";

/// Why a caller was not removed.
pub(crate) const UNKNOWN: &str = "caller_unknown";

/// What came of putting a caller into a table.
pub(crate) enum Put {
    /// With what stood there before.
    Done(Option<CallerRecord>),
    Exists(Timestamp),
    TooMany,
    TokenInUse(CallerName),
}

impl Put {
    /// Why nothing was put, as audit records have it.
    pub(crate) const fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Done(_) => None,
            Self::Exists(_) => Some("caller_exists"),
            Self::TooMany => Some("too_many_callers"),
            Self::TokenInUse(_) => Some("token_in_use"),
        }
    }
}
