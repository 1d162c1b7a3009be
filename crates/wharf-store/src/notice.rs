//! Notices as every engine keeps them.

use jiff::Timestamp;
use wharf_policy::bounded::Text;
use wharf_policy::notice::{Notice, Severity};

use crate::error::Unavailable;

/// Most notices that are kept. Beyond it, the integration that has most of them loses one.
pub const NOTICE_COUNT_LIMIT: u32 = 10_000;

/// Most notices about one integration, or about the installation itself. Beyond it, that one loses
/// one: of the least severe, the oldest.
pub const NOTICE_COUNT_LIMIT_OF_ONE: u32 = 500;

/// Most notices that one page holds.
pub const NOTICE_PAGE_LIMIT: u32 = 1_000;

/// Most routes that have a cursor.
pub const NOTICE_ROUTE_LIMIT: u32 = 256;

/// A notice as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRecord {
    /// Counts notices in the order in which they were told; no number is used twice.
    pub number: u64,
    /// The first of those that were counted together.
    pub notice: Notice,
    /// How often it was told.
    pub count: u64,
    /// When it was told last. Kept to the microsecond.
    pub last: Timestamp,
    /// Who has seen it first, and when.
    pub acknowledged: Option<(Text<200>, Timestamp)>,
}

/// Where a notice that was told is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub number: u64,
    /// `false`: an earlier one was counted up.
    pub is_new: bool,
}

/// Which notices are wanted. The default wants all.
#[derive(Clone, Debug, Default)]
pub struct NoticeFilter {
    /// This severe or more.
    pub at_least: Option<Severity>,
    /// About this integration; empty: about the installation itself.
    pub integration: Option<Text<128>>,
    /// About this environment.
    pub environment: Option<Text<128>>,
    /// Told last at this time or later.
    pub since: Option<Timestamp>,
    /// Those alone that nobody has acknowledged.
    pub is_open: bool,
}

/// Which of the notices wanted.
#[derive(Clone, Copy, Debug)]
pub struct NoticePage {
    /// Those with lower numbers alone: the last one of the page before.
    pub before: Option<u64>,
    /// So many, at most [`NOTICE_PAGE_LIMIT`].
    pub limit: u32,
}

/// A route's cursor could not be moved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    /// There are [`NOTICE_ROUTE_LIMIT`] routes.
    #[error("there are {NOTICE_ROUTE_LIMIT} routes for notices, which is the limit; leave one out")]
    TooMany,
    /// The state cannot be changed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl NoticeFilter {
    /// Whether it wants a notice.
    pub(crate) fn wants(&self, record: &NoticeRecord) -> bool {
        let NoticeRecord { notice, .. } = record;
        let subject = &notice.subject;
        self.at_least.is_none_or(|least| notice.severity >= least)
            && self
                .integration
                .as_ref()
                .is_none_or(|wanted| *wanted == subject.integration)
            && self
                .environment
                .as_ref()
                .is_none_or(|wanted| *wanted == subject.environment)
            && self.since.is_none_or(|since| record.last >= since)
            && !(self.is_open && record.acknowledged.is_some())
    }
}

/// Whether another notice of the same key counts this one up. A more severe one is told anew, or
/// nobody would hear that it got worse.
pub(crate) fn counts_up(
    (severity, first, same_within): (Severity, Timestamp, std::time::Duration),
    notice: &Notice,
) -> bool {
    notice.severity <= severity && Notice::is_same(first, same_within, notice.at)
}

/// A notice as it is read again: times to the microsecond, spans to the millisecond.
pub(crate) fn kept(notice: &Notice) -> Notice {
    let milliseconds = notice.same_within.as_millis();
    let milliseconds = u64::try_from(milliseconds).unwrap_or(u64::MAX);
    // As many as a signed number holds.
    let milliseconds = milliseconds.min(i64::MAX.unsigned_abs());
    Notice {
        at: whole_microseconds(notice.at),
        same_within: std::time::Duration::from_millis(milliseconds),
        ..notice.clone()
    }
}

pub(crate) fn whole_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond())
        .or_else(|_| Timestamp::from_second(time.as_second()))
        .unwrap_or(time)
}

/// Why nobody is noted down as the one who has seen a notice, as audit records have it.
pub(crate) const fn not_acknowledged(is_first: bool, is_there: bool) -> Option<&'static str> {
    match (is_first, is_there) {
        (true, _) => None,
        (false, true) => Some("acknowledged_before"),
        (false, false) => Some("notice_unknown"),
    }
}
