//! Who changed what: one record for each change, made in the change's own transaction.

use std::sync::Arc;

use jiff::Timestamp;

use super::Records;
use crate::engine::Engine;
use crate::error::Unavailable;

/// Most audit records that a store keeps. One more takes the place of the oldest, so that no one
/// who may change something can fill the disk.
pub const AUDIT_COUNT_LIMIT: u32 = 10_000;

/// Most audit records that one read gives.
pub const AUDIT_PAGE_LIMIT: u32 = 1_000;

/// Longest text in an audit record, in bytes; what is longer is cut.
pub const AUDIT_TEXT_LIMIT_BYTES: usize = 256;

/// Somebody who is about to change something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
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
    pub(crate) attempt: Arc<Attempt>,
    pub(crate) action: &'static str,
    pub(crate) subject: String,
}

impl Records {
    /// A handle to the same, each change of which leaves an audit record.
    ///
    /// It is in the transaction of the change: either both are kept or none is. A change that is
    /// refused, such as for a name that is taken, leaves one too; one that could not be tried, as on
    /// a full disk, leaves none.
    pub fn by(&self, attempt: Attempt) -> Self {
        Self {
            attempt: Some(Arc::new(attempt)),
            ..self.clone()
        }
    }

    /// Audit records, the newest first, from the one before the number `before` on; at most `limit`,
    /// and at most [`AUDIT_PAGE_LIMIT`].
    ///
    /// The newest [`AUDIT_COUNT_LIMIT`] are kept. Their order is that of the changes, whatever the
    /// clocks said.
    pub async fn audit(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, Unavailable> {
        let limit = limit.min(AUDIT_PAGE_LIMIT);
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.audit(before, limit).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.audit(before, limit))),
        }
    }

    /// Leaves an audit record of a change that was made elsewhere; through a handle of [`Self::by`],
    /// else nothing is done. `refusal` is why it was not made.
    pub async fn note(
        &self,
        action: &'static str,
        subject: &str,
        refusal: Option<&'static str>,
    ) -> Result<(), Unavailable> {
        let Some(note) = self.noted(action, subject) else {
            return Ok(());
        };
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.note(note, refusal).await,
            Engine::Memory(memory) => {
                memory.write(|tables| tables.note(&note, refusal));
                Ok(())
            }
        }
    }

    /// What a change is to leave. `None`: nothing.
    pub(super) fn noted(&self, action: &'static str, subject: &str) -> Option<Note> {
        let attempt = self.attempt.as_ref()?;
        Some(Note {
            attempt: Arc::clone(attempt),
            action,
            subject: subject.to_owned(),
        })
    }
}

impl Note {
    /// The record with a number, as it is read again: texts cut, the time to the microsecond.
    pub(crate) fn record(&self, number: u64, refusal: Option<&str>) -> AuditRecord {
        let Attempt { at, who, from } = &*self.attempt;
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
