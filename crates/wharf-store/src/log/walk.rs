//! Going through all frames of a file that somebody may be writing to.

use std::io;

use super::recover::last_group;
use super::segment::{DATA_START, Found, Scan, Seen};
use crate::disk::DiskFile;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1024 * 1024;

/// What is met on the way.
pub(crate) enum Met<'a> {
    /// A whole frame.
    Frame(&'a Seen),
    /// From one byte to another something is not what was written.
    Damage(u64, u64),
}

/// Goes through a file from its first frame on, and gives where the last whole frame ends.
///
/// `end` is where the next file says that it ends. Without one, what is not whole at the very end is
/// what a crash leaves, or is on its way, and is passed in silence.
pub(crate) fn walk(
    file: &dyn DiskFile,
    salt: u64,
    end: Option<u64>,
    mut meet: impl FnMut(Met<'_>),
) -> io::Result<u64> {
    let bytes = file.bytes()?;
    let limit = end.unwrap_or(bytes).min(bytes);
    let mut whole = DATA_START.min(limit);
    let mut scan = Scan::new(file, salt, DATA_START, limit, BUFFER_BYTES);
    while let Some(found) = scan.next()? {
        let from = match found {
            Found::Frame(seen) => {
                meet(Met::Frame(&seen));
                whole = scan.offset();
                continue;
            }
            Found::Bad(from) => from,
        };
        if end.is_none() {
            if from >= last_group(file, salt, from, limit)? {
                break;
            }
            // There is a later group by now, and all before it was written before it: what is still
            // bad when it is read again is damage, and not a group that came meanwhile.
            scan = Scan::new(file, salt, from, limit, BUFFER_BYTES);
            if matches!(scan.next()?, Some(Found::Frame(_))) {
                scan.jump(from);
                continue;
            }
        }
        let to = scan.pass()?;
        meet(Met::Damage(from, to));
    }
    Ok(whole)
}
