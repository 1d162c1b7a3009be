//! From places in the settings to keys.
//!
//! Where no key is named, a file in the state folder holds one. A key beside the data keeps nothing
//! from who reads the folder. It keeps secrets out of every copy of the database alone: a backup, a
//! file that is sent to somebody, the disk of a database server. So a backup must never have it in
//! it, and who wants more names a key that is kept elsewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use wharf_policy::sealed::KeyId;

use super::key::{Key, KeyProblem};
use super::keyring::Keyring;
use super::new::{NewKey, NewKeyError};
use crate::error::read_remedy;
use crate::stores::aside;
use crate::stores::file::{ReadProblem, read_bytes};
use crate::value::FILE_SIZE_LIMIT_BYTES;
use crate::variables::Variables;

/// Name of the file in the state folder that holds the key where the settings name none. It must
/// never be part of a backup.
pub const KEY_FILE_NAME: &str = "store.key";

/// What others than the owner may not do with a key file: change it, and read it unless they are of
/// its group. Kubernetes and systemd hand secrets over in files that a group may read.
const REFUSED_MODE: u32 = 0o027;

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The environment variable of this name.
    Variable(String),
    /// The file of this path, as the operating system finds it.
    File(PathBuf),
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

/// A key could not be had. Never shows one.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A variable that the settings name is not set.
    #[error(
        "environment variable {variable}, which `[store]` in wharf.toml names as a key, is not set; \
         set it and start wharf again, or name another place"
    )]
    VariableMissing {
        /// Its name.
        variable: String,
    },
    /// What is there is no key.
    #[error(
        "the key in {place} {problem}; a key is 32 random bytes in Base64 or in 64 hexadecimal \
         digits, as `wharf store key new` makes it"
    )]
    Unusable {
        /// Where it is.
        place: KeyPlace,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// There is no such file.
    #[error(
        "key file {}, which `[store]` in wharf.toml names, does not exist; put it back, or name \
         another place. What is sealed with a key that is lost cannot be opened any more",
        path.display()
    )]
    FileMissing {
        /// The file.
        path: PathBuf,
    },
    /// Others may read or change the file.
    #[error(
        "key file {path} may be read or changed by other users of this machine (mode {mode:04o}); \
         run `chmod 600` on it, and make a new key where somebody may have read this one",
        path = path.display()
    )]
    FileOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is no file that can hold a key.
    #[error("key file {} {what}; name a regular file that holds the key alone", path.display())]
    FileKind {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// The file could not be opened or read.
    #[error("key file {} cannot be read; {}", path.display(), read_remedy(source))]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Two places hold the same key.
    #[error(
        "the keys in {one} and in {other} are the same (id {key}); take one of them out of `[store]` \
         in wharf.toml"
    )]
    Duplicate {
        /// One place.
        one: KeyPlace,
        /// The other one.
        other: KeyPlace,
        /// The key's id.
        key: KeyId,
    },
    /// Secrets are sealed with a key that was in the state folder, or is one of another store.
    #[error(
        "secrets in the store are sealed with key {key}, and neither {} nor wharf.toml has it; put \
         the file back, or name the key in `[store]`. Where it is lost, make another one with \
         `wharf store key new --out {}`: those secrets cannot be opened any more",
        path.display(),
        path.display()
    )]
    Gone {
        /// Where the key of the state folder would be.
        path: PathBuf,
        /// The key that is missing.
        key: KeyId,
    },
    /// The key of the state folder could not be made.
    #[error(transparent)]
    New(#[from] NewKeyError),
    /// The program ends, and reads nothing more.
    #[error("no key was read, since wharf ends")]
    GivenUp,
}

/// A key, where it is, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// Its id.
    pub id: KeyId,
    /// Where it is.
    pub place: KeyPlace,
    /// How it came to be among the keys.
    pub role: KeyRole,
}

/// How a key came to be among the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRole {
    /// `key` in the settings.
    Key,
    /// One of `old_keys` in the settings.
    OldKey,
    /// The file in the state folder, which nothing names.
    StateFolder,
}

/// Keys that were read, with their places.
#[derive(Debug)]
pub struct LoadedKeys {
    /// What seals and opens.
    pub keyring: Keyring,
    /// The key that seals first, where there is one; then in the order of the settings.
    pub known: Vec<KnownKey>,
}

/// Where the keys of an installation are.
#[derive(Clone)]
pub struct KeyPlaces {
    /// Where environment variables come from.
    pub variables: Arc<dyn Variables>,
    /// `key` in the settings.
    pub key: Option<KeyPlace>,
    /// `old_keys` in the settings.
    pub old_keys: Vec<KeyPlace>,
    /// Where state is kept.
    pub state_folder: PathBuf,
}

impl KeyPlaces {
    /// Reads all keys; nothing is made. Without `key` in the settings, the one in the state folder
    /// seals, if there is one; otherwise that one opens.
    ///
    /// Files are read on a thread of the runtime that may block.
    pub async fn load(&self) -> Result<LoadedKeys, KeyError> {
        let places = self.clone();
        aside(move || places.read())
            .await
            .unwrap_or(Err(KeyError::GivenUp))
    }

