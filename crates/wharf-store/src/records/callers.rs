//! Who may call: names and the hashes of their tokens.

use jiff::Timestamp;
use wharf_policy::caller::CallerName;

use super::Records;
use crate::caller::{CALLER_COUNT_LIMIT, CallerRecord, NOT_RESTORED, Put, UNKNOWN};
use crate::engine::{Embedded, Engine};
use crate::error::Unavailable;
use crate::memory::Tables;
use crate::time;

/// A caller could not be added. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The name has a token.
    #[error("caller {name} exists since {created}")]
    Exists {
        /// The name.
        name: CallerName,
        /// When its token was made.
        created: Timestamp,
    },
    /// The store holds [`CALLER_COUNT_LIMIT`] callers.
    #[error("there are {CALLER_COUNT_LIMIT} callers, which is the limit; remove one first")]
    TooMany,
    /// The token is that of another caller.
    #[error("the token of caller {name} is that of caller {by} already; make another one")]
    TokenInUse {
        /// Who was to get it.
        name: CallerName,
        /// Whose it is.
        by: CallerName,
    },
    /// The state cannot be changed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Records {
    /// All callers in order of their names.
    pub async fn callers(&self) -> Result<Vec<CallerRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.callers().await,
            Engine::Memory(memory) => memory.try_read(Tables::callers),
        }
    }

    /// Adds a caller, whose name must be new.
    pub async fn add_caller(&self, caller: &CallerRecord) -> Result<(), AddError> {
        self.put(caller, false).await.map(drop)
    }

    /// Gives a caller another token and ends the old one; a new name is added. What stood there
    /// before.
    pub async fn replace_caller(
        &self,
        caller: &CallerRecord,
    ) -> Result<Option<CallerRecord>, AddError> {
        self.put(caller, true).await
    }

    /// Takes back what added or replaced a caller: puts `before` in the place of `added`, unless
    /// somebody has changed the caller since. Whether it did.
    pub async fn restore_caller(
        &self,
        added: &CallerRecord,
        before: Option<&CallerRecord>,
    ) -> Result<bool, Unavailable> {
        let (added, before) = (kept(added), before.map(kept));
        let note = self.noted("callers.restore", added.name.as_str());
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.restore_caller(added, before, note).await
            }
            Engine::Memory(memory) => memory.try_write(|tables| {
                let restored = tables.restore_caller(&added, before.as_ref());
                tables.noted(note.as_ref(), (!restored).then_some(NOT_RESTORED));
                restored
            }),
        }
    }

    /// Ends a caller's token. Whether there was such a caller.
    pub async fn remove_caller(&self, name: &CallerName) -> Result<bool, Unavailable> {
        let note = self.noted("callers.remove", name.as_str());
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.remove_caller(name.clone(), note).await
            }
            Engine::Memory(memory) => memory.try_write(|tables| {
                let removed = tables.remove_caller(name);
                tables.noted(note.as_ref(), (!removed).then_some(UNKNOWN));
                removed
            }),
        }
    }

    async fn put(
        &self,
        caller: &CallerRecord,
        replace: bool,
    ) -> Result<Option<CallerRecord>, AddError> {
        let caller = kept(caller);
        let name = caller.name.clone();
        let action = if replace {
            "callers.replace"
        } else {
            "callers.add"
        };
        let note = self.noted(action, name.as_str());
        let put = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.put_caller(caller, replace, note).await?
            }
            Engine::Memory(memory) => memory.try_write(|tables| {
                let put = tables.put_caller(&caller, replace);
                tables.noted(note.as_ref(), put.refusal());
                put
            })?,
        };
        match put {
            Put::Done(before) => Ok(before),
            Put::Exists(created) => Err(AddError::Exists { name, created }),
            Put::TooMany => Err(AddError::TooMany),
            Put::TokenInUse(by) => Err(AddError::TokenInUse { name, by }),
        }
    }
}

/// A record as it is read again.
fn kept(record: &CallerRecord) -> CallerRecord {
    CallerRecord {
        created: time::kept(record.created),
        ..record.clone()
    }
}
