//! What retention takes away, whatever the clock says and however little is to be kept.

use std::time::Duration;

use jiff::Timestamp;

use super::{ALL, block_on, event, keyed, lane, open, own};
use crate::disk::Disk as _;
use crate::disk::simulated::SimulatedDisk;
use crate::events::{Batch, NewEvent};
use crate::log::Log;
use crate::log::retain::Retention;
use crate::names::{Epoch, Position};

const DAY: i64 = 24 * 60 * 60;
const START: i64 = 1_700_000_000;

const BY_AGE: Retention = Retention {
    age: Duration::from_secs(30 * 24 * 60 * 60),
    bytes: u64::MAX,
};

/// More than half of a segment.
const BODY: usize = 600 * 1024;

fn day(number: i64) -> Timestamp {
    Timestamp::from_second(START + number * DAY).unwrap()
}

async fn append(log: &Log, epoch: Epoch, event: NewEvent) -> bool {
    let batch = Batch::new(vec![event]).unwrap();
    let appended = log.append(lane(), Some(epoch), batch).await.unwrap();
    appended[0].is_duplicate
}

/// How many events are still there.
async fn count(log: &Log) -> usize {
    log.read(lane(), Position::FIRST, ALL).await.unwrap().len()
}

#[test]
fn a_clock_that_is_wrong_takes_a_day_of_events_away_and_not_all() {
    block_on(async {
        let log = open(SimulatedDisk::with_blocks_of(4096));
        let epoch = own(&log, lane()).await.epoch;
        for number in 0..40 {
            let at = day(number);
            append(
                &log,
                epoch,
                NewEvent {
                    at,
                    ..event(&vec![b'x'; BODY])
                },
            )
            .await;
        }
        let all = count(&log).await;
        assert_eq!(all, 40);
        // It jumps back, and nothing is that old.
        for now in [Timestamp::MIN, day(-400)] {
            assert_eq!(log.retain(BY_AGE, now).await.unwrap().segment_count, 0);
        }
        // It jumps ahead, and is wrong for two runs.
        for now in [day(400), Timestamp::MAX] {
            let retained = log.retain(BY_AGE, now).await.unwrap();
            assert!((1..=2).contains(&retained.segment_count), "{retained:?}");
            assert_eq!(retained.undelivered, []);
        }
        let left = count(&log).await;
        assert!(left >= all - 4, "{left}");
        // It is right again: what is old goes with the next runs, and nothing else.
        for _ in 0..40 {
            log.retain(BY_AGE, day(45)).await.unwrap();
        }
        let read = log.read(lane(), Position::FIRST, ALL).await.unwrap();
        let first = read[0].at;
        assert!(day(13) <= first && first <= day(16), "{first}");
    });
}

#[test]
fn an_event_that_comes_twice_is_told_for_four_days_whatever_is_kept() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let log = open(disk.clone());
        let epoch = own(&log, lane()).await.epoch;
        let first = |number| NewEvent {
            at: day(number),
            ..keyed("first")
        };
        assert!(!append(&log, epoch, first(0)).await);
        let nothing = Retention {
            age: Duration::ZERO,
            bytes: 0,
        };
        for number in 0..3 {
            for _ in 0..3 {
                let at = day(number);
                append(
                    &log,
                    epoch,
                    NewEvent {
                        at,
                        ..event(&vec![b'x'; BODY])
                    },
                )
                .await;
            }
            log.retain(nothing, day(number)).await.unwrap();
            assert_eq!(log.status().await.unwrap().segment_count, 1);
        }
        let read = log.read(lane(), Position::FIRST, ALL).await.unwrap();
        assert!(
            read[0].place.position > Position::FIRST,
            "the first is gone"
        );
        assert!(append(&log, epoch, first(3)).await);
        log.close().await;
        let log = open(disk);
        assert!(append(&log, epoch, first(3)).await);
    });
}

#[test]
fn where_no_event_was_ever_stored_nothing_is_made() {
    block_on(async {
        let disk = SimulatedDisk::default();
        let log = open(disk.clone());
        let nothing = Retention {
            age: Duration::ZERO,
            bytes: 0,
        };
        let retained = log.retain(nothing, Timestamp::MAX).await.unwrap();
        assert_eq!(retained, super::super::retain::Retained::default());
        log.close().await;
        for folder in ["log", "dedupe"] {
            assert_eq!(disk.list(folder).unwrap(), [], "{folder}");
        }
    });
}
