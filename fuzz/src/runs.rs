//! A run file of keys, whole or changed: read without a panic, and no change passes for what was
//! written.

use wharf_store::opening::{read_run, run_file};

/// Checksums are made right after the changes.
const MENDED: u8 = 1;
/// What follows is the file itself.
const RAW: u8 = 2;

/// The target. The first byte says how the others are taken: as a file, or as a number of keys
/// followed by changes of a file with as many, three bytes each: offset and value.
pub fn runs(bytes: &[u8]) {
    let [kind, rest @ ..] = bytes else {
        return;
    };
    let mended = kind & MENDED != 0;
    if kind & RAW != 0 {
        let _ = read_run(rest.to_vec(), mended);
        return;
    }
    let [count, changes @ ..] = rest else {
        return;
    };
    // Up to five pages.
    let count = u64::from(*count) * 2;
    let written = run_file(count).unwrap();
    let mut file = written.clone();
    for change in changes.chunks_exact(3) {
        let offset = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let at = offset % file.len();
        file[at] = change[2];
    }
    let is_same = file == written;
    let read = read_run(file, mended);
    if is_same {
        let read = read.unwrap();
        assert_eq!((read.keys, read.found), (count, count));
    } else if !mended {
        assert!(read.is_err());
    }
}
