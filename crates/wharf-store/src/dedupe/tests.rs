//! What is found of keys, before and after upkeep.

mod crash;
mod damage;
mod model;
mod size;

use std::sync::Arc;
use std::time::Duration;

use super::claims::{Claim, join};
use super::key::Entry;
use super::recent::BATCH_KEY_LIMIT;
use super::*;
use crate::disk::simulated::SimulatedDisk;

/// In milliseconds, and what tests take for the time between two events.
const WINDOW: u64 = 1000;

fn open(disk: &SimulatedDisk) -> Opened {
    let disk = Arc::new(disk.clone());
    Dedupe::open(disk, Duration::from_millis(WINDOW)).unwrap()
}

fn new() -> (SimulatedDisk, Dedupe) {
    let disk = SimulatedDisk::default();
    let dedupe = open(&disk).dedupe;
    (disk, dedupe)
}

fn key(number: u64) -> Key {
    Key::of("test", &number.to_le_bytes())
}

fn place(position: u64) -> Place {
    Place { lane: 7, position }
}

fn insert(dedupe: &mut Dedupe, number: u64, time: u64, segment: u64) {
    dedupe.insert(key(number), place(number), time, segment);
}

fn found(dedupe: &Dedupe, number: u64) -> Option<u64> {
    let found = dedupe.find(&key(number)).unwrap();
    found.map(|place| place.position)
}

/// Closes a segment and brings its keys to a run.
fn freeze(dedupe: &mut Dedupe, segment: u64) {
    let seal = dedupe.freeze(segment).unwrap();
    let sealed = seal.run().unwrap();
    dedupe.sealed(sealed);
}

/// Merges as long as there is something to merge.
fn merge_all(dedupe: &mut Dedupe, now: u64) {
    while let Some(merge) = dedupe.merge(now) {
        let merged = merge.run().unwrap();
        dedupe.merged(merged).run().unwrap();
    }
}

fn run_names(disk: &SimulatedDisk) -> Vec<String> {
    let entries = disk.list(FOLDER).unwrap();
    entries.into_iter().map(|entry| entry.name).collect()
}

#[test]
fn a_key_is_the_start_of_a_digest_of_both_parts() {
    // printf '\x04\0\0\0\0\0\0\0test\x03\0\0\0\0\0\0\0key' | sha256sum
    let key = Key::of("test", b"key");
    assert_eq!(format!("{key:?}"), "Key(65ff344f9918c076e2734639f5022200)");
    assert_ne!(Key::of("ab", b"c"), Key::of("a", b"bc"));
    assert_ne!(Key::of("a", b""), Key::of("", b"a"));
}

#[test]
fn a_key_is_found_in_memory_closed_sealed_merged_and_opened_again() {
    let (disk, mut dedupe) = new();
    for segment in 0..4 {
        let keys = segment * 200..segment * 200 + 200;
        for number in keys.clone() {
            assert_eq!(found(&dedupe, number), None);
            insert(&mut dedupe, number, 50, segment);
            assert_eq!(found(&dedupe, number), Some(number));
        }
        let seal = dedupe.freeze(segment).unwrap();
        assert!(
            keys.clone()
                .all(|number| found(&dedupe, number) == Some(number))
        );
        let sealed = seal.run().unwrap();
        dedupe.sealed(sealed);
        assert!(
            keys.clone()
                .all(|number| found(&dedupe, number) == Some(number))
        );
    }
    assert_eq!(run_names(&disk).len(), 4);
    merge_all(&mut dedupe, 50);
    assert_eq!(run_names(&disk).len(), 1);
    let opened = open(&disk);
    assert!(opened.damaged.is_empty());
    assert!((0..4).all(|segment| opened.sealed.contains(segment)));
    for dedupe in [dedupe, opened.dedupe] {
        assert!((0..800).all(|number| found(&dedupe, number) == Some(number)));
        assert!((800..2000).all(|number| found(&dedupe, number).is_none()));
        let figures = dedupe.figures();
        assert_eq!((figures.keys_in_runs, figures.run_count), (800, 1));
        assert_eq!(figures.oldest, Some(50));
        let bytes = disk
            .contents(&format!("{FOLDER}/{}", run_names(&disk)[0]))
            .unwrap();
        assert_eq!(figures.disk_bytes, bytes.len() as u64);
    }
}

#[test]
fn nothing_makes_nothing() {
    let (disk, mut dedupe) = new();
    assert_eq!(found(&dedupe, 1), None);
    assert!(dedupe.freeze(0).is_none());
    assert!(dedupe.merge(0).is_none());
    assert!(dedupe.expire(u64::MAX).is_none());
    assert_eq!(dedupe.figures(), Figures::default());
    assert!(run_names(&disk).is_empty());
}

#[test]
fn one_key_is_a_run() {
    let (disk, mut dedupe) = new();
    insert(&mut dedupe, 1, 0, 0);
    freeze(&mut dedupe, 0);
    let dedupe = open(&disk).dedupe;
    assert_eq!(found(&dedupe, 1), Some(1));
    assert_eq!(found(&dedupe, 2), None);
}

