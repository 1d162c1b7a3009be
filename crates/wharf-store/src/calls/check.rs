//! Reading every record of the call log.

use std::io;

use super::files::{FOLDER, name, number};
use crate::disk::Disk;
use crate::log::frame::Kind;
use crate::log::segment::{NoHeader, header_of};
use crate::log::walk::{Met, walk};

/// What reading all of a call log came to.
#[derive(Debug, Default)]
pub(crate) struct CheckedCalls {
    pub(crate) file_count: u64,
    pub(crate) bytes: u64,
    pub(crate) record_count: u64,
    /// Name of the file, from where to where.
    pub(crate) damages: Vec<(String, u64, u64)>,
    /// Files that a later version wrote.
    pub(crate) newer: Vec<String>,
    /// Files in the folder that are none of ours.
    pub(crate) foreign: Vec<String>,
}

/// Changes nothing; processes may write meanwhile. Blocks. `progress` is told how many bytes were
/// read so far.
pub(crate) fn check(disk: &dyn Disk, mut progress: impl FnMut(u64)) -> io::Result<CheckedCalls> {
    let mut checked = CheckedCalls::default();
    for entry in disk.list(FOLDER)? {
        let Some(number) = number(&entry.name) else {
            checked.foreign.push(entry.name);
            continue;
        };
        let file = match disk.open(&name(number)) {
            // Somebody took it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        checked.file_count += 1;
        match header_of(&*file)? {
            Ok(header) if header.number == number => {
                let (records, damages) = (&mut checked.record_count, &mut checked.damages);
                let whole = walk(&*file, header.salt, None, |met| match met {
                    Met::Frame(seen) => *records += u64::from(seen.head.kind == Kind::Call),
                    Met::Damage(from, to) => damages.push((entry.name.clone(), from, to)),
                })?;
                checked.bytes += whole;
            }
            Err(NoHeader::Newer(_)) => checked.newer.push(entry.name),
            // It is being begun, or a crash came before it was.
            Err(NoHeader::Damaged) if file.bytes()? == 0 => {}
            Ok(_) | Err(NoHeader::Damaged) => {
                let bytes = file.bytes()?;
                checked.damages.push((entry.name, 0, bytes));
            }
        }
        progress(checked.bytes);
    }

    Ok(checked)
}