    /// The same, for who is about to seal: where no key is named and the state folder has none, one
    /// is made there. `used` are the keys that the store's secrets are sealed with: where one of them
    /// is missing, a key is lost or the store is another's, and none is made in its place.
    pub async fn load_or_make(&self, used: &[KeyId]) -> Result<LoadedKeys, KeyError> {
        let loaded = self.load().await?;
        if loaded.keyring.sealing_key().is_some() {
            return Ok(loaded);
        }
        let path = self.key_file();
        if let Some(&key) = used.iter().find(|key| !loaded.keyring.holds(**key)) {
            return Err(KeyError::Gone { path, key });
        }
        let make = move || match NewKey::generate()?.write(&path) {
            // Another process was faster, and its key is the one.
            Err(NewKeyError::Exists { .. }) => Ok(()),
            written => written,
        };
        aside(make).await.unwrap_or(Ok(()))?;
        self.load().await
    }

    /// The file in the state folder.
    pub fn key_file(&self) -> PathBuf {
        self.state_folder.join(KEY_FILE_NAME)
    }

    fn read(&self) -> Result<LoadedKeys, KeyError> {
        let of_settings = self.key.iter().map(|place| (place, KeyRole::Key));
        let old = self.old_keys.iter().map(|place| (place, KeyRole::OldKey));
        let mut keys = Vec::new();
        let mut places = BTreeMap::new();
        for (place, role) in of_settings.chain(old) {
            let key = self.key_in(place)?;
            if let Some(one) = places.insert(key.id(), place.clone()) {
                return Err(KeyError::Duplicate {
                    one,
                    other: place.clone(),
                    key: key.id(),
                });
            }
            keys.push((key, place.clone(), role));
        }
        let place = KeyPlace::File(self.key_file());
        match self.key_in(&place) {
            // Who names it in the settings too has it once.
            Ok(key) if self.key.is_some() && places.contains_key(&key.id()) => {}
            Ok(key) if self.key.is_some() => keys.push((key, place, KeyRole::StateFolder)),
            Ok(key) => {
                keys.retain(|(known, ..)| known.id() != key.id());
                keys.insert(0, (key, place, KeyRole::StateFolder));
            }
            Err(KeyError::FileMissing { .. }) => {}
            Err(error) => return Err(error),
        }
        let known = keys.iter().map(|(key, place, role)| KnownKey {
            id: key.id(),
            place: place.clone(),
            role: *role,
        });
        let known: Vec<_> = known.collect();
        let does_seal = known.first().is_some_and(|key| key.role != KeyRole::OldKey);
        let mut keys = keys.into_iter().map(|(key, ..)| key);
        let seals = if does_seal { keys.next() } else { None };
        Ok(LoadedKeys {
            keyring: Keyring::new(seals, keys),
            known,
        })
    }

    fn key_in(&self, place: &KeyPlace) -> Result<Key, KeyError> {
        let unusable = |problem| KeyError::Unusable {
            place: place.clone(),
            problem,
        };
        match place {
            KeyPlace::Variable(variable) => {
                let Some(value) = self.variables.get(variable) else {
                    return Err(if self.variables.is_not_text(variable) {
                        unusable(KeyProblem::NotText)
                    } else {
                        KeyError::VariableMissing {
                            variable: variable.clone(),
                        }
                    });
                };
                Key::parse(value.expose_secret().as_bytes()).map_err(unusable)
            }
            KeyPlace::File(path) => {
                let (bytes, mode) = read_bytes(path).map_err(|problem| of_file(path, problem))?;
                if mode & REFUSED_MODE != 0 {
                    return Err(KeyError::FileOpen {
                        path: path.clone(),
                        mode,
                    });
                }
                Key::parse(&bytes).map_err(unusable)
            }
        }
    }
}

impl fmt::Debug for KeyPlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPlaces")
            .field("key", &self.key)
            .field("old_keys", &self.old_keys)
            .field("state_folder", &self.state_folder)
            .finish_non_exhaustive()
    }
}

fn of_file(path: &Path, problem: ReadProblem) -> KeyError {
    let path = path.to_owned();
    match problem {
        ReadProblem::Missing => KeyError::FileMissing { path },
        ReadProblem::Loop => KeyError::FileKind {
            path,
            what: "is a link that leads to no file, only to links",
        },
        ReadProblem::NotRegular => KeyError::FileKind {
            path,
            what: "is a folder, a pipe, a socket or a device",
        },
        ReadProblem::TooLarge => {
            const { assert!(FILE_SIZE_LIMIT_BYTES == 64 * 1024) };
            KeyError::FileKind {
                path,
                what: "is larger than 64 KiB",
            }
        }
        ReadProblem::Unreadable(source) => KeyError::FileUnreadable { path, source },
    }
}

#[cfg(test)]
mod tests;
