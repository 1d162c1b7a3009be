//! What went wrong in the logs of other programs, each built anew in small.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::hand::{Hand, append, event, keyed, lane, name};
use super::{ALL, block_on, own, step_with};
use crate::disk::simulated::{Fault, Kind, SimulatedDisk, Wrong};
use crate::disk::{Disk as _, RealDisk};
use crate::error::Unavailable;
use crate::events::{AppendError, Batch, NewEvent, OwnedLane};
use crate::log::retain::Retention;
use crate::log::{LOCK, Log, segment};
use crate::names::{Epoch, Position};

const DAY: i64 = 24 * 60 * 60;
const START: i64 = 1_700_000_000;

fn bodies(hand: &Hand) -> Vec<String> {
    let text = |event: &crate::Event| String::from_utf8(event.body.to_vec()).unwrap();
    hand.events(lane()).iter().map(text).collect()
}

fn put(hand: &mut Hand, mine: &OwnedLane, body: &str) -> Result<u64, AppendError> {
    put_event(hand, mine, event(body.as_bytes())).map(|(position, _)| position)
}

/// Its position, and whether it was one already.
fn put_event(
    hand: &mut Hand,
    mine: &OwnedLane,
    event: NewEvent,
) -> Result<(u64, bool), AppendError> {
    let appended = hand.append(mine.id, Some(mine.epoch), vec![event])?;
    Ok((
        appended[0].place.position.number(),
        appended[0].is_duplicate,
    ))
}

