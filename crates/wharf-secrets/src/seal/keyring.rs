//! The keys of an installation: one seals, all open.

use std::collections::BTreeMap;

use aws_lc_rs::rand;
use secrecy::{ExposeSecret as _, SecretSlice};
use wharf_policy::sealed::{
    KeyId, NONCE_BYTES, SECRET_SIZE_LIMIT_BYTES, Sealed, SecretName, SecretVersion,
};

use super::key::Key;

/// Keys by their ids. It never shows one.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: BTreeMap<KeyId, Key>,
    seals: Option<KeyId>,
}

/// A secret could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No key seals.
    #[error(
        "the secret {name} cannot be sealed, since there is no key; make one with \
         `wharf store key new --out FILE`, and name the file as `key` of `[store]` in wharf.toml"
    )]
    NoKey {
        /// The secret.
        name: SecretName,
    },
    /// It is longer than a stored secret may be.
    #[error(
        "the secret {name} has {bytes} bytes, and a stored secret has at most \
         {SECRET_SIZE_LIMIT_BYTES}; ask its vendor for a shorter one"
    )]
    TooLong {
        /// The secret.
        name: SecretName,
        /// Its length.
        bytes: usize,
    },
    /// The operating system gave no random bytes, or the library for cryptography refused.
    #[error(
        "the secret {name} cannot be sealed: no random numbers; check that the operating system \
         provides them"
    )]
    NoRandom {
        /// The secret.
        name: SecretName,
    },
}

/// A secret could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its key is none of these.
    #[error(
        "the stored secret {name} is sealed with key {key}, which is not configured; add the file or \
         variable that holds this key to `old_keys` of `[store]` in wharf.toml, or, where the key is \
         lost, have the vendor give out the secret anew"
    )]
    UnknownKey {
        /// The secret.
        name: SecretName,
        /// The key that it names.
        key: KeyId,
    },
    /// It was changed, or put under another name or version.
    #[error(
        "the stored secret {name}, version {version}, does not open with its key {key}: its row was \
         changed, or is that of another name or version; restore the state from a backup, or have \
         the vendor give out the secret anew"
    )]
    Damaged {
        /// The secret.
        name: SecretName,
        /// Its version.
        version: SecretVersion,
        /// The key that it names.
        key: KeyId,
    },
}

/// A secret could not be put under the key that seals.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It could not be sealed again.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Keyring {
    /// A key that seals, and others that open. A key that is among them twice counts once.
    pub fn new(seals: Option<Key>, opens: impl IntoIterator<Item = Key>) -> Self {
        let sealing = seals.as_ref().map(Key::id);
        let keys = seals.into_iter().chain(opens);
        Self {
            keys: keys.map(|key| (key.id(), key)).collect(),
            seals: sealing,
        }
    }

    /// The key that seals.
    pub fn sealing_key(&self) -> Option<KeyId> {
        self.seals
    }

    /// Whether a key is among them.
    pub fn holds(&self, key: KeyId) -> bool {
        self.keys.contains_key(&key)
    }

    /// Seals a secret with a fresh nonce: the same one twice gives other bytes. They open as this
    /// version of this name, and as no other.
    pub fn seal(
        &self,
        name: &SecretName,
        version: SecretVersion,
        secret: &SecretSlice<u8>,
    ) -> Result<Sealed, SealError> {
        let secret = secret.expose_secret();
        let key = self.seals.and_then(|id| self.keys.get(&id));
        let key = key.ok_or_else(|| SealError::NoKey { name: name.clone() })?;
        if secret.len() > SECRET_SIZE_LIMIT_BYTES {
            return Err(SealError::TooLong {
                name: name.clone(),
                bytes: secret.len(),
            });
        }
        let no_random = || SealError::NoRandom { name: name.clone() };
        let mut nonce = [0; NONCE_BYTES];
        rand::fill(&mut nonce).map_err(|_| no_random())?;
        key.seal(name, version, secret, nonce).ok_or_else(no_random)
    }

    /// Opens what any of the keys sealed as this version of this name.
    pub fn open(
        &self,
        name: &SecretName,
        version: SecretVersion,
        sealed: &Sealed,
    ) -> Result<SecretSlice<u8>, OpenError> {
        let id = sealed.key();
        let key = self.keys.get(&id).ok_or_else(|| OpenError::UnknownKey {
            name: name.clone(),
            key: id,
        })?;
        key.open(name, version, sealed)
            .ok_or_else(|| OpenError::Damaged {
                name: name.clone(),
                version,
                key: id,
            })
    }

    /// Seals with the key that seals what another one did. `None`: it is sealed with that one.
    pub fn reseal(
        &self,
        name: &SecretName,
        version: SecretVersion,
        sealed: &Sealed,
    ) -> Result<Option<Sealed>, ResealError> {
        if self.seals == Some(sealed.key()) {
            return Ok(None);
        }
        let secret = self.open(name, version, sealed)?;
        Ok(Some(self.seal(name, version, &secret)?))
    }
}

#[cfg(test)]
mod tests;
