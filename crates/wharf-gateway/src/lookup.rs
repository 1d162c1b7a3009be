//! Tables that every call looks into.

use std::collections::HashMap;

/// A map with a hash that is quick and seeded anew by each process.
///
/// For keys that the documents and `wharf callers` decide. What a caller sends is only looked up,
/// so it cannot make keys that collide.
pub(crate) type Lookup<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
