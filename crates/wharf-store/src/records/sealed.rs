//! Secrets that must be stored, sealed: refresh tokens and the like.
//!
//! A store holds no key. What it is given was sealed before, and it cannot open it.

use wharf_policy::sealed::{KeyId, SecretName, SecretVersion};

use super::Records;
use crate::engine::{Embedded, Engine};
use crate::error::Unavailable;
use crate::sealed::{KeyUse, PutSealed, Resealed, SEALED_COUNT_LIMIT, SealedRecord, not_resealed};

/// A secret could not be put. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PutSealedError {
    /// The secret has another version than the one that was to be replaced.
    #[error(
        "version {version} of the stored secret {name} was not put, since {}; read it again, and \
         replace what is there only if it is still needed",
        match found {
            Some(found) => format!("another one put version {found} meanwhile"),
            None => "there is no such secret any more".to_owned(),
        }
    )]
    Conflict {
        /// The secret.
        name: SecretName,
        /// What was to be put.
        version: SecretVersion,
        /// What is there.
        found: Option<SecretVersion>,
    },
    /// The store holds [`SEALED_COUNT_LIMIT`] secrets.
    #[error("there are {SEALED_COUNT_LIMIT} stored secrets, which is the limit; remove one first")]
    TooMany,
    /// The state cannot be changed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Records {
    /// A secret. `None`: none of this name is stored.
    pub async fn sealed(&self, name: &SecretName) -> Result<Option<SealedRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.sealed(name.clone()).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.sealed.get(name))),
        }
    }

    /// Puts a secret in the place of the version before its own; the first version in the place of
    /// none. Of two that put the same version one wins, whatever process they are in.
    ///
    /// A caller that hears [`Unavailable::Disk`], or drops the future, does not know whether it was
    /// put: reading it again tells by the sealed bytes, of which no two are the same.
    pub async fn put_sealed(&self, record: &SealedRecord) -> Result<(), PutSealedError> {
        let put = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.put_sealed(record.clone()).await?,
            Engine::Memory(memory) => memory.write(|tables| tables.sealed.put(record)),
        };
        match put {
            PutSealed::Done => Ok(()),
            PutSealed::Conflict(found) => Err(PutSealedError::Conflict {
                name: record.name.clone(),
                version: record.version,
                found,
            }),
            PutSealed::TooMany => Err(PutSealedError::TooMany),
        }
    }

    /// Forgets a secret that still has this version. Whether it did.
    ///
    /// The next one of this name is a first version again, so whoever put on meanwhile may win over
    /// it: remove what nobody refreshes any more.
    pub async fn remove_sealed(
        &self,
        name: &SecretName,
        version: SecretVersion,
    ) -> Result<bool, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.remove_sealed(name.clone(), version).await
            }
            Engine::Memory(memory) => {
                Ok(memory.write(|tables| tables.sealed.remove(name, version)))
            }
        }
    }

    /// How many secrets each key seals, by their ids.
    pub async fn sealing_keys(&self) -> Result<Vec<KeyUse>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.sealing_keys().await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.sealed.keys())),
        }
    }

    /// Secrets that are sealed with another key than this one, in order of their names, from behind
    /// `after` on; at most [`RESEAL_COUNT_LIMIT`](crate::RESEAL_COUNT_LIMIT).
    pub async fn not_sealed_with(
        &self,
        key: KeyId,
        after: Option<&SecretName>,
    ) -> Result<Vec<SealedRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.not_sealed_with(key, after.cloned()).await
            }
            Engine::Memory(memory) => {
                Ok(memory.read(|tables| tables.sealed.not_sealed_with(key, after)))
            }
        }
    }

    /// Puts the same secrets in their places under another key, all or none of those that nobody has
    /// put or resealed meanwhile. How many that were. Versions and times stay.
    ///
    /// It takes the first [`RESEAL_COUNT_LIMIT`](crate::RESEAL_COUNT_LIMIT). Through a handle of
    /// [`Self::by`] it leaves the audit record `store.key.rotate` with the id of the new key; where
    /// none of them was as it was read, as a change that was refused.
    pub async fn reseal(&self, secrets: Vec<Resealed>) -> Result<u64, Unavailable> {
        let key = secrets.first().map(|first| first.after.key().to_string());
        let note = key.and_then(|key| self.noted("store.key.rotate", &key));
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.reseal(secrets, note).await,
            Engine::Memory(memory) => Ok(memory.write(|tables| {
                let changed = tables.sealed.reseal(&secrets);
                tables.noted(note.as_ref(), not_resealed(changed));
                changed
            })),
        }
    }
}
