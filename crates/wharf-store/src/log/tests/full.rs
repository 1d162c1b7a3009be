//! A disk that is full after each byte: what was acknowledged is there, what was refused is not, and
//! with room again all goes on.

use tokio::sync::oneshot;

use super::hand::{Hand, append, event, keyed, lane, name};
use super::{exception, step_with};
use crate::disk::simulated::SimulatedDisk;
use crate::events::{AppendError, Event, OwnedLane, Step};
use crate::log::group::Change;
use crate::log::state::State;
use crate::names::{Epoch, LaneId, Position};
use crate::sampled;

const SEGMENT_BYTES: u64 = 16 * 1024;
const BLOCK_BYTES: u64 = 512;

/// One in so many bytes is the last that there is room for, where not all are.
const DISTANCE: usize = 97;

/// What was told.
#[derive(Default)]
struct Told {
    /// Lane, position and body of each event that was acknowledged.
    acknowledged: Vec<(LaneId, u64, Vec<u8>)>,
    refusals: usize,
    /// Whether segments were taken away.
    is_retained: bool,
}

impl Told {
    fn appended(&mut self, answer: Answer<Vec<crate::Appended>, AppendError>, bodies: &[Vec<u8>]) {
        match answer.blocking_recv().unwrap() {
            Ok(places) => {
                for (appended, body) in places.iter().zip(bodies) {
                    let place = appended.place;
                    let position = place.position.number();
                    let one = (place.lane, position, body.clone());
                    self.acknowledged.push(one);
                }
            }
            Err(AppendError::Full { .. }) => self.refusals += 1,
            Err(error) => panic!("{error}"),
        }
    }

    fn answered<T, E: std::fmt::Display>(&mut self, answer: Result<T, E>) -> Option<T> {
        // What it says is of no account; that it is a full disk is.
        let answer = answer.map_err(|error| error.to_string());
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                assert!(error.starts_with("no room left"), "{error}");
                self.refusals += 1;
                None
            }
        }
    }
}

type Answer<T, E> = oneshot::Receiver<Result<T, E>>;

fn bodies(what: &str) -> Vec<Vec<u8>> {
    (0..2).map(|of| format!("{what}-{of}").into()).collect()
}

fn put(hand: &mut Hand, mine: &OwnedLane, what: &str, told: &mut Told) {
    let bodies = bodies(what);
    let events = bodies
        .iter()
        .map(|body| keyed(std::str::from_utf8(body).unwrap()))
        .collect();
    let (change, answer) = append(mine.id, Some(mine.epoch), events);
    hand.commit(vec![change]);
    told.appended(answer, &bodies);
}

/// Two batches and a step in one group.
fn put_together(hand: &mut Hand, mine: &OwnedLane, told: &mut Told) {
    let head = hand.state().head(mine.id.number());
    let (first, second) = (bodies("together"), bodies("beside"));
    let events = |bodies: &[Vec<u8>]| bodies.iter().map(|body| event(body)).collect();
    let (change, appended) = append(mine.id, Some(mine.epoch), events(&first));
    let (other, beside) = append(LaneId::shared(3), None, events(&second));
    let (answer, advanced) = oneshot::channel();
    let step = Change::Advance {
        lane: mine.clone(),
        handler: name("h"),
        step: step_with(
            Some(head),
            head.checked_sub(1).map(exception).into_iter().collect(),
        ),
        answer,
    };
    hand.commit(vec![change, step, other]);
    told.appended(appended, &first);
    told.answered(advanced.blocking_recv().unwrap());
    told.appended(beside, &second);
}

/// A life with everything in it; what is refused is not asked for again.
fn work(hand: &mut Hand, told: &mut Told) {
    let owned = hand.own(lane());
    // The epoch that it would have is one that nobody has.
    let epoch = told
        .answered(owned)
        .map_or(Epoch::new(1), |mine| mine.epoch);
    let mut mine = OwnedLane { id: lane(), epoch };
    if hand.state().epoch(lane().number()) != mine.epoch {
        return;
    }
    put(hand, &mine, "first", told);
    let head = |hand: &Hand| hand.state().head(lane().number());
    let at = head(hand);
    if at > 0 {
        let step = step_with(Some(at), vec![exception(at - 1)]);
        told.answered(hand.advance(&mine, &name("h"), step));
    }
    told.answered(hand.advance(&mine, &name("gone"), Step::default()));
    put_together(hand, &mine, told);
    // Without room the next change begins a segment.
    let _ = hand.roll();
    put(hand, &mine, "second", told);
    told.answered(hand.forget(&mine, &name("gone")));
    if let Some(again) = told.answered(hand.own(lane())) {
        mine = again;
    }
    put_together(hand, &mine, told);
    let _ = hand.roll();
    put(hand, &mine, "third", told);
    let retained = told.answered(hand.retain_least());
    told.is_retained |= retained.is_some_and(|count| count > 0);
    put(hand, &mine, "fourth", told);
    put_together(hand, &mine, told);
}