#[test]
fn of_equal_keys_the_first_counts_wherever_they_are() {
    let (disk, mut dedupe) = new();
    for segment in 0..4 {
        for position in 0..100 {
            dedupe.insert(key(1), place(segment * 100 + position), 5, segment);
        }
        assert_eq!(found(&dedupe, 1), Some(0));
        freeze(&mut dedupe, segment);
        assert_eq!(found(&dedupe, 1), Some(0));
    }
    merge_all(&mut dedupe, 5);
    assert_eq!(dedupe.figures().keys_in_runs, 1);
    assert_eq!(found(&open(&disk).dedupe, 1), Some(0));
}

#[test]
fn a_key_that_came_again_behind_its_window_is_the_later_one() {
    for order in [[0, 1], [1, 0]] {
        let (disk, mut dedupe) = new();
        let times = [10, 10 + WINDOW + 1];
        for (segment, nth) in order.into_iter().enumerate() {
            dedupe.insert(
                key(1),
                place(nth),
                times[usize::try_from(nth).unwrap()],
                segment as u64,
            );
            for other in 0..3 {
                insert(&mut dedupe, 100 + other, 10, segment as u64);
            }
            freeze(&mut dedupe, segment as u64);
        }
        for segment in 2..4 {
            insert(&mut dedupe, 200 + segment, 10, segment);
            freeze(&mut dedupe, segment);
        }
        assert_eq!(found(&dedupe, 1), Some(1));
        let all = dedupe.runs.clone();
        let merge = Merge {
            disk: Arc::new(disk.clone()),
            runs: all,
            oldest_kept: 0,
            window_milliseconds: WINDOW,
        };
        let removal = dedupe.merged(merge.run().unwrap());
        removal.run().unwrap();
        assert_eq!(found(&dedupe, 1), Some(1));
        assert_eq!(found(&open(&disk).dedupe, 1), Some(1));
    }
}

#[test]
fn keys_that_differ_in_their_last_bit_only_are_two() {
    let (disk, mut dedupe) = new();
    let twins = |number: u8| {
        let mut bytes = [9; 16];
        bytes[14] = number;
        bytes[15] = 0xfe;
        let one = Key::from_bytes(bytes);
        bytes[15] = 0xff;
        (one, Key::from_bytes(bytes))
    };
    for number in 0..255 {
        dedupe.insert(twins(number).0, place(u64::from(number)), 0, 0);
    }
    freeze(&mut dedupe, 0);
    for dedupe in [dedupe, open(&disk).dedupe] {
        for number in 0..255 {
            let (there, absent) = twins(number);
            assert_eq!(dedupe.find(&there).unwrap(), Some(place(u64::from(number))));
            assert_eq!(dedupe.find(&absent).unwrap(), None);
        }
    }
}

#[test]
fn a_merge_leaves_out_what_is_older_than_the_window_and_nothing_younger() {
    let (_, mut dedupe) = new();
    let times = [0, 99, 100, 101, u64::MAX];
    for segment in 0..4 {
        for (nth, time) in times.into_iter().enumerate() {
            insert(&mut dedupe, segment * 10 + nth as u64, time, segment);
        }
        freeze(&mut dedupe, segment);
    }
    let runs = dedupe.runs.clone();
    let merge = Merge {
        disk: Arc::clone(&dedupe.disk),
        runs,
        oldest_kept: 100,
        window_milliseconds: WINDOW,
    };
    dedupe.merged(merge.run().unwrap()).run().unwrap();
    for segment in 0..4 {
        let there: Vec<bool> = (0..5)
            .map(|nth| found(&dedupe, segment * 10 + nth).is_some())
            .collect();
        assert_eq!(there, [false, false, true, true, true]);
    }
}

#[test]
fn runs_expire_when_their_newest_key_does() {
    let (disk, mut dedupe) = new();
    for (segment, time) in [(0, 10), (1, 20), (2, u64::MAX)] {
        insert(&mut dedupe, segment, time, segment);
        freeze(&mut dedupe, segment);
    }
    assert!(dedupe.expire(10 + WINDOW).is_none());
    let removal = dedupe.expire(11 + WINDOW).unwrap();
    assert_eq!(found(&dedupe, 0), None);
    assert_eq!(run_names(&disk).len(), 3);
    removal.run().unwrap();
    assert_eq!(run_names(&disk).len(), 2);
    dedupe.expire(u64::MAX).unwrap().run().unwrap();
    assert_eq!(found(&dedupe, 2), Some(2), "its time is not over");
    let opened = open(&disk);
    let sealed: Vec<bool> = (0..4)
        .map(|segment| opened.sealed.contains(segment))
        .collect();
    assert_eq!(sealed, [false, false, true, false]);
}

