//! What is decided without an engine.

use super::{HandlerResult, ListPosition, Listed, RESULT_LIMIT, Standing, page_of};
use crate::events::State;
use crate::names::{LaneId, Name, Place, Position};
use jiff::Timestamp;

#[test]
fn a_place_in_a_list_is_read_as_it_was_written() {
    for (at, lane, position) in [(0, 0, 0), (-5, 64, 7), (i64::MAX, u16::MAX, u64::MAX)] {
        let place = ListPosition { at, lane, position };
        assert_eq!(place.to_string().parse(), Ok(place));
    }
    for text in ["", "1.2", "1.2.3.4", "a.b.c", "1.70000.2"] {
        assert!(text.parse::<ListPosition>().is_err(), "{text}");
    }
}

#[test]
fn a_standing_follows_from_cursor_exception_and_last_attempt() {
    let (at, before, behind) = (Position::new(5), Position::new(5), Position::new(6));
    let due = State::Due(Timestamp::UNIX_EPOCH);
    for (cursor, exception, last, expected) in [
        (before, None, None, Standing::Open),
        (before, None, Some(false), Standing::Failed),
        (before, None, Some(true), Standing::Delivered),
        (behind, None, None, Standing::Delivered),
        (behind, None, Some(false), Standing::Delivered),
        (behind, Some(due), Some(false), Standing::Retrying),
        (before, Some(State::Behind), None, Standing::Open),
        (behind, Some(State::Dead), Some(true), Standing::Dead),
    ] {
        assert_eq!(Standing::of(at, cursor, exception, last), expected);
    }
}

#[test]
fn a_page_ends_before_it_has_too_many_results() {
    let name = Name::new("n").unwrap();
    let result = HandlerResult::of(
        name.clone(),
        Position::FIRST,
        Position::FIRST,
        None,
        (0, None),
    );
    let listed = |results: usize| Listed {
        place: Place {
            lane: LaneId::shared(0),
            position: Position::FIRST,
        },
        at: Timestamp::UNIX_EPOCH,
        source: name.clone(),
        kind: name.clone(),
        body_bytes: 0,
        results: vec![result.clone(); results],
    };
    for (sizes, left) in [
        (vec![1, 1, 1], 3),
        (vec![RESULT_LIMIT, 1], 1),
        (vec![RESULT_LIMIT + 1, 1], 1),
        (vec![RESULT_LIMIT + 1], 1),
        (vec![RESULT_LIMIT - 1, 1, 1], 2),
        (vec![RESULT_LIMIT / 4; 100], 4),
    ] {
        let mut read_count = 0;
        let (events, is_cut) = page_of(&sizes, |&size| {
            read_count += 1;
            Some(listed(size))
        });
        assert_eq!((events.len(), is_cut), (left, left < sizes.len()));
        // One too many tells that there are more.
        assert_eq!(read_count, (left + 1).min(sizes.len()));
    }
}
