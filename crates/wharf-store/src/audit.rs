//! An audit record as every engine keeps it.

use std::sync::Arc;

use jiff::Timestamp;

/// Most audit records that a store keeps. One more takes the place of the oldest, so that no one
/// who may change something can fill the disk.
pub const AUDIT_COUNT_LIMIT: u32 = 10_000;

/// Most audit records that one read gives.
pub const AUDIT_PAGE_LIMIT: u32 = 1_000;

/// Longest text in an audit record, in bytes; what is longer is cut.
pub const AUDIT_TEXT_LIMIT_BYTES: usize = 256;

/// Somebody who is about to change something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// When. Kept to the microsecond.
    pub at: Timestamp,
    /// Who, as far as it is known.
    pub who: String,
    /// From where, such as an address or the command line.
    pub from: String,
}

/// What is kept of a change that was made or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its place among all that were ever made, from 1; never given twice in one store.
    pub number: u64,
    /// When it was asked for.
    pub at: Timestamp,
    /// Who asked.
    pub who: String,
    /// From where.
    pub from: String,
    /// What was to be done, such as `callers.add`.
    pub action: String,
    /// To what, such as the name of a caller.
    pub subject: String,
    /// Why it was not done, as a stable code. `None`: it was done.
    pub refusal: Option<String>,
}

/// An audit record whose outcome is not known yet.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) attempt: Arc<Actor>,
    pub(crate) action: &'static str,
    pub(crate) subject: String,
}

impl Note {
    /// The record with a number, as it is read again: texts cut, the time to the microsecond.
    pub(crate) fn record(&self, number: u64, refusal: Option<&str>) -> AuditRecord {
        let Actor { at, who, from } = &*self.attempt;
        AuditRecord {
            number,
            at: Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(*at),
            who: cut(who),
            from: cut(from),
            action: self.action.to_owned(),
            subject: cut(&self.subject),
            refusal: refusal.map(cut),
        }
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(AUDIT_TEXT_LIMIT_BYTES)].to_owned()
}
