//! Bounds of what waits for a slow disk, and which files are old.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use jiff::Timestamp;

use super::super::files;
use super::super::{CALL_LIMIT_BYTES, CALL_QUEUE_LIMIT, CALL_QUEUE_LIMIT_BYTES};
use super::{CallLog, retain};
use crate::disk::Disk as _;
use crate::disk::simulated::SimulatedDisk;

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn what_waits_for_a_disk_that_stands_still_is_bounded_in_bytes() {
    let disk = SimulatedDisk::default();
    let (log, writer, items) = CallLog::prepare(Arc::new(disk.clone()));
    let large = Bytes::from(vec![7; CALL_LIMIT_BYTES]);
    let mut taken = 0;
    while log.record(second(taken), large.clone(), true) {
        taken += 1;
    }
    let most = CALL_QUEUE_LIMIT_BYTES / CALL_LIMIT_BYTES;
    assert_eq!(usize::try_from(taken).unwrap(), most);
    assert!(most < CALL_QUEUE_LIMIT);
    assert_eq!(log.counts().dropped, 1);
    // Once it goes on there is room again, and all that was taken is kept.
    let counts = Arc::clone(&log.counts);
    drop(log);
    writer.run(&items);
    assert_eq!(counts.kept.load(Ordering::Relaxed), most as u64);
    assert_eq!(counts.waiting_bytes.load(Ordering::Relaxed), 0);
}

#[test]
fn a_file_that_says_nothing_keeps_no_older_ones_from_going() {
    let disk = SimulatedDisk::default();
    for number in 1..=4 {
        let output = files::Output::begin(&disk, second(number).as_microsecond(), 7);
        output.unwrap();
    }
    let strange = disk.open_to_write(&files::name(2)).unwrap();
    strange.write_at(&[0xff; 80], 0).unwrap();
    assert!(retain(&disk, u64::MAX, second(4)).unwrap() > 0);
    let left = files::all(&disk).unwrap();
    let left: Vec<u64> = left.iter().map(|(number, _)| *number).collect();
    assert_eq!(
        left,
        [3, 4],
        "the third may hold what came until the fourth began"
    );
}

#[test]
fn no_name_makes_numbers_run_out() {
    let disk = SimulatedDisk::default();
    disk.make_folder(files::FOLDER).unwrap();
    let last = format!("{}/{:020}.calls", files::FOLDER, u64::MAX);
    disk.create(&last).unwrap();
    files::Output::begin(&disk, 0, 7).unwrap();
    let all = files::all(&disk).unwrap();
    assert_eq!(
        all.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [1]
    );
}
