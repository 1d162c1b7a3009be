//! An error or the end of the power at each call.

use std::io;

use super::*;
use crate::disk::simulated::{Fault, Wrong};

/// Segment and number of each key; the log has them all.
const KEYS_OF_SEGMENT: u64 = 5;
const SEGMENTS: u64 = 6;

/// How often a job is tried. At most two faults are set, so a third time it works.
const TRIES: usize = 3;

fn keys_of(segment: u64) -> std::ops::Range<u64> {
    segment * KEYS_OF_SEGMENT..(segment + 1) * KEYS_OF_SEGMENT
}

fn try_open(disk: &SimulatedDisk) -> io::Result<Opened> {
    Dedupe::open(Arc::new(disk.clone()), Duration::from_millis(WINDOW))
}

fn tried<T>(mut job: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut result = job();
    for _ in 1..TRIES {
        if result.is_ok() {
            break;
        }
        result = job();
    }
    result
}

/// All that upkeep does, until an error stays.
fn live(disk: &SimulatedDisk) -> io::Result<Dedupe> {
    let mut dedupe = tried(|| try_open(disk))?.dedupe;
    for segment in 0..SEGMENTS {
        for number in keys_of(segment) {
            insert(&mut dedupe, number, 100 * segment, segment);
        }
        if let Some(seal) = dedupe.freeze(segment) {
            dedupe.sealed(tried(|| seal.run())?);
        }
        if segment >= 3 {
            let now = 100 * segment;
            let merge = Merge {
                disk: Arc::new(disk.clone()),
                runs: dedupe.runs.clone(),
                oldest_kept: now.saturating_sub(WINDOW),
                window_milliseconds: WINDOW,
            };
            let merged = tried(|| merge.run())?;
            let removal = dedupe.merged(merged);
            tried(|| removal.run())?;
        }
    }
    Ok(dedupe)
}

/// Opens, reads again what is not sealed, and expects every key that was inserted in time.
fn expect_all(disk: &SimulatedDisk, about: &str) {
    let opened = open(disk);
    assert!(opened.damaged.is_empty(), "{about}: {:?}", opened.damaged);
    let again = open(disk);
    assert_eq!(again.sealed, opened.sealed, "{about}");
    let mut dedupe = again.dedupe;
    for segment in 0..SEGMENTS {
        if opened.sealed.contains(segment) {
            for number in keys_of(segment) {
                assert_eq!(found(&dedupe, number), Some(number), "{about}, sealed");
            }
        } else {
            for number in keys_of(segment) {
                let there = found(&dedupe, number);
                assert!(
                    there.is_none_or(|place| place == number),
                    "{about}, invented"
                );
                insert(&mut dedupe, number, 100 * segment, segment);
            }
            dedupe.end_segment(segment);
        }
    }
    dedupe.close_batch();
    while let Some(seal) = dedupe.seal() {
        let sealed = seal.run().unwrap();
        dedupe.sealed(sealed);
    }
    let dedupe = open(disk).dedupe;
    for number in 0..SEGMENTS * KEYS_OF_SEGMENT {
        assert_eq!(found(&dedupe, number), Some(number), "{about}");
    }
    assert_eq!(found(&dedupe, 1_000_000), None);
}

fn call_count() -> usize {
    let disk = SimulatedDisk::default();
    live(&disk).unwrap();
    disk.call_count()
}

#[test]
fn an_error_at_any_call_is_got_over() {
    for number in 0..call_count() {
        for fault in [
            Fault::Before(Wrong::Broken),
            Fault::Before(Wrong::Full),
            Fault::After(Wrong::Broken),
            Fault::After(Wrong::Full),
        ] {
            let disk = SimulatedDisk::default();
            disk.at_call(number, fault);
            let about = format!("{fault:?} at call {number}");
            let dedupe = live(&disk).unwrap_or_else(|error| panic!("{about}: {error}"));
            for number in 0..SEGMENTS * KEYS_OF_SEGMENT {
                assert_eq!(found(&dedupe, number), Some(number), "{about}");
            }
            for seed in 0..3 {
                let mut random = fastrand::Rng::with_seed(seed);
                let found = disk.after_power_loss(|ways| random.usize(..ways));
                expect_all(&found, &about);
            }
            expect_all(&disk.after_kill(), &about);
        }
    }
}

