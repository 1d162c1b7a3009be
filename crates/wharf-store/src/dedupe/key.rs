//! What is known of a key: a digest, where the first event with it lies, and when it came.

use std::fmt;

use sha2::{Digest as _, Sha256};

pub(super) const KEY_BYTES: usize = 16;

/// 128 bits of a digest of a source and the key that it gave an event.
///
/// A sender chooses its keys. A quick keyed hash is safe only while nobody learns its key, and that
/// would have to be kept as long as the runs. Whoever could make two keys that collide could have
/// another's event taken for a duplicate, so this is SHA-256: finding two takes 2^64 tries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key([u8; KEY_BYTES]);

impl Key {
    /// The digest of both. Each part goes in behind its length, so no two pairs read alike.
    pub(crate) fn of(source: &str, key: &[u8]) -> Self {
        let mut digest = Sha256::new();
        for part in [source.as_bytes(), key] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let digest = digest.finalize();
        let mut first = [0; KEY_BYTES];
        for (to, from) in first.iter_mut().zip(digest) {
            *to = from;
        }
        Self(first)
    }

    pub(crate) fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({:032x})", u128::from_be_bytes(self.0))
    }
}

/// Where an event lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) lane: u16,
    pub(crate) position: u64,
}

/// What is kept for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) place: Place,
    /// Milliseconds since 1970.
    pub(super) time: u64,
}

impl Entry {
    /// What two entries of one key come to: the first, unless its window was over when the other came.
    ///
    /// The first is kept as long as the other would be. So no clock that jumps has a key forgotten that
    /// somebody inserted within the window.
    pub(super) fn or_later(self, later: Self, window_milliseconds: u64) -> Self {
        if later.time > self.time.saturating_add(window_milliseconds) {
            return later;
        }
        Self {
            time: self.time.max(later.time),
            ..self
        }
    }
}
