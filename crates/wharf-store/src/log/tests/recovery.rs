//! What is left after errors, losses of power, cuts and flipped bits.

use super::hand::{Hand, event, keyed, lane, name};
use crate::disk::simulated::{Fault, Kind, SimulatedDisk, Wrong};
use crate::events::{Exception, OwnedLane, Reason, State as Fate, Step};
use crate::names::Position;
use jiff::Timestamp;

/// What a run of changes was told, to be compared with what is there afterwards.
#[derive(Debug, Default)]
struct Told {
    /// Bodies of events whose append was acknowledged, by position.
    acknowledged: Vec<(u64, Vec<u8>)>,
    /// Bodies of all that were ever to be appended.
    offered: Vec<Vec<u8>>,
    cursor: u64,
    epoch: u64,
}

/// A small life of a log: events, steps, a roll, another owner. Ends at the first error of opening.
fn live(disk: &SimulatedDisk, told: &mut Told) {
    let Ok(mut hand) = Hand::open(disk) else {
        return;
    };
    let Ok(mut mine) = hand.own(lane()) else {
        return;
    };
    told.epoch = told.epoch.max(mine.epoch.number());
    for round in 0..4_u64 {
        append(&mut hand, &mine, told, round);
        let head = hand.state().head(lane().number());
        let step = Step {
            cursor: Some(Position::new(head)),
            exceptions: vec![Exception {
                position: Position::new(head.saturating_sub(1)),
                state: Fate::Due(Timestamp::from_second(1).unwrap()),
                attempts: 1,
                reason: Reason::new("later"),
            }],
            ..Step::default()
        };
        if head > 0 && hand.advance(&mine, &name("h"), step).is_ok() {
            told.cursor = told.cursor.max(head);
        }
        if round == 1 {
            // It is tried again by the next change.
            let _ = hand.roll();
        }
        if round == 2
            && let Ok(again) = hand.own(lane())
        {
            mine = again;
            told.epoch = told.epoch.max(mine.epoch.number());
        }
    }
}

fn append(hand: &mut Hand, mine: &OwnedLane, told: &mut Told, round: u64) {
    let events: Vec<_> = (0..3)
        .map(|number| keyed(&format!("{round}-{number}")))
        .collect();
    told.offered
        .extend(events.iter().map(|event| event.body.to_vec()));
    let bodies: Vec<_> = events.iter().map(|event| event.body.to_vec()).collect();
    if let Ok(appended) = hand.append(mine.id, Some(mine.epoch), events) {
        for (appended, body) in appended.iter().zip(bodies) {
            told.acknowledged
                .push((appended.place.position.number(), body));
        }
    }
}

/// What was acknowledged is there, nothing was invented, and a second look finds the same.
fn verify(disk: &SimulatedDisk, told: &Told, context: &str) {
    let hand = Hand::open(disk).unwrap_or_else(|error| panic!("{context}: {error}"));
    assert!(hand.is_whole(), "{context}: {:?}", hand.damages());
    let events = hand.events(lane());
    for (position, body) in &told.acknowledged {
        let found = events
            .iter()
            .find(|event| event.place.position.number() == *position);
        assert_eq!(
            found.map(|event| event.body.to_vec()),
            Some(body.clone()),
            "{context}: position {position}"
        );
    }
    let mut positions: Vec<_> = events
        .iter()
        .map(|event| event.place.position.number())
        .collect();
    for event in &events {
        assert!(told.offered.contains(&event.body.to_vec()), "{context}");
    }
    positions.dedup();
    assert_eq!(
        positions,
        (0..events.len() as u64).collect::<Vec<_>>(),
        "{context}"
    );
    let state = hand.state().clone();
    let handler = state.handler(lane(), &name("h"));
    let cursor = handler.map_or(0, |handler| handler.cursor.number());
    assert!(
        cursor >= told.cursor,
        "{context}: cursor {cursor} of {}",
        told.cursor
    );
    assert!(cursor <= state.head(lane().number()), "{context}");
    assert!(
        state.epoch(lane().number()).number() >= told.epoch,
        "{context}"
    );
    // The first look has begun a segment, which changes nothing.
    drop(hand);
    let again = Hand::open(disk).unwrap_or_else(|error| panic!("{context}: again: {error}"));
    assert_eq!(*again.state(), state, "{context}: again");
    assert_eq!(again.events(lane()), events, "{context}: again");
    assert!(again.is_whole(), "{context}: again");
    let (bodies, offered) = (told.acknowledged.clone(), events.len());
    let mut again = again;
    // Its keys are known.
    for (position, body) in bodies {
        let key = String::from_utf8(body).unwrap();
        let appended = again
            .append(crate::LaneId::shared(0), None, vec![keyed(&key)])
            .unwrap();
        assert!(appended[0].is_duplicate, "{context}: {key}");
        assert_eq!(appended[0].place.position.number(), position, "{context}");
    }
    assert_eq!(again.events(lane()).len(), offered, "{context}");
}

