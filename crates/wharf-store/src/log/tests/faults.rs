//! What becomes of a log whose disk fails, fills up or loses power, also at two calls, and while what
//! was left before is read again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hand::{Hand, SEGMENT_BYTES, event, keyed, lane, name};
use super::{ALL, block_on, exception, own, step_with};
use crate::disk::Disk;
use crate::disk::simulated::{Fault, Kind, SimulatedDisk, Wrong};
use crate::events::{AppendError, Batch, Reason};
use crate::log::Log;
use crate::names::Position;

/// What was told of appends and steps.
#[derive(Debug, Default)]
struct Told {
    /// Bodies by position.
    acknowledged: Vec<(u64, String)>,
    offered: Vec<String>,
    cursor: u64,
    epoch: u64,
}

/// Opens a log twice and works with it each time. Ends at the first error of opening.
fn live_twice(disk: &SimulatedDisk, told: &mut Told) {
    for life in 0..2 {
        let Ok(mut hand) = Hand::open(disk) else {
            return;
        };
        work(&mut hand, life, told);
    }
    // A third time, without anything to say.
    drop(Hand::open(disk));
}

fn work(hand: &mut Hand, life: u64, told: &mut Told) {
    let Ok(mine) = hand.own(lane()) else {
        return;
    };
    told.epoch = told.epoch.max(mine.epoch.number());
    for round in 0..2 {
        let keys: Vec<_> = (0..2).map(|of| format!("{life}-{round}-{of}")).collect();
        told.offered.extend(keys.iter().cloned());
        let events = keys.iter().map(|key| keyed(key)).collect();
        if let Ok(appended) = hand.append(mine.id, Some(mine.epoch), events) {
            let places = appended.iter().map(|of| of.place.position.number());
            told.acknowledged.extend(places.zip(keys));
        }
        let head = hand.state().head(lane().number());
        let step = step_with(Some(head), Vec::new());
        if head > 0 && hand.advance(&mine, &name("h"), step).is_ok() {
            told.cursor = told.cursor.max(head);
        }
        if round == 0 && life == 0 {
            // It is tried again by the next change.
            let _ = hand.roll();
        }
    }
}

/// What was acknowledged is there, nothing was invented, and a second look finds the same.
fn verify(disk: &SimulatedDisk, told: &Told, context: &str) {
    let hand = Hand::open(disk).unwrap_or_else(|error| panic!("{context}: {error}"));
    let whole = (hand.damages(), hand.missing());
    assert_eq!(whole, (vec![], vec![]), "{context}");
    let events = hand.events(lane());
    let bodies: Vec<_> = events
        .iter()
        .map(|event| String::from_utf8(event.body.to_vec()).unwrap())
        .collect();
    for (position, body) in &told.acknowledged {
        let at = usize::try_from(*position).unwrap();
        assert_eq!(bodies.get(at), Some(body), "{context}: {position}");
    }
    for (at, event) in (0..).zip(&events) {
        assert_eq!(event.place.position.number(), at, "{context}");
    }
    for body in &bodies {
        assert!(told.offered.contains(body), "{context}: {body}");
        let count = bodies.iter().filter(|other| *other == body).count();
        assert_eq!(count, 1, "{context}: {body}");
    }
    // The two of a batch together.
    assert_eq!(bodies.len() % 2, 0, "{context}");
    let state = hand.state().clone();
    let handler = state.handler(lane(), &name("h"));
    let cursor = handler.map_or(0, |handler| handler.cursor.number());
    let head = state.head(lane().number());
    assert!(
        (told.cursor..=head).contains(&cursor),
        "{context}: {cursor}"
    );
    assert!(
        state.epoch(lane().number()).number() >= told.epoch,
        "{context}"
    );
    drop(hand);
    let again = Hand::open(disk).unwrap();
    let whole = (again.damages(), again.missing());
    assert_eq!(whole, (vec![], vec![]), "{context}: again");
    assert_eq!(*again.state(), state, "{context}: again");
    assert_eq!(again.events(lane()), events, "{context}: again");
}

