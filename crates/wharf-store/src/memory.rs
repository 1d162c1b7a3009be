//! State in memory: what every engine has to do, in the fewest words.
//!
//! It serves where nothing is to be kept, and other engines are compared with it. It can be told to
//! behave as a database that several machines share does on a bad day; see [`Model`].

mod allowances;
mod calls;
mod events;
mod journal;
mod leases;
mod model;
mod notices;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;
use wharf_policy::caller::{CallerName, TokenHash};

use crate::audit::{AUDIT_COUNT_LIMIT, AuditRecord, Note};
use crate::caller::{CALLER_COUNT_LIMIT, CallerRecord, Put};
use crate::condition::Condition;
use crate::error::Unavailable;

use crate::sealed::SealedTable;

pub use self::model::Model;

/// The tables, and who watches them.
#[derive(Default)]
pub(crate) struct Memory {
    tables: Mutex<Tables>,
    condition: watch::Sender<Condition>,
    news: watch::Sender<u64>,
    faults: model::Faults,
}

/// What is stored.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    callers: BTreeMap<CallerName, (TokenHash, Timestamp)>,
    pub(crate) events: events::Events,
    pub(crate) leases: leases::Leases,
    pub(crate) allowances: allowances::Allowances,
    pub(crate) calls: calls::Calls,
    pub(crate) sealed: SealedTable,
    journal: journal::Journal,
    pub(crate) notices: notices::Notices,
    /// The oldest first.
    audit: VecDeque<AuditRecord>,
}

impl Memory {
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> T {
        read(&self.tables.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same where the store may be away.
    pub(crate) fn try_read<T>(&self, read: impl FnOnce(&Tables) -> T) -> Result<T, Unavailable> {
        self.faults.is_here()?;
        Ok(self.read(read))
    }

    /// A change that may be made again and again, each time from what is there then: others may
    /// have come between, as they do in a database that knows no locks.
    pub(crate) fn try_write<T>(&self, write: impl Fn(&mut Tables) -> T) -> Result<T, Unavailable> {
        self.faults.is_here()?;
        while self.faults.is_conflict()? {
            // All of it is forgotten.
            let mut tables = self.read(Tables::clone);
            drop(write(&mut tables));
        }
        Ok(self.write(write))
    }

    /// Tells that something was appended or owned.
    pub(crate) fn tell(&self) {
        self.news.send_modify(|version| *version += 1);
    }

    /// A change that nobody is told of.
    pub(crate) fn write_unseen<T>(&self, write: impl FnOnce(&mut Tables) -> T) -> T {
        write(&mut self.tables.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut Tables) -> T) -> T {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = write(&mut tables);
        // Within the lock, so that who is told and looks finds the change.
        self.condition
            .send_modify(|condition| condition.mark.version += 1);
        outcome
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }

    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    pub(crate) fn commit_count(&self) -> u64 {
        self.condition.borrow().mark.version
    }
}

impl Tables {
    pub(crate) fn callers(&self) -> Vec<CallerRecord> {
        let record = |(name, &(token_hash, created)): (&CallerName, _)| CallerRecord {
            name: name.clone(),
            created,
            token_hash,
        };
        self.callers.iter().map(record).collect()
    }

    pub(crate) fn put_caller(&mut self, record: &CallerRecord, replace: bool) -> Put {
        let before = self.callers.get(&record.name).copied();
        match before {
            Some((_, created)) if !replace => return Put::Exists(created),
            None if self.callers.len() >= CALLER_COUNT_LIMIT as usize => return Put::TooMany,
            _ => {}
        }
        if let Some(by) = self.other_with(&record.name, record.token_hash) {
            return Put::TokenInUse(by);
        }
        let value = (record.token_hash, record.created);
        self.callers.insert(record.name.clone(), value);
        Put::Done(before.map(|(token_hash, created)| CallerRecord {
            name: record.name.clone(),
            created,
            token_hash,
        }))
    }

    pub(crate) fn restore_caller(
        &mut self,
        added: &CallerRecord,
        before: Option<&CallerRecord>,
    ) -> bool {
        let now = self.callers.get(&added.name);
        if now.is_none_or(|(token_hash, _)| *token_hash != added.token_hash) {
            return false;
        }
        match before {
            None => drop(self.callers.remove(&added.name)),
            Some(before) => {
                if self.other_with(&added.name, before.token_hash).is_some() {
                    return false;
                }
                let value = (before.token_hash, before.created);
                self.callers.insert(added.name.clone(), value);
            }
        }
        true
    }

    pub(crate) fn remove_caller(&mut self, name: &CallerName) -> bool {
        self.callers.remove(name).is_some()
    }

    pub(crate) fn audit(&self, before: Option<u64>, limit: u32) -> Vec<AuditRecord> {
        let newest_first = self.audit.iter().rev();
        newest_first
            .filter(|record| before.is_none_or(|before| record.number < before))
            .take(limit as usize)
            .cloned()
            .collect()
    }

    pub(crate) fn note(&mut self, note: &Note, refusal: Option<&str>) {
        let last = self.audit.back().map_or(0, |record| record.number);
        self.audit.push_back(note.record(last + 1, refusal));
        if self.audit.len() > AUDIT_COUNT_LIMIT as usize {
            self.audit.pop_front();
        }
    }

    /// The same where one is wanted.
    pub(crate) fn noted(&mut self, note: Option<&Note>, refusal: Option<&str>) {
        if let Some(note) = note {
            self.note(note, refusal);
        }
    }

    fn other_with(&self, name: &CallerName, token_hash: TokenHash) -> Option<CallerName> {
        let mut others = self.callers.iter();
        let found = others.find(|(other, (hash, _))| *other != name && *hash == token_hash);
        found.map(|(other, _)| other.clone())
    }
}
