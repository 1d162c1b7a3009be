//! What is put into frames is read again, and other bytes are refused or read without a panic.

use proptest::prelude::*;

use super::*;

fn name_of() -> impl Strategy<Value = Name> {
    "[a-zé]{1,40}".prop_map(|text| Name::new(&text).unwrap())
}

fn bytes() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..100).prop_map(Bytes::from)
}

fn time() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (
        Timestamp::MIN.as_microsecond(),
        Timestamp::MAX.as_second() * 1_000_000,
    );
    (first..=last).prop_map(|time| Timestamp::from_microsecond(time).unwrap())
}

fn new_event() -> impl Strategy<Value = NewEvent> {
    let fields = (
        name_of(),
        name_of(),
        prop::option::of(bytes()),
        prop::option::of(any::<u64>()),
        time(),
        bytes(),
        bytes(),
    );
    fields.prop_map(|(source, kind, key, order, at, meta, body)| NewEvent {
        source,
        kind,
        key,
        order,
        at,
        meta,
        body,
    })
}

pub(crate) fn exception_at(
    position: impl Strategy<Value = u64>,
) -> impl Strategy<Value = Exception> {
    let state = prop_oneof![
        time().prop_map(State::Due),
        Just(State::Behind),
        Just(State::Dead)
    ];
    let fields = (position, state, any::<u32>(), ".{0,80}");
    fields.prop_map(|(position, state, attempts, reason)| Exception {
        position: Position::new(position),
        state,
        attempts,
        reason: Reason::new(&reason),
    })
}

fn outcome_at(position: impl Strategy<Value = u64>) -> impl Strategy<Value = Outcome> {
    let fields = (
        position,
        any::<u32>(),
        any::<bool>(),
        time(),
        any::<u32>(),
        ".{0,80}",
    );
    fields.prop_map(|(position, attempt, is_done, at, took, reason)| Outcome {
        position: Position::new(position),
        attempt,
        is_done,
        at,
        took: Duration::from_micros(took.into()),
        reason: Reason::new(&reason),
    })
}

/// A step that speaks of positions below this one.
pub(crate) fn step_below(head: u64) -> impl Strategy<Value = Step> {
    let fields = (
        prop::option::of(0..=head),
        prop::collection::vec(outcome_at(0..head), 0..4),
        prop::collection::vec(exception_at(0..head), 0..6),
        prop::collection::vec(0..head, 0..4),
    );
    fields.prop_map(|(cursor, outcomes, exceptions, settled)| Step {
        cursor: cursor.map(Position::new),
        outcomes,
        exceptions,
        settled: settled.into_iter().map(Position::new).collect(),
    })
}

proptest! {
    #[test]
    fn events_are_read_as_they_were(new in new_event(), lane in any::<u16>(), at in any::<u64>()) {
        let place = Place {
            lane: LaneId::from_number(lane),
            position: Position::new(at),
        };
        let key = new.key.as_ref().map(|key| Key::of(new.source.as_str(), key));
        let head = event_head(&new, place, false);
        let mut out = Vec::new();
        put_event(&mut out, &new, key.as_ref());
        prop_assert_eq!(event_fields(&out).unwrap().key, key);
        let read = event(head, &out).unwrap();
        let expected = Event {
            place,
            source: new.source,
            kind: new.kind,
            order: new.order,
            at: new.at,
            meta: new.meta.clone(),
            body: new.body.clone(),
        };
        prop_assert_eq!(read, expected);
        // What ends before its body begins is none.
        let fixed = out.len() - new.body.len();
        for end in 0..fixed {
            prop_assert!(event(head, &out[..end]).is_none(), "{}", end);
        }
    }

    #[test]
    fn steps_are_read_as_they_were(handler in name_of(), step_of in step_below(u64::MAX)) {
        let mut out = Vec::new();
        put_step(&mut out, &handler, &step_of);
        prop_assert_eq!(step(&out).unwrap(), (handler, step_of));
        for end in 0..out.len() {
            prop_assert!(step(&out[..end]).is_none(), "{}", end);
        }
        out.push(0);
        prop_assert!(step(&out).is_none());
    }

    #[test]
    fn handlers_are_read_as_they_were(
        name in name_of(),
        cursor in any::<u64>(),
        exceptions in prop::collection::vec(exception_at(any::<u64>()), 0..9),
    ) {
        let mut out = Vec::new();
        let cursor = Position::new(cursor);
        put_handler(&mut out, &name, cursor, &exceptions.iter().collect::<Vec<_>>());
        prop_assert_eq!(handler(&out).unwrap(), (name, cursor, exceptions));
        for end in 0..out.len() {
            prop_assert!(handler(&out[..end]).is_none(), "{}", end);
        }
    }

    #[test]
    fn lanes_and_marks_are_read_as_they_were(
        rows in prop::collection::vec(any::<(u16, u64, u64)>(), 0..40),
        places in prop::collection::vec(any::<(u16, u64, u32)>(), 0..40),
    ) {
        let row = |(lane, epoch, head)| LaneRow { lane, epoch, head };
        let rows: Vec<_> = rows.into_iter().map(row).collect();
        let mark = |(lane, position, offset)| Mark { lane, position, offset };
        let marks: Vec<_> = places.into_iter().map(mark).collect();
        let (mut of_rows, mut of_marks) = (Vec::new(), Vec::new());
        put_lanes(&mut of_rows, &rows);
        put_index(&mut of_marks, &marks);
        prop_assert_eq!(lanes(&of_rows).unwrap(), rows);
        prop_assert_eq!(index(&of_marks).unwrap(), marks);
        for end in 0..of_rows.len() {
            prop_assert!(lanes(&of_rows[..end]).is_none());
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let head = Head {
            kind: Kind::Event,
            has_more: false,
            lane: 1,
            position: 2,
            time: i64::MAX,
        };
        let _ = event(head, &bytes);
        let _ = (step(&bytes), handler(&bytes), lanes(&bytes), index(&bytes));
    }
}

#[test]
fn a_count_that_cannot_be_asks_for_no_memory() {
    let mut out = Vec::new();
    out.put_u32(u32::MAX);
    assert!(lanes(&out).is_none() && index(&out).is_none());
}