/// What may be found of a disk: what a kill leaves, the least, the most and some between.
fn verify_all(disk: &SimulatedDisk, told: &Told, random: &mut fastrand::Rng, context: &str) {
    verify(&disk.after_kill(), told, &format!("{context}, killed"));
    for round in 0..3 {
        let after = disk.after_power_loss(|ways| match round {
            0 => 0,
            1 => ways - 1,
            _ => random.usize(..ways),
        });
        verify(&after, told, &format!("{context}, power, round {round}"));
    }
}

#[test]
fn a_fault_at_each_call_of_lives_that_follow_each_other_loses_nothing() {
    let whole = SimulatedDisk::default();
    let mut told = Told::default();
    live_twice(&whole, &mut told);
    assert_eq!((told.acknowledged.len(), told.cursor), (8, 8));
    let mut random = fastrand::Rng::with_seed(11);
    for number in 0..whole.call_count() {
        for fault in [
            Fault::Before(Wrong::Broken),
            Fault::After(Wrong::Broken),
            Fault::After(Wrong::Full),
            Fault::PowerOff,
        ] {
            let disk = SimulatedDisk::default();
            disk.at_call(number, fault);
            let mut told = Told::default();
            live_twice(&disk, &mut told);
            let call = disk.calls().get(number).cloned();
            let context = format!("call {number}, {call:?}, {fault:?}");
            verify_all(&disk, &told, &mut random, &context);
        }
    }
}

#[test]
fn faults_at_two_calls_lose_nothing() {
    let whole = SimulatedDisk::with_blocks_of(4096);
    live_twice(&whole, &mut Told::default());
    let mut random = fastrand::Rng::with_seed(5);
    let faults = [
        Fault::Before(Wrong::Broken),
        Fault::After(Wrong::Broken),
        Fault::Before(Wrong::Full),
        Fault::PowerOff,
    ];
    let is_changing = |kind: Kind| {
        use Kind::{Allocate, Create, Rename, Sync, SyncFolder, Truncate, Write};
        matches!(
            kind,
            Allocate | Create | Rename | Sync | SyncFolder | Truncate | Write
        )
    };
    let calls = whole.calls();
    let changing = (0..calls.len()).filter(|number| is_changing(calls[*number].kind));
    for first in changing {
        // The next calls are those that mend what the first did.
        for gap in [1, 2, 3, 5, 9] {
            let disk = SimulatedDisk::with_blocks_of(4096);
            let pair = [faults[random.usize(..3)], faults[random.usize(..4)]];
            disk.at_call(first, pair[0]);
            disk.at_call(first + gap, pair[1]);
            let mut told = Told::default();
            live_twice(&disk, &mut told);
            let context = format!("calls {first} and {}, {pair:?}", first + gap);
            verify_all(&disk, &told, &mut random, &context);
        }
    }
}

#[test]
fn every_disk_that_may_be_found_after_one_append_is_whole() {
    let disk = SimulatedDisk::default();
    let mut hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    let first = hand.append(mine.id, Some(mine.epoch), vec![event(b"first")]);
    first.unwrap();
    // Written, and the wait for the disk fails: all that may be of it, is.
    let calls = disk.call_count();
    disk.at_call(calls + 1, Fault::PowerOff);
    let refused = hand.append(
        mine.id,
        Some(mine.epoch),
        vec![event(b"two"), event(b"three")],
    );
    assert!(refused.is_err());
    let mut counts = [0; 4];
    let are_all = disk.every_power_loss(20_000, |after| {
        let hand = Hand::open(&after).unwrap();
        assert!(hand.is_whole());
        let bodies: Vec<_> = hand
            .events(lane())
            .iter()
            .map(|of| of.body.clone())
            .collect();
        let all = [&b"first"[..], b"two", b"three"];
        assert_eq!(bodies, all[..bodies.len()]);
        counts[bodies.len()] += 1;
        assert_eq!(hand.state().head(lane().number()), bodies.len() as u64);
    });
    assert!(are_all);
    // Either is found, and never one of the two.
    assert!(
        counts[1] > 0 && counts[3] > 0 && counts[2] == 0,
        "{counts:?}"
    );
}

