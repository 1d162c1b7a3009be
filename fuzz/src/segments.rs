//! Two segments of the log of events, of any bytes: recovered without a panic, and a second time to the
//! same.

use wharf_store::segments::{recover_log, segment};

/// Lengths and checksums of frames are made right.
const MENDED: u8 = 1;
/// What follows is both files themselves, headers and all.
const RAW: u8 = 2;
/// The second segment says where the first one ends.
const FOLLOWS: u8 = 4;

/// Where frames begin in a file.
const DATA_START: u64 = 4096;

/// The target. The first byte says how the others are taken, the next two how many of them are of the
/// first segment.
pub fn segments(bytes: &[u8]) {
    let [kind, low, high, rest @ ..] = bytes else {
        return;
    };
    let split = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (first, second) = rest.split_at(split);
    if kind & RAW != 0 {
        let _ = recover_log(first.to_vec(), second.to_vec());
        return;
    }
    let mended = kind & MENDED != 0;
    let end = DATA_START + (first.len() as u64).next_multiple_of(8);
    let follows = (kind & FOLLOWS != 0).then_some((1, end));
    let first = segment(1, None, first, mended);
    let second = segment(2, follows, second, mended);
    // Both headers are whole, so it is not refused.
    let (_, is_same) = recover_log(first, second).unwrap();
    assert!(is_same);
}
