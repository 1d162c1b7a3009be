//! Who changed what: one record for each change, made in the change's own transaction.

use std::sync::Arc;

use super::Records;
use crate::audit::{AUDIT_PAGE_LIMIT, Actor, AuditRecord, Note};
use crate::engine::{Embedded, Engine};
use crate::error::Unavailable;

impl Records {
    /// A handle to the same, each change of which leaves an audit record.
    ///
    /// It is in the transaction of the change: either both are kept or none is. A change that is
    /// refused, such as for a name that is taken, leaves one too; one that could not be tried, as on
    /// a full disk, leaves none.
    pub fn by(&self, attempt: Actor) -> Self {
        Self {
            attempt: Some(Arc::new(attempt)),
            ..self.clone()
        }
    }

    /// Audit records, the newest first, from the one before the number `before` on; at most `limit`,
    /// and at most [`AUDIT_PAGE_LIMIT`].
    ///
    /// The newest [`AUDIT_COUNT_LIMIT`](crate::AUDIT_COUNT_LIMIT) are kept. Their order is that of the changes, whatever the
    /// clocks said.
    pub async fn audit(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, Unavailable> {
        let limit = limit.min(AUDIT_PAGE_LIMIT);
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.audit(before, limit).await,
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
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.note(note, refusal).await,
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