fn begun(disk: &SimulatedDisk) -> (Hand, OwnedLane) {
    let mut hand = Hand::open(disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    (hand, mine)
}

// acid-state/acid-state#175, yugabyte/yugabyte-db#33816, rostamlabs/rostam#94,
// grandecola/bigqueue#71: after a failed fsync the next one on the same file succeeded, and what was
// acknowledged then was not on the disk.
#[test]
fn what_a_sync_failed_for_is_synced_in_another_file() {
    let disk = SimulatedDisk::default();
    let (mut hand, mine) = begun(&disk);
    put(&mut hand, &mine, "before").unwrap();
    let files = hand.segment_ends().len();
    disk.at_next(Kind::Sync, Fault::Before(Wrong::Broken));
    assert_eq!(put(&mut hand, &mine, "after").unwrap(), 1);
    assert_eq!(hand.segment_ends().len(), files + 1);
    // Of what was not synced nothing is left.
    let hand = Hand::open(&disk.after_power_loss(|_| 0)).unwrap();
    assert_eq!(bodies(&hand), ["before", "after"]);
}

// tursodatabase/turso#2091: what was refused after a failed fsync was in the file all the same, so
// memory and disk were of two minds. prometheus/prometheus#13027: the half that a full disk had left
// went out with the next record, and cost all that came behind it.
#[test]
fn what_was_refused_is_gone_and_costs_nothing_behind_it() {
    for (kind, wrong) in [(Kind::Write, Wrong::Full), (Kind::Sync, Wrong::Full)] {
        let disk = SimulatedDisk::default();
        let (mut hand, mine) = begun(&disk);
        put(&mut hand, &mine, "before").unwrap();
        disk.at_next(kind, Fault::After(wrong));
        let refused = put(&mut hand, &mine, "refused").unwrap_err();
        assert!(matches!(refused, AppendError::Full { .. }), "{refused:?}");
        // It gets the place that the other one did not keep.
        assert_eq!(put(&mut hand, &mine, "after").unwrap(), 1);
        for after in [disk.after_kill(), disk.after_power_loss(|ways| ways - 1)] {
            let hand = Hand::open(&after).unwrap();
            assert_eq!(bodies(&hand), ["before", "after"]);
            assert!(hand.is_whole());
        }
    }
}

// influxdata/influxdb#7488: no start after the disk had been full. influxdata/influxdb#24460,
// facebook/rocksdb#919, yinqiwen/ardb#310, syndtr/goleveldb#362: with room again, only another start
// helped.
#[test]
fn a_log_is_opened_on_a_full_disk_and_goes_on_with_room() {
    let disk = SimulatedDisk::with_blocks_of(4096);
    let (mut hand, mine) = begun(&disk);
    put(&mut hand, &mine, "before").unwrap();
    drop(hand);
    let disk = disk.after_kill();
    disk.set_capacity(Some(1));
    let mut hand = Hand::open(&disk).unwrap();
    assert_eq!(bodies(&hand), ["before"]);
    for _ in 0..3 {
        let refused = put(&mut hand, &mine, "refused").unwrap_err();
        assert!(matches!(refused, AppendError::Full { .. }), "{refused:?}");
    }
    let files = disk.list("log").unwrap();
    disk.set_capacity(None);
    hand.look_for_room();
    assert_eq!(put(&mut hand, &mine, "after").unwrap(), 1);
    // Nothing of the tries is left over.
    assert!(files.len() <= 2, "{files:?}");
}

// prometheus/prometheus#13152, prometheus/prometheus#4705, ArcadeData/arcadedb#4508: one bad record,
// and all behind it was deleted or never read again.
#[test]
fn a_bad_record_costs_that_record_and_nothing_behind_it() {
    let disk = SimulatedDisk::default();
    let (mut hand, mine) = begun(&disk);
    for number in 0..6 {
        if number == 4 {
            hand.roll().unwrap();
        }
        put(&mut hand, &mine, &number.to_string()).unwrap();
    }
    let first = hand.segment_ends()[0].0;
    let bad = hand.event_offsets(first)[1];
    drop(hand);
    let disk = disk.after_kill();
    disk.flip(&segment::name(first), bad + 40, 3);
    let hand = Hand::open(&disk).unwrap();
    assert_eq!(bodies(&hand), ["0", "2", "3", "4", "5"]);
    assert_eq!(hand.damages().len(), 1);
}

// amelielabs/amelie#17: what was written behind a torn record was not read at the start after the
// next. tamnd/kura#47: a record of as many bytes in the torn one's place brought back the one behind
// it, which nobody had been told of.
#[test]
fn what_stood_behind_a_torn_record_never_comes_back() {
    let disk = SimulatedDisk::default();
    let (mut hand, mine) = begun(&disk);
    put(&mut hand, &mine, "before").unwrap();
    let (torn, _) = append(mine.id, Some(mine.epoch), vec![event(b"torn!!")]);
    let (phantom, _) = append(mine.id, Some(mine.epoch), vec![event(b"ghost!")]);
    hand.commit(vec![torn, phantom]);
    let number = hand.segment_ends()[0].0;
    let bad = hand.event_offsets(number)[1];
    drop(hand);
    let disk = disk.after_kill();
    disk.flip(&segment::name(number), bad + 40, 3);
    let mut hand = Hand::open(&disk).unwrap();
    assert_eq!(bodies(&hand), ["before"]);
    assert_eq!(put(&mut hand, &mine, "after!").unwrap(), 1);
    for _ in 0..2 {
        drop(hand);
        hand = Hand::open(&disk).unwrap();
        assert_eq!(bodies(&hand), ["before", "after!"]);
        assert!(hand.is_whole());
    }
}

// yugabyte/yugabyte-db#17592, rabbitmq/ra#165, logcabin/logcabin#191, wiredtiger/wiredtiger#1775: a
// file that a crash had left empty, or full of zeros, kept the next start from going on.
#[test]
fn an_empty_file_in_the_place_of_the_next_segment_stops_nothing() {
    for bytes in [0, 64 * 1024] {
        let disk = SimulatedDisk::default();
        let (mut hand, mine) = begun(&disk);
        put(&mut hand, &mine, "before").unwrap();
        let number = hand.segment_ends()[0].0;
        drop(hand);
        let disk = disk.after_kill();
        disk.put(&segment::name(number + 1), &vec![0; bytes]);
        let mut hand = Hand::open(&disk).unwrap();
        assert_eq!(put(&mut hand, &mine, "after").unwrap(), 1);
        drop(hand);
        assert_eq!(bodies(&Hand::open(&disk).unwrap()), ["before", "after"]);
    }
}

// ModelarData/ModelarDB-RS#387, nats-io/nats-server#2068: with all records gone, counting began anew
// at the next start, and names were used twice.
#[test]
fn positions_go_on_when_all_events_are_gone() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let log = super::open(disk.clone());
        let mine = own(&log, lane()).await;
        for _ in 0..100 {
            let batch = Batch::new(vec![event(&[b'x'; 16 * 1024])]).unwrap();
            log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        }
        log.close().await;
        let log = super::open(disk.clone());
        let batch = || Batch::new(vec![event(b"one")]).unwrap();
        let epoch = Some(mine.epoch);
        log.append(mine.id, epoch, batch()).await.unwrap();
        let everything = Retention {
            age: Duration::MAX,
            bytes: 0,
        };
        log.retain(everything, Timestamp::MAX).await.unwrap();
        assert_eq!(log.status().await.unwrap().segment_count, 1);
        let log = super::open(disk.after_kill());
        let appended = log.append(mine.id, epoch, batch()).await.unwrap();
        assert_eq!(appended[0].place.position, Position::new(101));
    });
}