#[test]
fn a_disk_that_fills_up_at_each_step_and_has_room_again_loses_nothing() {
    let block = 4096;
    // From nothing to what two lives need at most.
    let most = 8 * SEGMENT_BYTES / block;
    for blocks in 0..most {
        let disk = SimulatedDisk::with_blocks_of(block);
        disk.set_capacity(Some(blocks * block));
        let mut told = Told::default();
        live_twice(&disk, &mut told);
        let context = format!("room for {blocks} blocks");
        // What is there is read where there is room for a segment.
        disk.set_capacity(None);
        verify(&disk.after_kill(), &told, &context);
        let mut hand = Hand::open(&disk).unwrap();
        let before = hand.events(lane()).len() as u64;
        let mine = hand.own(lane()).unwrap();
        let appended = hand.append(mine.id, Some(mine.epoch), vec![event(b"again")]);
        assert_eq!(
            appended.unwrap()[0].place.position.number(),
            before,
            "{context}"
        );
    }
}

#[test]
fn a_full_disk_refuses_events_takes_steps_and_goes_on_when_there_is_room() {
    let disk = SimulatedDisk::with_blocks_of(4096);
    disk.set_capacity(Some(3 * SEGMENT_BYTES));
    let mut hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    let one = || vec![event(&[b'x'; 8_000])];
    let mut count = 0;
    let refused = loop {
        match hand.append(mine.id, Some(mine.epoch), one()) {
            Ok(_) => count += 1,
            Err(refused) => break refused,
        }
        assert!(count < 100);
    };
    assert!(matches!(refused, AppendError::Full { .. }), "{refused:?}");
    assert!(count > 10, "{count}");
    let step = step_with(Some(count), vec![exception(0)]);
    hand.advance(&mine, &name("h"), step).unwrap();
    disk.set_capacity(None);
    hand.look_for_room();
    let appended = hand.append(mine.id, Some(mine.epoch), one()).unwrap();
    assert_eq!(appended[0].place.position.number(), count);
    drop(hand);
    let hand = Hand::open(&disk.after_power_loss(|_| 0)).unwrap();
    assert_eq!(hand.events(lane()).len() as u64, count + 1);
    let handler = hand.state().handler(lane(), &name("h")).unwrap();
    assert_eq!(handler.cursor, Position::new(count));
}

#[test]
fn an_error_where_room_is_made_is_no_full_disk() {
    let disk = SimulatedDisk::with_blocks_of(4096);
    let mut hand = Hand::open(&disk).unwrap();
    disk.at_next(Kind::Create, Fault::Before(Wrong::Broken));
    // The writer makes its own first segment.
    assert!(hand.roll().is_err());
    drop(hand);
    let disk = SimulatedDisk::with_blocks_of(4096);
    hand = Hand::open(&disk).unwrap();
    hand.roll().unwrap();
    let spare = disk
        .calls()
        .iter()
        .position(|call| call.kind == Kind::Create && call.name == "log/spare");
    let spare = spare.unwrap();
    drop(hand);
    let disk = SimulatedDisk::with_blocks_of(4096);
    disk.at_call(spare, Fault::Before(Wrong::Broken));
    hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    let appended = hand.append(mine.id, Some(mine.epoch), vec![event(b"a")]);
    assert!(appended.is_ok(), "{appended:?}");
}