#[test]
fn errors_at_two_calls_are_got_over() {
    let calls = call_count();
    for number in 0..calls {
        for distance in (1..=3).filter(|distance| number + distance < calls) {
            let disk = SimulatedDisk::default();
            disk.at_call(number, Fault::Before(Wrong::Broken));
            disk.at_call(number + distance, Fault::Before(Wrong::Broken));
            let about = format!("errors at call {number} and {distance} later");
            let dedupe = live(&disk).unwrap_or_else(|error| panic!("{about}: {error}"));
            for number in 0..SEGMENTS * KEYS_OF_SEGMENT {
                assert_eq!(found(&dedupe, number), Some(number), "{about}");
            }
            expect_all(&disk.after_power_loss(|_| 0), &about);
        }
    }
}

#[test]
fn what_a_job_returned_is_durable() {
    let (disk, mut dedupe) = new();
    for segment in 0..4 {
        insert(&mut dedupe, segment, 0, segment);
        let sealed = dedupe.freeze(segment).unwrap().run().unwrap();
        assert!(open(&disk.after_power_loss(|_| 0)).sealed.contains(segment));
        dedupe.sealed(sealed);
    }
    let merged = dedupe.merge(0).unwrap().run().unwrap();
    let opened = open(&disk.after_power_loss(|_| 0));
    assert_eq!(opened.dedupe.figures().run_count, 1);
    dedupe.merged(merged).run().unwrap();
    assert_eq!(run_names(&disk.after_power_loss(|_| 0)).len(), 1);
}

#[test]
fn what_a_merge_left_is_taken_away_by_the_next_opening() {
    let (disk, mut dedupe) = new();
    for segment in 0..4 {
        insert(&mut dedupe, segment, 0, segment);
        freeze(&mut dedupe, segment);
    }
    drop(dedupe.merge(0).unwrap().run().unwrap());
    assert_eq!(run_names(&disk).len(), 5);
    let opened = open(&disk);
    assert_eq!(run_names(&disk).len(), 1);
    assert!((0..4).all(|number| found(&opened.dedupe, number) == Some(number)));
    assert_eq!(run_names(&disk.after_power_loss(|_| 0)).len(), 1);
}

#[test]
fn the_power_may_go_at_any_call() {
    for block_bytes in [512, 4096] {
        for number in 0..call_count() {
            let disk = SimulatedDisk::with_blocks_of(block_bytes);
            disk.at_call(number, Fault::PowerOff);
            assert!(live(&disk).is_err());
            let about = format!("power off at call {number}");
            expect_all(&disk.after_kill(), &about);
            expect_all(&disk.after_power_loss(|_| 0), &about);
            expect_all(&disk.after_power_loss(|ways| ways - 1), &about);
            for seed in 0..20 {
                let mut random = fastrand::Rng::with_seed(seed);
                let found = disk.after_power_loss(|ways| random.usize(..ways));
                expect_all(&found, &about);
            }
        }
    }
}

#[test]
fn the_power_may_go_again_while_it_opens() {
    let calls = call_count();
    for number in (0..calls).step_by(7) {
        let disk = SimulatedDisk::default();
        disk.at_call(number, Fault::PowerOff);
        assert!(live(&disk).is_err());
        let mut random = fastrand::Rng::with_seed(number as u64);
        let first = disk.after_power_loss(|ways| random.usize(..ways));
        for second in 0.. {
            let disk = first.after_kill();
            disk.at_call(second, Fault::PowerOff);
            if try_open(&disk).is_ok() {
                break;
            }
            let about = format!("power off at call {number}, then at {second} of opening");
            expect_all(&disk.after_power_loss(|ways| random.usize(..ways)), &about);
        }
    }
}

#[test]
fn a_full_disk_stops_upkeep_and_nothing_else() {
    let (disk, mut dedupe) = new();
    (0..500).for_each(|number| insert(&mut dedupe, number, 0, 0));
    disk.set_capacity(Some(10_000));
    let seal = dedupe.freeze(0).unwrap();
    for _ in 0..3 {
        let error = seal.run().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(run_names(&disk).is_empty(), "what was begun is taken away");
    }
    insert(&mut dedupe, 500, 0, 1);
    assert!((0..=500).all(|number| found(&dedupe, number) == Some(number)));
    disk.set_capacity(None);
    let sealed = dedupe.seal().unwrap().run().unwrap();
    dedupe.sealed(sealed);
    assert!((0..=500).all(|number| found(&dedupe, number) == Some(number)));
}
