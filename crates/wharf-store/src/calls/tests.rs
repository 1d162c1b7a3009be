//! The call log on a simulated disk.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::damage::Damages;
use super::files::{self, FILE_BYTES};
use super::writer::{CallLog, retain_on_a_thread};
use super::{CALL_LIMIT_BYTES, CallPlace};
use crate::disk::Disk;
use crate::disk::simulated::{Fault, Kind, SimulatedDisk, Wrong};
use crate::error::Unavailable;
use crate::sampled;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn record(log: &CallLog, number: i64, bytes: usize) -> bool {
    let text = format!("{number:0bytes$}");
    log.record(second(number), Bytes::from(text), bytes <= CALL_LIMIT_BYTES)
}

async fn retain(disk: &SimulatedDisk, bytes: u64, before: Timestamp) -> Result<u64, Unavailable> {
    retain_on_a_thread(Arc::new(disk.clone()), bytes, before).await
}

#[test]
fn records_are_read_again_in_pages_and_after_any_end() {
    block_on(async {
        let disk = SimulatedDisk::default();
        let log = CallLog::open(Arc::new(disk.clone()));
        for number in 0..1_000 {
            assert!(record(&log, number, 20));
        }
        log.flush().await;
        for after in [disk.after_kill(), disk.after_power_loss(|_| 0)] {
            let log = CallLog::open(Arc::new(after));
            let mut behind = CallPlace::START;
            let mut read = Vec::new();
            loop {
                let page = log.read(behind, 300).await.unwrap();
                let is_last = page.len() < 300;
                read.extend(page);
                behind = read.last().unwrap().place;
                if is_last {
                    break;
                }
            }
            let times: Vec<_> = read.iter().map(|record| record.at.as_second()).collect();
            assert_eq!(times, (0..1_000).collect::<Vec<_>>());
            // A second process writes beside the first.
            assert!(record(&log, 1_000, 20));
            log.flush().await;
            let more = log.read(behind, 300).await.unwrap();
            assert_eq!(more.len(), 1);
        }
        assert_eq!(log.counts().kept, 1_000);
    });
}

#[test]
fn what_has_no_room_is_dropped_and_counted_and_nobody_waits() {
    block_on(async {
        let disk = SimulatedDisk::default();
        let log = CallLog::open(Arc::new(disk.clone()));
        assert!(!record(&log, 1, CALL_LIMIT_BYTES + 1));
        assert!(record(&log, 2, CALL_LIMIT_BYTES));
        log.flush().await;
        disk.at_next(Kind::Sync, Fault::Before(Wrong::Full));
        assert!(record(&log, 3, 20));
        log.flush().await;
        assert_eq!((log.counts().kept, log.counts().dropped), (1, 2));
        let read = log.read(CallPlace::START, 10).await.unwrap();
        // It may be there in part of the system's memory; what counts is that the first one is.
        assert_eq!(read[0].at, second(2));
    });
}

#[test]
fn the_oldest_files_go() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let log = CallLog::open(Arc::new(disk.clone()));
        let count = i64::try_from(3 * FILE_BYTES / 16_000).unwrap();
        for number in 0..count {
            assert!(record(&log, number, 16_000));
            if number % 64 == 0 {
                log.flush().await;
            }
        }
        log.flush().await;
        let before = files::all(&disk).unwrap();
        assert!(before.len() >= 3);
        assert_eq!(retain(&disk, u64::MAX, second(0)).await.unwrap(), 0);
        let gone = retain(&disk, FILE_BYTES + FILE_BYTES / 2, second(0))
            .await
            .unwrap();
        let after = files::all(&disk).unwrap();
        let sum = |all: &[(u64, u64)]| all.iter().map(|(_, bytes)| bytes).sum::<u64>();
        assert_eq!(sum(&before) - gone, sum(&after));
        assert!(sum(&after) <= FILE_BYTES + FILE_BYTES / 2);
        // By age, and never the newest.
        retain(&disk, u64::MAX, second(count)).await.unwrap();
        assert_eq!(files::all(&disk).unwrap().len(), 1);
        assert!(!log.read(CallPlace::START, 1).await.unwrap().is_empty());
    });
}