#[test]
fn a_long_beginning_does_not_begin_a_segment_for_each_change() {
    let disk = SimulatedDisk::with_blocks_of(4096);
    let mut hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    for _ in 0..4 {
        let events = vec![event(b""); 100];
        hand.append(mine.id, Some(mine.epoch), events).unwrap();
    }
    let all = (0..400).map(|position| crate::Exception {
        reason: Reason::new(&"x".repeat(200)),
        ..exception(position)
    });
    let step = step_with(None, all.collect());
    hand.advance(&mine, &name("h"), step).unwrap();
    hand.roll().unwrap();
    let before = hand.segment_ends().len();
    for number in 0..20 {
        let one = vec![keyed(&number.to_string())];
        hand.append(mine.id, Some(mine.epoch), one).unwrap();
    }
    assert_eq!(hand.segment_ends().len(), before);
    let state = hand.state().clone();
    drop(hand);
    let hand = Hand::open(&disk.after_kill()).unwrap();
    assert_eq!(*hand.state(), state);
}

#[test]
fn idle_lives_leave_one_segment_and_tell_of_no_damage() {
    let whole = SimulatedDisk::default();
    for _ in 0..3 {
        Hand::open(&whole).unwrap().roll().unwrap();
    }
    assert_eq!(whole.list("log").unwrap().len(), 2, "a segment and a spare");
    for number in 0..whole.call_count() {
        let disk = SimulatedDisk::default();
        disk.at_call(number, Fault::PowerOff);
        for _ in 0..3 {
            if let Ok(mut hand) = Hand::open(&disk) {
                // Power may be gone by then.
                let _ = hand.roll();
            }
        }
        for choice in [0, 1] {
            let after = disk.after_power_loss(|ways| choice * (ways - 1));
            let hand = Hand::open(&after).unwrap();
            let told = (hand.damages(), hand.missing());
            assert_eq!(told, (vec![], vec![]), "call {number}");
        }
    }
}

#[test]
fn a_log_that_is_dropped_ends_its_threads_and_then_gives_its_lock_back() {
    let folder = tempfile::TempDir::new().unwrap();
    let lock = || {
        let path = folder.path().join("lock");
        std::fs::File::create(path).unwrap()
    };
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        let first = lock();
        first.try_lock().unwrap();
        let opened = Log::with_segments_of(Arc::new(disk.clone()), SEGMENT_BYTES, Some(first));
        let log = opened.unwrap();
        let mine = own(&log, lane()).await;
        let batch = Batch::new(vec![event(b"a")]).unwrap();
        log.append(mine.id, Some(mine.epoch), batch).await.unwrap();
        let second = lock();
        assert!(second.try_lock().is_err());
        drop(log);
        let started = Instant::now();
        while second.try_lock().is_err() {
            assert!(started.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Nobody is at work any more: the segment has its index, and no call comes behind.
        let calls = disk.call_count();
        let last = disk
            .calls()
            .iter()
            .rev()
            .find(|call| call.kind == Kind::Truncate)
            .cloned();
        assert_eq!(last.unwrap().name, "log/next");
        tokio::task::yield_now().await;
        assert_eq!(disk.call_count(), calls);
        let log = Log::with_segments_of(Arc::new(disk), SEGMENT_BYTES, Some(second)).unwrap();
        assert_eq!(
            log.read(lane(), Position::FIRST, ALL).await.unwrap().len(),
            1
        );
    });
}

#[test]
fn a_log_that_is_closed_and_opened_at_once_takes_events() {
    block_on(async {
        let disk = SimulatedDisk::with_blocks_of(4096);
        for round in 0..50 {
            let opened = Log::with_segments_of(Arc::new(disk.clone()), SEGMENT_BYTES, None);
            let log = opened.unwrap();
            for _ in 0..3 {
                let batch = Batch::new(vec![event(b"a")]).unwrap();
                let appended = log.append(crate::LaneId::shared(0), None, batch).await;
                assert!(appended.is_ok(), "round {round}: {appended:?}");
            }
            log.close().await;
        }
    });
}
