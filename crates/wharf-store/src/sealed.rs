//! Sealed secrets as every engine keeps them, and their table in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use wharf_policy::sealed::{KeyId, Sealed, SecretName, SecretVersion};

use crate::caller::NOT_RESTORED;

/// Most secrets that a store holds; one more is refused.
pub const SEALED_COUNT_LIMIT: u32 = 10_000;

/// Most secrets that one [`Records::reseal`](crate::Records::reseal) changes; what is more is left
/// as it was. Who waits behind it waits for no more than the writing of 4 MiB.
pub const RESEAL_COUNT_LIMIT: u32 = 64;

/// A sealed secret as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRecord {
    /// What it belongs to.
    pub name: SecretName,
    /// How often it was put. The sealed bytes open as this version only.
    pub version: SecretVersion,
    /// When it was put. Kept to the microsecond.
    pub put: Timestamp,
    /// The secret, sealed.
    pub sealed: Sealed,
}

/// How many secrets were sealed with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key: KeyId,
    /// How many secrets.
    pub secrets: u64,
}

/// The same secret, sealed with another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// As it was read.
    pub before: SealedRecord,
    /// What takes the place of its sealed bytes.
    pub after: Sealed,
}

/// What came of putting a secret into a table.
pub(crate) enum PutSealed {
    Done,
    Conflict(Option<SecretVersion>),
    TooMany,
}

/// Why no secret was resealed, as audit records have it.
pub(crate) fn not_resealed(changed: u64) -> Option<&'static str> {
    (changed == 0).then_some(NOT_RESTORED)
}

/// The table in memory, which other engines are compared with.
#[derive(Clone, Default)]
pub(crate) struct SealedTable {
    rows: BTreeMap<SecretName, (SecretVersion, Timestamp, Sealed)>,
}

impl SealedTable {
    pub(crate) fn get(&self, name: &SecretName) -> Option<SealedRecord> {
        let (name, row) = self.rows.get_key_value(name)?;
        Some(record(name, row))
    }

    pub(crate) fn put(&mut self, put: &SealedRecord) -> PutSealed {
        let found = self.rows.get(&put.name).map(|(version, ..)| *version);
        if found != put.version.before() {
            return PutSealed::Conflict(found);
        }
        if found.is_none() && self.rows.len() >= SEALED_COUNT_LIMIT as usize {
            return PutSealed::TooMany;
        }
        // To the microsecond, as every engine keeps it.
        let at = Timestamp::from_microsecond(put.put.as_microsecond()).unwrap_or(put.put);
        let row = (put.version, at, put.sealed.clone());
        self.rows.insert(put.name.clone(), row);
        PutSealed::Done
    }

    pub(crate) fn remove(&mut self, name: &SecretName, version: SecretVersion) -> bool {
        let is_meant = self
            .rows
            .get(name)
            .is_some_and(|(found, ..)| *found == version);
        is_meant && self.rows.remove(name).is_some()
    }

    pub(crate) fn keys(&self) -> Vec<KeyUse> {
        let mut counts = BTreeMap::new();
        for (.., sealed) in self.rows.values() {
            *counts.entry(sealed.key()).or_insert(0) += 1;
        }
        let uses = counts.into_iter();
        uses.map(|(key, secrets)| KeyUse { key, secrets }).collect()
    }

    pub(crate) fn not_sealed_with(
        &self,
        key: KeyId,
        after: Option<&SecretName>,
    ) -> Vec<SealedRecord> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.rows.range::<SecretName, _>((from, Bound::Unbounded));
        behind
            .filter(|(_, (.., sealed))| sealed.key() != key)
            .take(RESEAL_COUNT_LIMIT as usize)
            .map(|(name, row)| record(name, row))
            .collect()
    }

    pub(crate) fn reseal(&mut self, secrets: &[Resealed]) -> u64 {
        let mut changed = 0;
        for Resealed { before, after } in secrets.iter().take(RESEAL_COUNT_LIMIT as usize) {
            if let Some((version, _, sealed)) = self.rows.get_mut(&before.name)
                && *version == before.version
                && *sealed == before.sealed
            {
                *sealed = after.clone();
                changed += 1;
            }
        }
        changed
    }
}

fn record(
    name: &SecretName,
    (version, put, sealed): &(SecretVersion, Timestamp, Sealed),
) -> SealedRecord {
    SealedRecord {
        name: name.clone(),
        version: *version,
        put: *put,
        sealed: sealed.clone(),
    }
}
