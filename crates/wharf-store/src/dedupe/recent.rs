//! Keys that are in memory only: what came since the last batch was closed.

use std::collections::HashMap;
use std::collections::hash_map;

use super::claims::Claim;
use super::key::{Entry, Key, Place};

/// Keys of a batch. They fill a table of 2^18 places as far as it goes before it doubles.
pub(super) const BATCH_KEY_LIMIT: usize = (1 << 18) / 8 * 7;

#[derive(Clone, Copy, Debug)]
struct Stored {
    place: Place,
    time: u64,
}

/// Keys and where they lie.
///
/// The table is the standard one with its random hash: a sender that tries keys until their digests
/// begin alike is not to slow it down.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) number: u64,
    keys: HashMap<Key, Stored>,
    pub(super) oldest: Option<u64>,
    /// Segments that ended while it was open.
    pub(super) claims: Vec<Claim>,
}

impl Batch {
    /// An empty one with room for so many keys, so that it seldom grows while it is filled.
    pub(super) fn new(number: u64, expected: usize) -> Self {
        Self {
            number,
            keys: HashMap::with_capacity(expected.min(BATCH_KEY_LIMIT)),
            oldest: None,
            claims: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, entry: Entry, window_milliseconds: u64) {
        let oldest = self.oldest.unwrap_or(u64::MAX);
        self.oldest = Some(oldest.min(entry.time));
        match self.keys.entry(entry.key) {
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(stored(entry));
            }
            hash_map::Entry::Occupied(mut there) => {
                let first = restored(entry.key, *there.get());
                there.insert(stored(first.or_later(entry, window_milliseconds)));
            }
        }
    }

    pub(super) fn find(&self, key: &Key) -> Option<Entry> {
        self.keys.get(key).map(|found| restored(*key, *found))
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.keys.len() >= BATCH_KEY_LIMIT
    }

    /// All keys, in order.
    pub(super) fn sorted(&self) -> Vec<Entry> {
        let entry = |(key, found): (&Key, &Stored)| restored(*key, *found);
        let mut entries: Vec<Entry> = self.keys.iter().map(entry).collect();
        entries.sort_unstable_by_key(|entry| entry.key);
        entries
    }

    /// Memory that the table takes: places that are a power of two, at most 7/8 of them used, each
    /// with a byte beside it.
    pub(super) fn memory_bytes(&self) -> u64 {
        let capacity = self.keys.capacity();
        if capacity == 0 {
            return 0;
        }
        let places = (capacity * 8).div_ceil(7).next_power_of_two();
        (places * (size_of::<(Key, Stored)>() + 1)) as u64
    }
}

fn stored(entry: Entry) -> Stored {
    Stored {
        place: entry.place,
        time: entry.time,
    }
}

fn restored(key: Key, found: Stored) -> Entry {
    Entry {
        key,
        place: found.place,
        time: found.time,
    }
}