// nats-io/nats-server#5412, nats-io/nats-server#7693: with the newest records lost, a consumer stood
// behind the end, and got nothing until as many had come again.
#[test]
fn a_handler_gets_what_comes_after_the_newest_segment_is_lost() {
    let disk = SimulatedDisk::default();
    let (mut hand, mine) = begun(&disk);
    let handler = name("h");
    put(&mut hand, &mine, "kept").unwrap();
    hand.roll().unwrap();
    for _ in 0..5 {
        put(&mut hand, &mine, "lost").unwrap();
    }
    hand.advance(&mine, &handler, step_with(Some(6), vec![]))
        .unwrap();
    let last = hand.segment_ends().last().unwrap().0;
    drop(hand);
    let disk = disk.after_kill();
    disk.remove(&segment::name(last)).unwrap();
    let mut hand = Hand::open(&disk).unwrap();
    let cursor = |hand: &Hand| {
        let handler = hand.state().handler(lane(), &handler);
        handler.map_or(0, |handler| handler.cursor.number())
    };
    let position = put(&mut hand, &mine, "new").unwrap();
    assert!(cursor(&hand) <= position);
    assert_eq!(bodies(&hand), ["kept", "new"]);
}

// ClickHouse/clickhouse-kafka-connect#511, confluentinc/librdkafka#3745, twmb/franz-go#1416: a
// consumer whose place was gone went on at the end, past all that was still there.
// vectordotdev/vector#17644, vectordotdev/vector#25570: it never ended, or never started.
#[test]
fn a_handler_whose_place_is_gone_goes_on_at_the_first_event_that_is_there() {
    let disk = SimulatedDisk::default();
    let (mut hand, mine) = begun(&disk);
    let handler = name("h");
    for number in 0..6 {
        if number % 2 == 0 {
            hand.roll().unwrap();
        }
        put(&mut hand, &mine, &number.to_string()).unwrap();
    }
    hand.advance(&mine, &handler, step_with(Some(1), vec![]))
        .unwrap();
    let oldest: Vec<u64> = hand
        .segment_ends()
        .iter()
        .map(|(number, _)| *number)
        .collect();
    drop(hand);
    let disk = disk.after_kill();
    for number in &oldest[..oldest.len() - 2] {
        disk.remove(&segment::name(*number)).unwrap();
    }
    let hand = Hand::open(&disk).unwrap();
    assert_eq!(bodies(&hand), ["2", "3", "4", "5"]);
    let read = hand.events(lane());
    assert_eq!(read[0].place.position, Position::new(2));
}

fn at(seconds: i64, key: &str) -> NewEvent {
    NewEvent {
        at: Timestamp::from_second(seconds).unwrap(),
        ..keyed(key)
    }
}

