//! A Bloom filter: says of most keys that are not in a run that they are not.

use super::key::Key;

/// Memory for one key. With [`HASH_COUNT`] hashes, (1 − e^(−8/12))^8 = 0.31 % of the keys that are
/// not there pass (Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", 1970).
pub(super) const BITS_PER_KEY: u64 = 12;
/// Near ln 2 times the bits for one key, which lets the fewest pass.
pub(super) const HASH_COUNT: u16 = 8;
pub(super) const WORD_BYTES: usize = 8;

/// Bits that keys set.
#[derive(Debug)]
pub(super) struct Filter {
    words: Vec<u64>,
    hash_count: u16,
}

impl Filter {
    /// An empty one for at most so many keys.
    pub(super) fn for_keys(count: u64) -> Self {
        let words = count.saturating_mul(BITS_PER_KEY).div_ceil(64);
        Self {
            words: vec![0; usize::try_from(words).unwrap_or(usize::MAX)],
            hash_count: HASH_COUNT,
        }
    }

    pub(super) fn from_words(words: Vec<u64>, hash_count: u16) -> Self {
        Self { words, hash_count }
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The word and the bit in it of each hash. A key is a digest, so its halves serve as the two
    /// hashes that the others are made of (Kirsch and Mitzenmacher, "Less Hashing, Same
    /// Performance", 2006).
    fn bits(&self, key: &Key) -> impl Iterator<Item = (usize, u64)> + use<> {
        let both = u128::from_le_bytes(*key.bytes());
        let low = u64::try_from(both & u128::from(u64::MAX)).unwrap_or_default();
        let high = u64::try_from(both >> 64).unwrap_or_default();
        let bit_count = self.words.len() as u128 * 64;
        (0..u64::from(self.hash_count)).map(move |nth| {
            let hash = low.wrapping_add(nth.wrapping_mul(high | 1));
            // Below the count, as a remainder is, and without a division.
            let bit = (u128::from(hash) * bit_count) >> 64;
            let word = usize::try_from(bit / 64).unwrap_or_default();
            (word, 1 << (bit % 64))
        })
    }

    pub(super) fn add(&mut self, key: &Key) {
        for (word, bit) in self.bits(key) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether a key may be there. One that was added always may.
    pub(super) fn may_have(&self, key: &Key) -> bool {
        let is_set = |(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0);
        self.bits(key).all(is_set)
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        (self.words.capacity() * WORD_BYTES) as u64
    }
}