#[test]
fn records_come_by_themselves_within_the_interval() {
    block_on(async {
        let disk = SimulatedDisk::default();
        let log = CallLog::open(Arc::new(disk.clone()));
        assert!(record(&log, 1, 20));
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while log.counts().kept == 0 {
            assert!(std::time::Instant::now() < deadline);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        // What is taken is written before the end.
        assert!(record(&log, 2, 20));
        drop(log);
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let read = || files::read(&shared, &Damages::default(), CallPlace::START, 10);
        while read().unwrap().len() < 2 {
            assert!(std::time::Instant::now() < deadline);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
}

// redpanda-data/redpanda#9820: one time in the future kept all behind it from ever being taken away.
// rabbitmq/ra#165: so did a file that a crash had left without a beginning.
#[test]
fn neither_a_clock_that_was_ahead_nor_an_empty_file_keeps_the_rest() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let year = 365 * 24 * 60 * 60;
        for at in [1_000, 1_000 + year, 2_000, 3_000] {
            // One file each.
            let log = CallLog::open(Arc::new(disk.clone()));
            assert!(record(&log, at, 20));
            log.flush().await;
        }
        disk.put(&files::name(5), &[]);
        let log = CallLog::open(Arc::new(disk.clone()));
        assert!(record(&log, 4_000, 20));
        log.flush().await;
        assert!(retain(&disk, u64::MAX, second(2_500)).await.unwrap() > 0);
        let read = log.read(CallPlace::START, 10).await.unwrap();
        let times: Vec<_> = read.iter().map(|record| record.at.as_second()).collect();
        assert_eq!(times, [2_000, 3_000, 4_000]);
        retain(&disk, u64::MAX, second(5_000)).await.unwrap();
        let left = files::all(&disk).unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
    });
}

// prometheus-junkyard/tsdb#527: files of no bytes, one more at each try on a disk that was full.
#[test]
fn a_disk_without_room_is_not_filled_with_files_that_say_nothing() {
    block_on(async {
        let disk = SimulatedDisk::default();
        for _ in 0..3 {
            let log = CallLog::open(Arc::new(disk.clone()));
            disk.at_next(Kind::Write, Fault::Before(Wrong::Full));
            assert!(record(&log, 1, 20));
            log.flush().await;
            assert_eq!(log.counts().dropped, 1);
        }
        assert_eq!(files::all(&disk).unwrap(), []);
    });
}

// A name that is no number of ours takes the thread along that counts on from it.
#[test]
fn a_file_with_the_highest_number_is_none_of_ours() {
    block_on(async {
        let disk = SimulatedDisk::default();
        disk.put(&format!("calls/{}.calls", u64::MAX), &[]);
        let log = CallLog::open(Arc::new(disk.clone()));
        assert!(record(&log, 1, 20));
        log.flush().await;
        assert_eq!(log.counts().kept, 1);
    });
}

#[test]
fn a_damaged_record_is_left_out_and_told_once_and_the_torn_end_is_none() {
    block_on(async {
        let disk = SimulatedDisk::default();
        let log = CallLog::open(Arc::new(disk.clone()));
        for number in 0..10 {
            assert!(record(&log, number, 20));
        }
        log.flush().await;
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let damages = Damages::default();
        let read = || files::read(&shared, &damages, CallPlace::START, 100).unwrap();
        let all = read();
        assert_eq!((all.len(), damages.count()), (10, 0));
        let name = files::name(all[0].place.file);
        // In the record behind the fifth.
        disk.flip(&name, all[4].place.behind + 33, 2);
        for _ in 0..2 {
            let times: Vec<_> = read().iter().map(|record| record.at.as_second()).collect();
            assert_eq!(times, [0, 1, 2, 3, 4, 6, 7, 8, 9]);
            assert_eq!(damages.count(), 1);
        }
        disk.cut(&name, all[9].place.behind - 1);
        assert_eq!((read().len(), damages.count()), (8, 1));
    });
}

#[test]
fn a_clock_that_is_wrong_takes_a_day_of_records_away_and_not_all() {
    const DAY: i64 = 24 * 60 * 60;
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        for day in 0..40 {
            // One file each.
            let log = CallLog::open(Arc::new(disk.clone()));
            assert!(record(&log, day * DAY, 20));
            log.flush().await;
        }
        let count = || files::all(&disk).unwrap().len();
        // Back: nothing is that old.
        retain(&disk, u64::MAX, Timestamp::MIN).await.unwrap();
        assert_eq!(count(), 40);
        // Ahead, for two runs: the oldest, and what is within a day of it.
        for left in [39, 38] {
            let before = Timestamp::MAX;
            assert!(retain(&disk, u64::MAX, before).await.unwrap() > 0);
            assert_eq!(count(), left);
        }
        // Put right again: what is old goes, a day with each run, and no more than that.
        for _ in 0..40 {
            let before = second(10 * DAY);
            retain(&disk, u64::MAX, before).await.unwrap();
        }
        // What the tenth file says may be as late as the beginning of the eleventh.
        assert_eq!(count(), 31);
        // Too many bytes wait for no day.
        retain(&disk, 0, Timestamp::MIN).await.unwrap();
        assert_eq!(count(), 1);
    });
}

#[test]
fn a_bit_flipped_in_each_field_of_a_file_is_told_and_costs_no_other_record() {
    let disk = SimulatedDisk::default();
    block_on(async {
        let log = CallLog::open(Arc::new(disk.clone()));
        for number in 0..6 {
            assert!(record(&log, number, 21));
        }
        log.flush().await;
    });
    let read = |disk: &SimulatedDisk, damages: &Damages| {
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        files::read(&shared, damages, CallPlace::START, 100).unwrap()
    };
    let all = read(&disk, &Damages::default());
    let place = all[0].place;
    let (name, start) = (files::name(place.file), place.behind);
    let last = all[4].place.behind;
    // The header, and the frame of each record but the first, with its payload and its padding.
    let bytes = (0..80).chain(start..all[5].place.behind);
    let bits = bytes.flat_map(|at| sampled::bits(at).map(move |bit| (at, bit)));
    let bits: Vec<_> = bits.collect();
    sampled::each("bits of files of calls", &bits, |&(at, bit)| {
        let disk = disk.after_kill();
        disk.flip(&name, at, bit);
        let context = format!("byte {at}, bit {bit}");
        let damages = Damages::default();
        let found = read(&disk, &damages);
        assert_eq!(read(&disk, &damages), found, "{context}");
        let is_lost = |of: usize| {
            let from = if of == 0 { 0 } else { all[of - 1].place.behind };
            at < 80 || (from..all[of].place.behind).contains(&at)
        };
        let expected = (0..6).filter(|&of| !is_lost(of)).map(|of| &all[of]);
        assert!(found.iter().eq(expected), "{context}");
        // What stands last may be on its way.
        assert_eq!(damages.count(), usize::from(at < last), "{context}");
    });
}