// Tr3kkR/Yuzu#2361, Tr3kkR/Yuzu#2348: a clock that was wrong for a moment, as after a start without
// network time, made all that was kept look old, and it was forgotten at once.
#[test]
fn a_clock_that_is_ahead_for_one_life_has_no_key_forgotten() {
    let disk = SimulatedDisk::default();
    let year = 365 * DAY;
    for (time, key) in [
        (START, "first"),
        (START + year, "ahead"),
        (START + 60, "right"),
    ] {
        let (mut hand, mine) = begun(&disk);
        let put = put_event(&mut hand, &mine, at(time, key)).unwrap();
        assert!(!put.1, "{key}");
    }
    let (mut hand, mine) = begun(&disk);
    for key in ["first", "ahead", "right"] {
        let put = put_event(&mut hand, &mine, at(START + 120, key)).unwrap();
        assert!(put.1, "{key} came again within the window");
    }
}

// The same where keys are in files of their own, which are merged and expire.
#[test]
fn a_clock_that_is_ahead_for_a_while_takes_no_file_of_keys_away() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let year = 365 * DAY;
        let append = async |log: &Log, epoch: Epoch, time, key: &str| {
            let batch = Batch::new(vec![at(time, key)]).unwrap();
            let appended = log.append(lane(), Some(epoch), batch).await.unwrap();
            appended[0].is_duplicate
        };
        let log = super::open(disk.clone());
        let epoch = own(&log, lane()).await.epoch;
        assert!(!append(&log, epoch, START, "first").await);
        log.close().await;
        let log = super::open(disk.clone());
        assert!(!append(&log, epoch, START + 1, "second").await);
        assert!(!append(&log, epoch, START + year, "ahead").await);
        let keep = Retention {
            age: Duration::MAX,
            bytes: u64::MAX,
        };
        let ahead = Timestamp::from_second(START + year).unwrap();
        log.retain(keep, ahead).await.unwrap();
        assert!(append(&log, epoch, START + 2, "first").await);
        log.close().await;
        let log = super::open(disk);
        assert!(append(&log, epoch, START + 3, "first").await);
    });
}

// redpanda-data/redpanda#9820: one time in the future, and nothing was ever taken away.
// influxdata/influxdb#2133: events of long ago were taken away as soon as they had come.
#[test]
fn times_that_are_wrong_neither_stop_retention_nor_take_what_is_undelivered() {
    for wrong in [Timestamp::MAX, Timestamp::MIN] {
        let disk = SimulatedDisk::default();
        block_on(async {
            let log = super::open(disk.clone());
            let mine = own(&log, lane()).await;
            let handler = name("h");
            let begin = step_with(Some(0), vec![]);
            log.advance(&mine, &handler, begin).await.unwrap();
            log.close().await;
        });
        for life in 0..4 {
            let (mut hand, mine) = begun(&disk);
            let time = Timestamp::from_second(START + life).unwrap();
            let at = if life == 1 { wrong } else { time };
            let at = crate::time::kept(at);
            let one = NewEvent { at, ..event(b"x") };
            put_event(&mut hand, &mine, one).unwrap();
        }
        block_on(async {
            let log = super::open(disk.clone());
            let mine = own(&log, lane()).await;
            let by_age = Retention {
                age: Duration::from_secs(60),
                bytes: u64::MAX,
            };
            let now = Timestamp::from_second(START + DAY).unwrap();
            let kept = log.retain(by_age, now).await.unwrap();
            assert_eq!(kept.undelivered, [], "{wrong}");
            let all = log.read(lane(), Position::FIRST, ALL).await.unwrap();
            assert_eq!(all.len(), 4, "{wrong}");
            let done = step_with(Some(4), vec![]);
            log.advance(&mine, &name("h"), done).await.unwrap();
            log.retain(by_age, now).await.unwrap();
            let left = log.read(lane(), Position::FIRST, ALL).await.unwrap();
            assert!(left.len() < 4, "{wrong}");
        });
    }
}

