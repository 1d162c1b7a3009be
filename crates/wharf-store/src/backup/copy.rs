//! Copying one file, with its checksum.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::disk::DiskFile;

/// Bytes that are copied at once.
const BUFFER_BYTES: usize = 1024 * 1024;

/// A SHA-256.
pub(super) type Sum = [u8; 32];

/// What is known of a file that was copied or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) sum: Sum,
    pub(super) bytes: u64,
}

/// Which side of a copy failed.
#[derive(Debug)]
pub(super) enum Side {
    From(io::Error),
    To(io::Error),
}

/// Copies the first `end` bytes, or all where there are fewer, to a new file for its owner alone. It
/// waits for the disk. `progress` is told of each piece's bytes.
pub(super) fn copy(
    from: &dyn DiskFile,
    end: u64,
    to: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Copied, Side> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut out = options.open(to).map_err(Side::To)?;
    let copied = each_piece(from, end, |piece| {
        out.write_all(piece).map_err(Side::To)?;
        progress(piece.len() as u64);
        Ok(())
    })?;
    out.sync_all().map_err(Side::To)?;
    Ok(copied)
}

/// Reads all of a file.
pub(super) fn sum(file: &dyn DiskFile) -> io::Result<Copied> {
    each_piece(file, u64::MAX, |_| Ok(())).map_err(|side| match side {
        Side::From(error) | Side::To(error) => error,
    })
}

fn each_piece(
    from: &dyn DiskFile,
    end: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), Side>,
) -> Result<Copied, Side> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut done = 0;
    while done < end {
        let most = usize::try_from(end - done).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let piece = buffer.get_mut(..most).unwrap_or_default();
        let read = from.read_at(piece, done).map_err(Side::From)?;
        let piece = piece.get(..read).unwrap_or_default();
        if piece.is_empty() {
            break;
        }
        hash.update(piece);
        take(piece)?;
        done += read as u64;
    }
    Ok(Copied {
        sum: hash.finalize().into(),
        bytes: done,
    })
}

/// Waits until the names in a folder are on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
