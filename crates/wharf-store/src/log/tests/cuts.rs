//! A long last segment that ends at each of its bytes.

use std::collections::BTreeSet;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::damage::look_twice;
use super::hand::{Hand, append, event, keyed, lane, name};
use super::{exception, step_with};
use crate::disk::simulated::SimulatedDisk;
use crate::events::{Event, NewEvent, OwnedLane, Step};
use crate::log::frame::Kind;
use crate::log::group::Change;
use crate::log::segment::{self, DATA_START, Found, Scan};
use crate::log::state::State;
use crate::names::{Epoch, LaneId, Position};
use crate::sampled;

/// How much of the end is cut, in bytes.
const CUT_BYTES: u64 = 64 * 1024;

/// Room for more than is cut.
const SEGMENT_BYTES: u64 = 256 * 1024;

/// Changes before the last segment.
const CHANGES_BEFORE: usize = 40;

/// One in so many cuts is made where not all are.
const DISTANCE: usize = 499;

/// Changes of every kind, each of which becomes one change of the log.
#[derive(Default)]
struct Changes {
    made: usize,
    epoch: u64,
    /// Positions of the lane with an owner that were given.
    head: u64,
}

impl Changes {
    /// The next one, and how it is asserted that it was made.
    fn next(&mut self) -> (Change, Box<dyn FnOnce()>) {
        let number = self.made;
        self.made += 1;
        if number == 0 || number % 20 == 18 {
            return self.own();
        }
        let handler = name(&format!("h{}", number / 10 % 6));
        match number % 10 {
            3 => {
                let events = vec![NewEvent {
                    order: Some(number as u64),
                    meta: Bytes::new(),
                    ..event(&vec![b's'; number % 300])
                }];
                appended(LaneId::shared(7), None, events)
            }
            4 => {
                let step = Step {
                    cursor: Some(Position::new(self.head)),
                    exceptions: vec![exception(self.head - 1), exception(self.head - 2)],
                    ..Step::default()
                };
                self.advance(&handler, step)
            }
            6 => {
                let step = Step {
                    settled: vec![Position::new(self.head - 1)],
                    ..step_with(None, Vec::new())
                };
                self.advance(&handler, step)
            }
            9 if (number / 10).is_multiple_of(3) => self.forget(&handler),
            _ => {
                let count = number % 3 + 1;
                let event = |of: usize| NewEvent {
                    body: vec![b'b'; (number * 37 + of * 301) % 900].into(),
                    ..keyed(&format!("{number}-{of}"))
                };
                self.head += count as u64;
                let events = (0..count).map(event).collect();
                appended(lane(), Some(Epoch::new(self.epoch)), events)
            }
        }
    }

    fn owned(&self) -> OwnedLane {
        OwnedLane {
            id: lane(),
            epoch: Epoch::new(self.epoch),
        }
    }

    fn own(&mut self) -> (Change, Box<dyn FnOnce()>) {
        self.epoch += 1;
        let epoch = Epoch::new(self.epoch);
        let (answer, owned) = oneshot::channel();
        let lane = lane();
        let change = Change::Own { lane, answer };
        let made = move || assert_eq!(owned.blocking_recv().unwrap().unwrap(), epoch);
        (change, Box::new(made))
    }

    fn advance(&self, handler: &crate::Name, step: Step) -> (Change, Box<dyn FnOnce()>) {
        let (answer, advanced) = oneshot::channel();
        let change = Change::Advance {
            lane: self.owned(),
            handler: handler.clone(),
            step,
            answer,
        };
        let made = || advanced.blocking_recv().unwrap().unwrap();
        (change, Box::new(made))
    }

    fn forget(&self, handler: &crate::Name) -> (Change, Box<dyn FnOnce()>) {
        let (answer, forgotten) = oneshot::channel();
        let change = Change::Forget {
            lane: self.owned(),
            handler: handler.clone(),
            answer,
        };
        let made = || assert!(forgotten.blocking_recv().unwrap().unwrap());
        (change, Box::new(made))
    }
}

fn appended(
    lane: LaneId,
    epoch: Option<Epoch>,
    events: Vec<NewEvent>,
) -> (Change, Box<dyn FnOnce()>) {
    let (change, appended) = append(lane, epoch, events);
    let made = || {
        let all = appended.blocking_recv().unwrap().unwrap();
        assert!(all.iter().all(|one| !one.is_duplicate));
    };
    (change, Box::new(made))
}

struct Life {
    disk: SimulatedDisk,
    /// Of all lanes.
    events: Vec<Event>,
    /// What there was after so many changes.
    states: Vec<State>,
    name: String,
    /// Where what was when the last segment began ends.
    start: u64,
    /// Where each change of the last segment ends.
    ends: Vec<u64>,
}

