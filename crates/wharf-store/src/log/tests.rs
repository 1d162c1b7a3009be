//! The log on a simulated disk.

mod cuts;
mod damage;
mod faults;
mod field;
mod full;
mod hand;
mod recovery;
mod retention;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use self::hand::{event, keyed, lane, name};
use super::damage::Damage;
use super::retain::Retention;
use super::{Log, segment};
use crate::disk::RealDisk;
use crate::disk::simulated::SimulatedDisk;
use crate::events::{Batch, Exception, OwnedLane, ReadLimit, Reason, State, Step};
use crate::names::{LaneId, Position};

const ALL: ReadLimit = ReadLimit {
    count: 100_000,
    bytes: usize::MAX,
};

fn exception(position: u64) -> Exception {
    Exception {
        position: Position::new(position),
        state: State::Due(Timestamp::from_second(1).unwrap()),
        attempts: 1,
        reason: Reason::new("later"),
    }
}

fn step_with(cursor: Option<u64>, exceptions: Vec<Exception>) -> Step {
    Step {
        cursor: cursor.map(Position::new),
        exceptions,
        ..Step::default()
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn open(disk: SimulatedDisk) -> Log {
    Log::with_segments_of(Arc::new(disk), 1024 * 1024, None).unwrap()
}

async fn own(log: &Log, id: LaneId) -> OwnedLane {
    let epoch = log.own(id).await.unwrap();
    OwnedLane { id, epoch }
}

#[test]
fn what_was_appended_is_read_again_after_any_end() {
    block_on(async {
        let disk = SimulatedDisk::default();
        let log = open(disk.clone());
        let mine = own(&log, lane()).await;
        let batch = Batch::new(vec![keyed("a"), keyed("b"), keyed("a")]).unwrap();
        let appended = log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        let places: Vec<_> = appended
            .iter()
            .map(|of| of.place.position.number())
            .collect();
        assert_eq!(places, [0, 1, 0]);
        assert!(appended[2].is_duplicate);
        let step = Step {
            cursor: Some(Position::new(1)),
            exceptions: vec![Exception {
                position: Position::FIRST,
                state: State::Due(Timestamp::from_second(5).unwrap()),
                attempts: 1,
                reason: Reason::new("503"),
            }],
            ..Step::default()
        };
        log.advance(&mine, &name("h"), step.clone()).await.unwrap();
        let before = log.read(mine.id, Position::FIRST, ALL).await.unwrap();
        assert_eq!(before.len(), 2);
        for after in [disk.after_kill(), disk.after_power_loss(|_| 0)] {
            let log = open(after);
            let read = log.read(mine.id, Position::FIRST, ALL).await.unwrap();
            assert_eq!(read, before);
            let cursor = log.cursor(mine.id, &name("h")).await.unwrap().unwrap();
            assert_eq!((cursor.position.number(), cursor.open_count), (1, 1));
            let now = Timestamp::from_second(9).unwrap();
            let due = log.due(mine.id, &name("h"), now, 10).await.unwrap();
            assert_eq!(due, step.exceptions);
            let again = log.append(
                mine.id,
                Some(mine.epoch),
                Batch::new(vec![keyed("b")]).unwrap(),
            );
            let again = again.await.unwrap();
            assert!(again[0].is_duplicate);
            assert_eq!(again[0].place.position.number(), 1);
            let status = log.status().await.unwrap();
            assert!(status.damages.is_empty() && status.missing.is_empty());
        }
    });
}

#[test]
fn segments_roll_and_are_read_across() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let log = open(disk.clone());
        let mine = own(&log, lane()).await;
        let large = |number: u64| {
            let mut event = event(&vec![b'x'; 16 * 1024]);
            event.order = Some(number);
            event
        };
        for number in 0..90 {
            let batch = Batch::new(vec![large(number)]).unwrap();
            log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        }
        let status = log.status().await.unwrap();
        assert_eq!(status.segment_count, 2);
        for log in [log, open(disk.after_kill())] {
            for from in [0, 1, 60, 61, 62, 63, 64, 89] {
                let limit = ReadLimit {
                    count: 3,
                    bytes: usize::MAX,
                };
                let read = log.read(mine.id, Position::new(from), limit).await.unwrap();
                let orders: Vec<_> = read.iter().map(|event| event.order.unwrap()).collect();
                let expected: Vec<_> = (from..90).take(3).collect();
                assert_eq!(orders, expected);
            }
        }
    });
}

#[test]
fn what_stands_under_the_name_of_the_next_segment_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let disk = || Arc::new(RealDisk::new(folder.path()));
        let there = |number| folder.path().join(segment::name(number));
        let log = Log::with_segments_of(disk(), 1024 * 1024, None).unwrap();
        std::fs::create_dir(there(1)).unwrap();
        std::fs::write(there(3), "put back").unwrap();
        let mine = own(&log, lane()).await;
        for _ in 0..90 {
            let batch = Batch::new(vec![event(&vec![b'x'; 16 * 1024])]).unwrap();
            log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        }
        assert!(there(1).is_dir() && there(2).is_file() && there(4).is_file());
        assert_eq!(std::fs::read(there(3)).unwrap(), b"put back");
        log.close().await;
        let log = Log::with_segments_of(disk(), 1024 * 1024, None).unwrap();
        let read = log.read(mine.id, Position::FIRST, ALL).await.unwrap();
        assert_eq!(read.len(), 90);
        let status = log.status().await.unwrap();
        assert!(status.missing.is_empty());
        assert_eq!(status.damages, [Damage::whole(3, 8)]);
    });
}

#[test]
fn retention_takes_whole_segments_that_are_delivered_or_too_many() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let log = open(disk.clone());
        let mine = own(&log, lane()).await;
        let handler = name("h");
        log.advance(&mine, &handler, Step::default()).await.unwrap();
        for _ in 0..200 {
            let batch = Batch::new(vec![event(&vec![b'x'; 16 * 1024])]).unwrap();
            log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        }
        let now = Timestamp::from_second(2_000_000_000).unwrap();
        let by_age = Retention {
            age: Duration::from_secs(60),
            bytes: u64::MAX,
        };
        // Nothing is delivered.
        let retained = log.retain(by_age, now).await.unwrap();
        assert_eq!(retained.segment_count, 0);
        let step = Step {
            cursor: Some(Position::new(100)),
            ..Step::default()
        };
        log.advance(&mine, &handler, step).await.unwrap();
        let retained = log.retain(by_age, now).await.unwrap();
        assert_eq!(retained.segment_count, 1);
        assert_eq!(retained.undelivered, []);
        let read = log.read(mine.id, Position::FIRST, ReadLimit { count: 1, bytes: 0 });
        let first = read.await.unwrap()[0].place.position.number();
        assert!((50..=64).contains(&first), "{first}");
        // All but the one that is written.
        let by_bytes = Retention {
            age: Duration::MAX,
            bytes: 0,
        };
        let retained = log.retain(by_bytes, now).await.unwrap();
        let cursor = log.cursor(mine.id, &handler).await.unwrap().unwrap();
        assert_eq!(
            retained.undelivered[0].count,
            cursor.position.number() - 100
        );
        let status = log.status().await.unwrap();
        assert_eq!(status.segment_count, 1);
        assert_eq!(status.lanes[0].first, cursor.position);
        let log = open(disk.after_kill());
        let again = log.cursor(mine.id, &handler).await.unwrap().unwrap();
        assert_eq!(again, cursor);
    });
}
