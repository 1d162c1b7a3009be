//! What it costs: memory for each key, keys that the filter lets pass, runs that a lookup asks.

use super::super::filter::{BITS_PER_KEY, Filter};
use super::super::format::PAGE_KEYS;
use super::super::recent::Batch;
use super::*;

#[test]
fn the_filter_lets_few_pass_that_are_not_there() {
    let mut filter = Filter::for_keys(20_000);
    (0..20_000).for_each(|number| filter.add(&key(number)));
    assert!((0..20_000).all(|number| filter.may_have(&key(number))));
    let passed = (20_000..220_000)
        .filter(|number| filter.may_have(&key(*number)))
        .count();
    // (1 − e^(−8/12))^8 is 0.314 %, with a deviation of 25 among so many.
    assert!((500..760).contains(&passed), "{passed} of 200,000");
}

#[test]
fn a_lookup_of_a_new_key_seldom_reads() {
    let (disk, mut dedupe) = new();
    for segment in 0..3 {
        let keys = segment * 5000..(segment + 1) * 5000;
        keys.for_each(|number| insert(&mut dedupe, number, 0, segment));
        freeze(&mut dedupe, segment);
    }
    let before = disk.call_count();
    for number in 100_000..110_000 {
        assert_eq!(found(&dedupe, number), None);
    }
    let reads = disk.call_count() - before;
    assert!(
        (40..160).contains(&reads),
        "{reads} reads for 10,000 keys in 3 runs"
    );
    let before = disk.call_count();
    assert_eq!(found(&dedupe, 1), Some(1));
    assert!(disk.call_count() - before <= 3);
}

#[test]
fn four_million_keys_take_a_sixth_of_forty_mebibytes() {
    let (_, mut dedupe) = new();
    let count = 64 * PAGE_KEYS as u64;
    (0..count).for_each(|number| insert(&mut dedupe, number, 0, 0));
    let in_memory = dedupe.figures().memory_bytes;
    freeze(&mut dedupe, 0);
    let empty = Batch::new(0, usize::try_from(count).unwrap()).memory_bytes();
    let in_run = dedupe.figures().memory_bytes - empty;
    assert_eq!(
        in_run,
        count * BITS_PER_KEY / 8 + count / PAGE_KEYS as u64 * 16
    );
    assert!(
        in_memory >= 47 * count - count / 8 && in_memory <= 94 * count,
        "{in_memory}"
    );
    let four_million = 4_000_000 * in_run / count;
    assert!(four_million < 40 * 1024 * 1024 / 6, "{four_million}");
}

#[test]
fn a_batch_never_takes_more_than_its_table() {
    let mut batch = Batch::new(1, usize::MAX);
    let table = batch.memory_bytes();
    assert_eq!(table, (1 << 18) * 41);
    for number in 0..BATCH_KEY_LIMIT as u64 {
        let entry = Entry {
            key: Key::from_bytes(u128::from(number).to_le_bytes()),
            place: place(0),
            time: 0,
        };
        batch.insert(entry, WINDOW);
    }
    assert!(batch.is_full());
    assert_eq!(batch.memory_bytes(), table, "it did not grow");
}

#[test]
fn upkeep_keeps_runs_few_and_writes_each_key_few_times() {
    let (_, mut dedupe) = new();
    let mut written = 0;
    // A segment lasts a hundredth of the window, and keys come for six windows.
    for segment in 0..600_u64 {
        let now = segment * (WINDOW / 100);
        for nth in 0..(1 + segment % 7) * 5 {
            insert(&mut dedupe, segment * 100 + nth, now, segment);
            written += 1;
        }
        freeze(&mut dedupe, segment);
        let mut rounds = 0;
        while let Some(merge) = dedupe.merge(now) {
            let merged = merge.run().unwrap();
            written += merged.run.head.count;
            dedupe.merged(merged).run().unwrap();
            rounds += 1;
            assert!(rounds < 10, "merging comes to an end");
        }
        if let Some(removal) = dedupe.expire(now) {
            removal.run().unwrap();
        }
        assert!(dedupe.figures().run_count <= RUN_COUNT_LIMIT as u64);
        let oldest = now.saturating_sub(WINDOW) / (WINDOW / 100);
        assert_eq!(found(&dedupe, oldest * 100), Some(oldest * 100));
    }
    let inserted: u64 = (0..600).map(|segment| (1 + segment % 7) * 5).sum();
    assert!(written <= 6 * inserted, "{written} for {inserted}");
    let kept = dedupe.figures().keys_in_runs;
    assert!(
        kept <= inserted / 3,
        "{kept} of {inserted} are kept for a window of six"
    );
}
