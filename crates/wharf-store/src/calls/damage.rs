//! What of the call log cannot be read: told once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::files;
use crate::disk::Disk;

/// Most places that are told of.
const COUNT_LIMIT: usize = 1_000;

/// All damage that was found since the call log was opened: the file and the first byte.
#[derive(Debug, Default)]
pub(crate) struct Damages {
    known: Mutex<BTreeSet<(u64, u64)>>,
}

impl Damages {
    /// Tells of bytes that are not what was written, once. Whether it is new.
    pub(crate) fn tell(&self, disk: &dyn Disk, file: u64, from: u64, to: u64) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.len() < COUNT_LIMIT && known.insert((file, from));
        drop(known);
        if is_new {
            tracing::error!(
                "{} is damaged from byte {from} to byte {to}: records of calls that were stored \
                 there are left out; check the disk",
                disk.path(&files::name(file)).display(),
            );
        }
        is_new
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.known.lock().unwrap().len()
    }
}