// kube-rs/kube#1772, earendil-works/absurd#132, elizaOS/eliza#22150: a time too far off ended the
// process, or stopped what was next to it.
#[test]
fn no_time_is_too_far_off_to_retain_by() {
    block_on(async {
        let log = super::open(SimulatedDisk::default());
        let mine = own(&log, lane()).await;
        let batch = Batch::new(vec![event(b"x")]).unwrap();
        log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        for now in [Timestamp::MIN, Timestamp::MAX] {
            for age in [Duration::ZERO, Duration::MAX] {
                let bytes = u64::MAX;
                let kept = log.retain(Retention { age, bytes }, now).await.unwrap();
                assert_eq!(kept.segment_count, 0);
            }
        }
    });
}

/// Files of a folder that this process has open.
fn open_in(folder: &std::path::Path) -> Vec<String> {
    let links = fs::read_dir("/proc/self/fd").unwrap();
    let links = links.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let inside = links.filter(|link| link.starts_with(folder));
    inside.map(|link| link.display().to_string()).collect()
}

fn real(folder: &std::path::Path, lock: Option<File>) -> Log {
    Log::with_segments_of(Arc::new(RealDisk::new(folder)), 64 * 1024, lock).unwrap()
}

// etcd-io/etcd#3269, influxdata/influxdb#621: one open file for each segment, of which a program that
// is started again and again leaves very many, until there were too many to start.
#[test]
fn segments_that_nobody_writes_are_not_kept_open() {
    let folder = tempfile::TempDir::new().unwrap();
    block_on(async {
        for life in 0..40_u64 {
            let log = real(folder.path(), None);
            let mine = own(&log, lane()).await;
            let batch = Batch::new(vec![event(b"x")]).unwrap();
            let epoch = Some(mine.epoch);
            let appended = log.append(mine.id, epoch, batch).await.unwrap();
            assert_eq!(appended[0].place.position, Position::new(life));
            log.close().await;
        }
        let log = real(folder.path(), None);
        let mine = own(&log, lane()).await;
        let big = || Batch::new(vec![event(&[b'x'; 16 * 1024])]).unwrap();
        for _ in 0..40 {
            let epoch = Some(mine.epoch);
            log.append(mine.id, epoch, big()).await.unwrap();
        }
        let read = log.read(mine.id, Position::FIRST, ALL).await.unwrap();
        assert_eq!(read.len(), 80);
        assert!(log.status().await.unwrap().segment_count > 45);
        let open = open_in(folder.path());
        assert!(open.len() <= 4, "{open:?}");
    });
}

// gastownhall/beads#2933, calimero-network/core#3432: the file of a lock was taken away, another
// process made itself one, and both wrote.
#[test]
fn with_its_lock_taken_away_a_log_acknowledges_nothing_more() {
    let folder = tempfile::TempDir::new().unwrap();
    fs::create_dir(folder.path().join("log")).unwrap();
    let path = folder.path().join(LOCK);
    let lock = || File::create(&path).unwrap();
    block_on(async {
        let log = real(folder.path(), Some(lock()));
        let mine = own(&log, lane()).await;
        let epoch = Some(mine.epoch);
        let batch = || Batch::new(vec![event(b"x")]).unwrap();
        log.append(mine.id, epoch, batch()).await.unwrap();
        fs::remove_file(&path).unwrap();
        let other = real(folder.path(), Some(lock()));
        let theirs = own(&other, lane()).await;
        let refused = log.append(mine.id, epoch, batch()).await.unwrap_err();
        let refused = match refused {
            AppendError::Unavailable(unavailable) => unavailable,
            refused => panic!("{refused:?}"),
        };
        assert!(
            matches!(refused, Unavailable::LogUnlocked { .. }),
            "{refused}"
        );
        let epoch = Some(theirs.epoch);
        let appended = other.append(theirs.id, epoch, batch()).await.unwrap();
        assert_eq!(appended[0].place.position, Position::new(1));
        other.close().await;
        log.close().await;
        let again = real(folder.path(), Some(lock()));
        let all = again.read(lane(), Position::FIRST, ALL).await.unwrap();
        assert_eq!(all.len(), 2);
    });
}