#[test]
fn an_error_at_each_call_loses_nothing_that_was_acknowledged() {
    let whole = SimulatedDisk::default();
    let mut told = Told::default();
    live(&whole, &mut told);
    assert_eq!(told.acknowledged.len(), 12);
    assert_eq!(told.cursor, 12);
    let calls = whole.call_count();
    for number in 0..calls {
        for fault in [
            Fault::Before(Wrong::Broken),
            Fault::After(Wrong::Broken),
            Fault::Before(Wrong::Full),
            Fault::After(Wrong::Full),
        ] {
            let disk = SimulatedDisk::default();
            disk.at_call(number, fault);
            let mut told = Told::default();
            live(&disk, &mut told);
            let context = format!("call {number}, {:?}, {fault:?}", disk.calls().get(number));
            verify(&disk.after_kill(), &told, &format!("{context}, killed"));
            verify(
                &disk.after_power_loss(|_| 0),
                &told,
                &format!("{context}, power"),
            );
        }
    }
}

#[test]
fn power_that_goes_at_each_call_loses_nothing_that_was_acknowledged() {
    let whole = SimulatedDisk::default();
    live(&whole, &mut Told::default());
    let mut random = fastrand::Rng::with_seed(7);
    for number in 0..whole.call_count() {
        let disk = SimulatedDisk::default();
        disk.at_call(number, Fault::PowerOff);
        let mut told = Told::default();
        live(&disk, &mut told);
        for round in 0..12 {
            let after = disk.after_power_loss(|below| match round {
                0 => 0,
                1 => below - 1,
                _ => random.usize(..below),
            });
            let call = &disk.calls()[number];
            verify(
                &after,
                &told,
                &format!("call {number}, {call:?}, round {round}"),
            );
        }
    }
}

#[test]
fn a_second_error_is_told_and_the_log_goes_on_when_the_disk_does() {
    let disk = SimulatedDisk::default();
    let mut hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    hand.append(mine.id, Some(mine.epoch), vec![event(b"first")])
        .unwrap();
    for _ in 0..2 {
        disk.at_next(Kind::Sync, Fault::Before(Wrong::Broken));
    }
    let error = hand
        .append(mine.id, Some(mine.epoch), vec![event(b"lost")])
        .unwrap_err();
    assert!(
        error.to_string().starts_with("events cannot be kept in"),
        "{error}"
    );
    let appended = hand
        .append(mine.id, Some(mine.epoch), vec![event(b"second")])
        .unwrap();
    assert_eq!(appended[0].place.position.number(), 1);
    for after in [disk.after_kill(), disk.after_power_loss(|below| below - 1)] {
        let hand = Hand::open(&after).unwrap();
        let bodies: Vec<_> = hand
            .events(lane())
            .iter()
            .map(|event| event.body.clone())
            .collect();
        assert_eq!(bodies, [&b"first"[..], b"second"]);
    }
}

/// Handlers with so many exceptions that a segment's beginning has several pieces.
fn with_exceptions(hand: &mut Hand, mine: &OwnedLane) {
    let events: Vec<_> = (0..4_096_u64).map(|_| event(b"x")).collect();
    hand.append(mine.id, Some(mine.epoch), events).unwrap();
    let exception = |position: u64| Exception {
        position: Position::new(position),
        state: Fate::Dead,
        attempts: 1,
        reason: Reason::new(&"no ".repeat(66)),
    };
    let step = Step {
        exceptions: (0..4_096).map(exception).collect(),
        ..Step::default()
    };
    for handler in 0..6 {
        hand.advance(mine, &name(&format!("h{handler}")), step.clone())
            .unwrap();
    }
}

#[test]
fn a_long_beginning_is_written_in_pieces_and_found_whole_or_not_at_all() {
    let disk = SimulatedDisk::with_blocks_of(4096);
    let mut hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    with_exceptions(&mut hand, &mine);
    hand.forget(&mine, &name("h3")).unwrap();
    let expected = hand.state().clone();
    let before = disk.calls().len();
    hand.roll().unwrap();
    let calls = &disk.calls()[before..];
    let number = *hand.segment_ends().last().unwrap();
    let written = |of: &&crate::disk::simulated::Call| of.kind == Kind::Write;
    let writes = calls.iter().filter(written).count();
    // The one before ends with a write, and the header is one.
    assert!(writes >= 2 + 4, "{writes} writes to {number:?}");
    let mut disks = vec![disk.after_kill()];
    for call in before..disk.calls().len() {
        let other = SimulatedDisk::with_blocks_of(4096);
        let mut hand = Hand::open(&other).unwrap();
        let mine = hand.own(lane()).unwrap();
        with_exceptions(&mut hand, &mine);
        hand.forget(&mine, &name("h3")).unwrap();
        other.at_call(call, Fault::After(Wrong::Broken));
        let _ = hand.roll();
        assert_eq!(*hand.state(), expected, "call {call}");
        disks.push(other.after_kill());
        disks.push(other.after_power_loss(|below| below - 1));
    }
    for after in disks {
        let hand = Hand::open(&after).unwrap();
        assert!(hand.is_whole());
        assert_eq!(*hand.state(), expected);
    }
}