/// Each event that is there was acknowledged, and of what was acknowledged at most the oldest are
/// gone that were taken away.
fn verify_events(events: &[Event], told: &Told, context: &str) {
    for id in [lane(), LaneId::shared(3)] {
        let expected = told.acknowledged.iter().filter(|(of, ..)| *of == id);
        let expected: Vec<_> = expected
            .map(|(_, position, body)| (*position, &body[..]))
            .collect();
        let found: Vec<_> = events
            .iter()
            .filter(|event| event.place.lane == id)
            .map(|event| (event.place.position.number(), &event.body[..]))
            .collect();
        assert!(
            expected.ends_with(&found),
            "{context}: {found:?} of {expected:?}"
        );
        assert!(
            told.is_retained || found.len() == expected.len(),
            "{context}: {found:?} of {expected:?}"
        );
    }
}

/// The next process finds what the last one knew, twice.
fn verify(disk: &SimulatedDisk, state: &State, told: &Told, context: &str) {
    for look in 0..2 {
        let hand = Hand::with_segments_of(disk, SEGMENT_BYTES).unwrap();
        let context = format!("{context}, look {look}");
        assert!(hand.is_whole(), "{context}");
        assert_eq!(hand.state(), state, "{context}");
        verify_events(&hand.all_events(), told, &context);
    }
}

/// A life on a disk that gets full, what the next process finds, and the same life with room again.
fn fill(disk: &SimulatedDisk, give_room: impl Fn(&SimulatedDisk), context: &str) -> usize {
    let mut told = Told::default();
    let mut hand = Hand::with_segments_of(disk, SEGMENT_BYTES).unwrap();
    work(&mut hand, &mut told);
    let refusals = told.refusals;
    verify_events(&hand.all_events(), &told, context);
    for (after, how) in [
        (disk.after_kill(), "killed"),
        (disk.after_power_loss(|_| 0), "power, the least"),
        (disk.after_power_loss(|ways| ways - 1), "power, the most"),
    ] {
        give_room(&after);
        verify(&after, hand.state(), &told, &format!("{context}, {how}"));
    }
    give_room(disk);
    hand.look_for_room();
    let mine = hand.own(lane()).unwrap();
    let before = told.acknowledged.len();
    put(&mut hand, &mine, "again", &mut told);
    assert_eq!(told.acknowledged.len(), before + 2, "{context}");
    let step = step_with(Some(hand.state().head(lane().number())), Vec::new());
    hand.advance(&mine, &name("h"), step).unwrap();
    verify(
        &disk.after_kill(),
        hand.state(),
        &told,
        &format!("{context}, with room"),
    );
    let handler = hand.state().handler(lane(), &name("h")).unwrap();
    assert_eq!(
        handler.cursor,
        Position::new(hand.state().head(lane().number()))
    );
    refusals
}

#[test]
fn a_disk_that_is_full_after_any_byte_loses_nothing_and_keeps_nothing_that_was_refused() {
    let whole = SimulatedDisk::with_blocks_of(BLOCK_BYTES);
    let give_room = |disk: &SimulatedDisk| disk.set_room(None);
    assert_eq!(fill(&whole, give_room, "room for all"), 0);
    let rooms = sampled::sample(0..whole.written_bytes(), DISTANCE);
    sampled::each("bytes with which a disk is full", &rooms, |&room| {
        let disk = SimulatedDisk::with_blocks_of(BLOCK_BYTES);
        disk.set_room(Some(room));
        fill(&disk, give_room, &format!("room for {room} bytes"));
    });
}

#[test]
fn a_disk_that_promises_room_and_is_full_with_any_block_loses_nothing() {
    let give_room = |disk: &SimulatedDisk| disk.set_capacity(None);
    // More than all of it takes.
    let blocks = sampled::sample(0..8 * SEGMENT_BYTES / BLOCK_BYTES, 3);
    sampled::each("blocks with which a disk is full", &blocks, |&count| {
        let disk = SimulatedDisk::with_blocks_of(BLOCK_BYTES);
        disk.set_capacity(Some(count * BLOCK_BYTES));
        let refusals = fill(&disk, give_room, &format!("room for {count} blocks"));
        assert!(refusals > 0 || count * BLOCK_BYTES > 2 * SEGMENT_BYTES);
    });
}