#[test]
fn a_merge_of_what_is_all_too_old_leaves_a_run_without_keys() {
    let (disk, mut dedupe) = new();
    for segment in 0..4 {
        insert(&mut dedupe, segment, 0, segment);
        freeze(&mut dedupe, segment);
    }
    merge_all(&mut dedupe, 1 + WINDOW);
    let mut opened = open(&disk);
    assert_eq!(opened.dedupe.figures().keys_in_runs, 0);
    assert!((0..4).all(|segment| opened.sealed.contains(segment)));
    assert_eq!(found(&opened.dedupe, 0), None);
    opened.dedupe.expire(1 + WINDOW).unwrap().run().unwrap();
    assert!(run_names(&disk).is_empty());
}

#[test]
fn a_full_batch_is_closed_early_and_its_segment_is_sealed_with_the_last_part() {
    let (disk, mut dedupe) = new();
    let many = BATCH_KEY_LIMIT as u64 + 10;
    for number in 0..many {
        insert(&mut dedupe, number, 0, 0);
    }
    assert_eq!(dedupe.figures().keys_in_memory, many);
    let sealed = dedupe.seal().unwrap().run().unwrap();
    dedupe.sealed(sealed);
    assert_eq!(dedupe.figures().keys_in_memory, 10);
    assert!(
        !open(&disk).sealed.contains(0),
        "a part of it is in memory only"
    );
    freeze(&mut dedupe, 0);
    let opened = open(&disk);
    assert!(opened.sealed.contains(0));
    for number in (0..many).step_by(997) {
        assert_eq!(found(&opened.dedupe, number), Some(number));
    }
    let first = &run_names(&disk)[0];
    disk.cut(&format!("{FOLDER}/{first}"), 100);
    let opened = open(&disk);
    assert_eq!(opened.damaged.len(), 1);
    assert!(!opened.sealed.contains(0), "a part of it is lost");
}

#[test]
fn without_seals_there_is_no_room_at_the_bound() {
    let (_, mut dedupe) = new();
    let mut number = 0;
    while dedupe.has_room() {
        dedupe.insert(
            Key::from_bytes(u128::from(number).to_le_bytes()),
            place(0),
            0,
            0,
        );
        number += 1;
    }
    assert_eq!(number, MEMORY_KEY_LIMIT as u64);
    assert_eq!(dedupe.figures().keys_in_memory, number);
    let sealed = dedupe.seal().unwrap().run().unwrap();
    dedupe.sealed(sealed);
    assert!(dedupe.has_room());
}

#[test]
fn claims_hold_while_all_their_batches_are_there() {
    let claim = |numbers| Claim::from_numbers(numbers);
    let joined = join(
        vec![
            claim([5, 5, 3, 4]),
            claim([3, 3, 3, 3]),
            claim([4, 4, 2, 3]),
            claim([9, 9, 4, 4]),
        ],
        3,
        4,
    );
    let numbers: Vec<_> = joined.iter().map(Claim::numbers).collect();
    assert_eq!(
        numbers,
        [[3, 3, 3, 3], [4, 4, 2, 3], [5, 5, 3, 4], [9, 9, 4, 4]]
    );
    let joined = join(numbers.into_iter().map(claim).collect(), 2, 4);
    let numbers: Vec<_> = joined.iter().map(Claim::numbers).collect();
    assert_eq!(numbers, [[3, 5, 2, 4], [9, 9, 4, 4]]);
    let segments = Segments::of(vec![(7, 9), (1, 3), (4, 4), (8, 20)]);
    assert!(segments.contains_all(1, 4) && segments.contains_all(7, 20));
    assert!(!segments.contains(0) && !segments.contains(5) && !segments.contains_all(4, 7));
}

#[test]
fn of_two_entries_the_later_counts_behind_the_window_only() {
    let entry = |position, time| Entry {
        key: key(1),
        place: place(position),
        time,
    };
    let of = |one, two| {
        let entry: Entry = entry(1, one).or_later(entry(2, two), WINDOW);
        (entry.place.position, entry.time)
    };
    assert_eq!(of(0, WINDOW), (1, WINDOW));
    assert_eq!(of(0, WINDOW + 1), (2, WINDOW + 1));
    assert_eq!(of(WINDOW + 1, 0), (1, WINDOW + 1));
    assert_eq!(of(u64::MAX, u64::MAX), (1, u64::MAX));
    assert_eq!(of(0, u64::MAX), (2, u64::MAX));
}

#[test]
fn batches_that_nobody_puts_by_take_no_more_room_than_full_ones() {
    let (_disk, mut dedupe) = new();
    let mut seals = Vec::new();
    for segment in 0..4 {
        assert!(dedupe.has_room(), "{segment}");
        insert(&mut dedupe, segment, 0, segment);
        seals.extend(dedupe.freeze(segment));
    }
    // Each has one key, and none has become a file.
    assert!(!dedupe.has_room());
    let sealed = dedupe.seal().unwrap().run().unwrap();
    dedupe.sealed(sealed);
    assert!(dedupe.has_room());
    assert_eq!(found(&dedupe, 3), Some(3));
}
