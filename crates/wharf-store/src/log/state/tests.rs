//! What changes make of the state, and that taking them back leaves it as it was.

use proptest::prelude::*;

use super::*;
use crate::events::Reason;
use crate::log::payload::tests::{exception_at, step_below};

const LANE: u16 = 64;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

#[derive(Clone, Debug)]
enum Change {
    Head(u16, u64),
    Epoch(u16, u64),
    Step(u16, u8, Step),
}

fn change() -> impl Strategy<Value = Change> {
    let lane = || 63..66_u16;
    prop_oneof![
        (lane(), 0..50_u64).prop_map(|(lane, head)| Change::Head(lane, head)),
        (lane(), 1..9_u64).prop_map(|(lane, epoch)| Change::Epoch(lane, epoch)),
        (lane(), 0..3_u8, step_below(20)).prop_map(|(lane, of, step)| Change::Step(lane, of, step)),
    ]
}

fn make(state: &mut State, changes: &[Change]) -> Vec<Undo> {
    let mut undo = Vec::new();
    for change in changes {
        match change {
            Change::Head(lane, head) => undo.push(state.set_head(*lane, *head)),
            Change::Epoch(lane, epoch) => undo.push(state.set_epoch(*lane, Epoch::new(*epoch))),
            Change::Step(lane, of, step) => {
                state.take(*lane, &name(&format!("h{of}")), step, &mut undo);
            }
        }
    }
    undo
}

/// Three lanes that have an owner: those that have none are not there.
fn begun() -> State {
    let mut state = State::default();
    for lane in 63..66 {
        state.set_epoch(lane, Epoch::new(1));
    }
    state
}

#[test]
fn a_lane_that_was_begun_by_what_is_taken_back_is_none() {
    let mut state = State::default();
    let undo = make(&mut state, &[Change::Epoch(LANE, 1), Change::Head(LANE, 3)]);
    state.undo(undo);
    assert_eq!(state, State::default());
}

proptest! {
    #[test]
    fn what_is_taken_back_leaves_the_state_as_it_was(
        before in prop::collection::vec(change(), 0..12),
        changes in prop::collection::vec(change(), 0..12),
    ) {
        let mut state = begun();
        make(&mut state, &before);
        let expected = state.clone();
        let undo = make(&mut state, &changes);
        state.undo(undo);
        prop_assert_eq!(state, expected);
    }

    #[test]
    fn counts_and_times_are_those_of_the_exceptions(
        changes in prop::collection::vec(change(), 0..20),
        now in any::<i32>(),
    ) {
        let mut state = begun();
        make(&mut state, &changes);
        let now = Timestamp::from_second(now.into()).unwrap();
        for handler in state.lanes.values().flat_map(|lane| lane.handlers.values()) {
            let all = || handler.exceptions.values();
            let dead = all().filter(|of| of.state == Fate::Dead).count();
            let cursor = handler.cursor();
            prop_assert_eq!((cursor.dead_count, cursor.open_count), (dead, all().count() - dead));
            let mut due: Vec<_> = all()
                .filter(|of| matches!(of.state, Fate::Due(at) if at <= now))
                .cloned()
                .collect();
            due.sort_by_key(|of| (of.state, of.position));
            prop_assert_eq!(handler.due(now, usize::MAX), due);
            let open = all().filter(|of| of.state != Fate::Dead).map(|of| of.position);
            let oldest = open.chain([handler.cursor]).min();
            prop_assert_eq!(Some(handler.oldest_open()), oldest);
        }
    }

    #[test]
    fn a_handler_in_parts_is_the_handler(
        exceptions in prop::collection::vec(exception_at(0..40_u64), 0..20),
        parts in 1..6_usize,
    ) {
        let (mut whole, mut parted) = (State::default(), State::default());
        let step = Step {
            cursor: Some(Position::new(9)),
            exceptions,
            ..Step::default()
        };
        whole.take(LANE, &name("h"), &step, &mut Vec::new());
        let handler = whole.handler(LaneId::from_number(LANE), &name("h")).unwrap();
        let all: Vec<_> = handler.exceptions.values().cloned().collect();
        parted.add_handler(LANE, name("h"), Position::new(9), Vec::new());
        for part in all.chunks(parts) {
            parted.add_handler(LANE, name("h"), Position::new(9), part.to_vec());
        }
        prop_assert_eq!(parted, whole);
    }
}

#[test]
fn a_lane_without_an_owner_is_held_by_nobody() {
    let state = begun();
    let lane = LaneId::from_number(LANE);
    assert!(state.holds(lane, Epoch::default()).is_err());
    let mut state = state;
    state.set_epoch(LANE, Epoch::new(2));
    assert!(state.holds(lane, Epoch::new(2)).is_ok());
    assert!(state.holds(lane, Epoch::new(1)).is_err());
    assert!(state.holds(LaneId::from_number(1), Epoch::new(2)).is_err());
}

#[test]
fn exceptions_are_counted_as_they_are_after_the_step() {
    let dead = |position: u64| Exception {
        position: Position::new(position),
        state: Fate::Dead,
        attempts: 1,
        reason: Reason::default(),
    };
    let limit = EXCEPTION_LIMIT as u64;
    let mut state = State::default();
    state.set_epoch(LANE, Epoch::new(1));
    state.set_head(LANE, limit + 10);
    let all = Step {
        exceptions: (0..limit).map(dead).collect(),
        ..Step::default()
    };
    state.take(LANE, &name("h"), &all, &mut Vec::new());
    let check = |exceptions: Vec<Exception>, settled: Vec<u64>| {
        let step = Step {
            exceptions,
            settled: settled.into_iter().map(Position::new).collect(),
            ..Step::default()
        };
        let lane = LaneId::from_number(LANE);
        state.check(lane, Epoch::new(1), &name("h"), &step).is_ok()
    };
    assert!(check(vec![dead(0), dead(limit - 1)], Vec::new()));
    assert!(!check(vec![dead(limit)], Vec::new()));
    assert!(!check(vec![dead(limit)], vec![limit + 5]));
    assert!(check(vec![dead(limit)], vec![3]));
    // Settled and stated, it stays.
    assert!(!check(vec![dead(limit), dead(3)], vec![3]));
}
