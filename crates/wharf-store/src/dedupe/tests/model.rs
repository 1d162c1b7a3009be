//! Random sequences against what the log has.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// A key comes after so many milliseconds, at a time that its sender's clock shows.
    Come(u64, u64, Clock),
    Roll,
    CloseBatch,
    Seal,
    HandOverSeal,
    Merge,
    HandOverMerge,
    Remove,
    Expire,
    Kill,
    PowerLoss(u64),
}

#[derive(Clone, Copy, Debug)]
enum Clock {
    Right,
    Behind(u64),
    Zero,
    Last,
}

/// What the log has: never lost here.
#[derive(Clone, Copy, Debug)]
struct Event {
    number: u64,
    position: u64,
    time: u64,
    segment: u64,
}

struct World {
    disk: SimulatedDisk,
    dedupe: Dedupe,
    log: Vec<Event>,
    segment: u64,
    now: u64,
    sealed: Option<Sealed>,
    merged: Option<Merged>,
    removals: Vec<Removal>,
}

impl World {
    fn new() -> Self {
        let (disk, dedupe) = new();
        Self {
            disk,
            dedupe,
            log: Vec::new(),
            segment: 0,
            now: 10 * WINDOW,
            sealed: None,
            merged: None,
            removals: Vec::new(),
        }
    }

    /// Looks a key up, and compares what is found with what the log has.
    fn find(&self, number: u64) -> Option<u64> {
        let found = found(&self.dedupe, number);
        let events = || self.log.iter().filter(|event| event.number == number);
        if let Some(position) = found {
            assert!(events().any(|event| event.position == position), "invented");
        }
        let last = events().next_back();
        if let Some(last) = last.filter(|event| event.time.saturating_add(WINDOW) >= self.now) {
            assert!(found.is_some(), "key {number} was forgotten in its window");
            // With clocks that are right, there is one answer.
            let times: Vec<u64> = events().map(|event| event.time).collect();
            if times
                .windows(2)
                .all(|pair| pair[0].saturating_add(WINDOW) < pair[1])
            {
                assert_eq!(found, Some(last.position));
            }
        }
        found
    }

    fn come(&mut self, number: u64, clock: Clock) {
        if self.find(number).is_some() {
            return;
        }
        let event = Event {
            number,
            position: self.log.len() as u64,
            time: match clock {
                Clock::Right => self.now,
                Clock::Behind(by) => self.now - by,
                Clock::Zero => 0,
                Clock::Last => u64::MAX,
            },
            segment: self.segment,
        };
        self.log.push(event);
        self.read(event);
    }

    fn read(&mut self, event: Event) {
        let place = place(event.position);
        self.dedupe
            .insert(key(event.number), place, event.time, event.segment);
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Come(number, after, clock) => {
                self.now += after;
                self.come(number, clock);
            }
            Step::Roll => {
                self.dedupe.end_segment(self.segment);
                self.segment += 1;
            }
            Step::CloseBatch => self.dedupe.close_batch(),
            Step::Seal => self.sealed = self.dedupe.seal().map(|seal| seal.run().unwrap()),
            Step::HandOverSeal => {
                if let Some(sealed) = self.sealed.take() {
                    self.dedupe.sealed(sealed);
                }
            }
            Step::Merge => self.merge(),
            Step::HandOverMerge => {
                if let Some(merged) = self.merged.take() {
                    self.removals.push(self.dedupe.merged(merged));
                }
            }
            Step::Remove => {
                for removal in self.removals.drain(..) {
                    removal.run().unwrap();
                }
            }
            Step::Expire => self.removals.extend(self.dedupe.expire(self.now)),
            Step::Kill => self.open(self.disk.after_kill()),
            Step::PowerLoss(seed) => {
                let mut random = fastrand::Rng::with_seed(seed);
                self.open(self.disk.after_power_loss(|ways| random.usize(..ways)));
            }
        }
    }

    /// Merges what is there, though it may not be worth it yet.
    fn merge(&mut self) {
        let runs: Vec<_> = self.dedupe.runs.iter().take(3).cloned().collect();
        let heads = || runs.iter().map(|run| &run.head);
        let is_unbroken = heads()
            .zip(heads().skip(1))
            .all(|(one, next)| one.last_batch + 1 == next.first_batch);
        if runs.len() < 2 || !is_unbroken || self.merged.is_some() {
            return;
        }
        let merge = Merge {
            disk: Arc::new(self.disk.clone()),
            runs,
            oldest_kept: self.now - WINDOW,
            window_milliseconds: WINDOW,
        };
        self.merged = Some(merge.run().unwrap());
    }

    fn open(&mut self, disk: SimulatedDisk) {
        let opened = open(&disk);
        assert!(opened.damaged.is_empty());
        (self.sealed, self.merged) = (None, None);
        self.removals.clear();
        (self.disk, self.dedupe) = (disk, opened.dedupe);
        for segment in (0..=self.segment).filter(|segment| !opened.sealed.contains(*segment)) {
            let events: Vec<Event> = self
                .log
                .iter()
                .filter(|event| event.segment == segment)
                .copied()
                .collect();
            for event in events {
                self.read(event);
            }
            if segment < self.segment {
                self.dedupe.end_segment(segment);
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let clock = prop_oneof![
        20 => Just(Clock::Right),
        2 => (0..3 * WINDOW).prop_map(Clock::Behind),
        1 => Just(Clock::Zero),
        1 => Just(Clock::Last),
    ];
    let after = prop_oneof![20 => Just(0_u64), 10 => 0..WINDOW / 5, 1 => 0..2 * WINDOW];
    let step = prop_oneof![
        30 => (0_u64..12, after, clock).prop_map(|(number, after, clock)| Step::Come(number, after, clock)),
        4 => Just(Step::Roll),
        4 => Just(Step::CloseBatch),
        6 => Just(Step::Seal),
        6 => Just(Step::HandOverSeal),
        4 => Just(Step::Merge),
        4 => Just(Step::HandOverMerge),
        3 => Just(Step::Remove),
        2 => Just(Step::Expire),
        1 => Just(Step::Kill),
        2 => any::<u64>().prop_map(Step::PowerLoss),
    ];
    prop::collection::vec(step, 1..150)
}

proptest! {
    #[test]
    fn what_the_log_has_in_the_window_is_found_and_nothing_else(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        let numbers: BTreeSet<u64> = world.log.iter().map(|event| event.number).collect();
        for number in numbers {
            world.find(number);
        }
        prop_assert_eq!(found(&world.dedupe, 1_000_000), None);
    }
}