fn live() -> Life {
    let disk = SimulatedDisk::with_blocks_of(4096);
    let mut hand = Hand::with_segments_of(&disk, SEGMENT_BYTES).unwrap();
    let mut changes = Changes::default();
    let mut commit = |hand: &mut Hand, count: usize| {
        let (changes, made): (Vec<_>, Vec<_>) = (0..count).map(|_| changes.next()).unzip();
        hand.commit(changes);
        for made in made {
            made();
        }
    };
    let mut count = 0;
    while count < CHANGES_BEFORE {
        commit(&mut hand, 1);
        count += 1;
    }
    hand.roll().unwrap();
    // Some are written together.
    while hand.segment_ends()[1].1 < DATA_START + CUT_BYTES + 4096 {
        let group = count % 4 + 1;
        commit(&mut hand, group);
        count += group;
    }
    let (number, end) = hand.segment_ends()[1];
    let (start, ends, kinds) = changes_of(&hand, number);
    assert_eq!((hand.segment_ends().len(), ends.last()), (2, Some(&end)));
    assert_eq!(
        kinds,
        [
            "Begun",
            "Event",
            "Forgotten",
            "Handler",
            "Lanes",
            "Own",
            "Step"
        ]
        .into()
    );
    let states = states(count);
    assert_eq!(hand.state(), &states[count]);
    assert_eq!(ends.len(), count - CHANGES_BEFORE);
    Life {
        events: hand.all_events(),
        states,
        name: segment::name(number),
        start,
        ends,
        disk: disk.after_kill(),
    }
}

/// Where what was when a segment began ends, where its changes end, and the kinds of its frames.
fn changes_of(hand: &Hand, number: u64) -> (u64, Vec<u64>, BTreeSet<&'static str>) {
    let segment = hand.segment(number);
    let salt = segment.header.salt;
    let mut scan = Scan::new(&*segment.file, salt, DATA_START, segment.end(), 4096);
    let (mut start, mut ends, mut kinds) = (0, Vec::new(), BTreeSet::new());
    while let Some(Found::Frame(seen)) = scan.next().unwrap() {
        kinds.insert(match seen.head.kind {
            Kind::Begun => "Begun",
            Kind::Event => "Event",
            Kind::Forgotten => "Forgotten",
            Kind::Handler => "Handler",
            Kind::Lanes => "Lanes",
            Kind::Own => "Own",
            Kind::Step => "Step",
            Kind::Index | Kind::Call => unreachable!(),
        });
        if seen.head.kind == Kind::Begun {
            start = scan.offset();
        } else if !seen.head.has_more {
            ends.push(scan.offset());
        }
    }
    (start, ends, kinds)
}

/// What there is after each change where each has a group of its own, told by what was never written
/// and read again.
fn states(count: usize) -> Vec<State> {
    let mut hand = Hand::with_segments_of(&SimulatedDisk::default(), SEGMENT_BYTES).unwrap();
    let mut changes = Changes::default();
    let mut states = vec![hand.state().clone()];
    for _ in 0..count {
        let (change, made) = changes.next();
        hand.commit(vec![change]);
        made();
        states.push(hand.state().clone());
    }
    states
}

impl Life {
    /// All changes that are whole before the cut are there, and nothing else is.
    fn cut_at(&self, end: u64) {
        let disk = self.disk.after_kill();
        disk.cut(&self.name, end);
        let context = format!("{} cut at {end}", self.name);
        let found = look_twice(&disk, &context);
        let count = CHANGES_BEFORE + self.ends.partition_point(|&of| of <= end);
        let state = &self.states[count];
        assert_eq!(&found.state, state, "{context}");
        let is_there =
            |event: &&Event| event.place.position.number() < state.head(event.place.lane.number());
        let events: Vec<_> = self.events.iter().filter(is_there).collect();
        assert!(events.iter().copied().eq(&found.events), "{context}");
        assert_eq!(found.missing, [], "{context}");
        // What a crash leaves is no damage; what had a name was whole once up to its own changes.
        let is_damaged = usize::from(end < self.start);
        assert_eq!(found.damages.len(), is_damaged, "{context}");
    }
}

#[test]
fn a_last_segment_that_ends_at_any_of_its_bytes_holds_what_is_whole() {
    let life = live();
    let end = *life.ends.last().unwrap();
    let mut cuts = sampled::sample(end - CUT_BYTES..=end, DISTANCE);
    cuts.extend(sampled::sample(0..=life.start, DISTANCE));
    // Around where a change ends, and what was when the segment began.
    let around = |of: u64| [of - 1, of, of + 1];
    let ends = life.ends.iter().rev().skip(1).step_by(7);
    cuts.extend(ends.copied().flat_map(around));
    cuts.extend(around(life.start));
    sampled::each("cuts", &cuts, |&end| life.cut_at(end));
}
