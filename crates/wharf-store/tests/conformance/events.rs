//! Events in lanes: what is stored, who may read it, and how far handlers are.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::timeout;
use wharf_store::{
    AdvanceError, AppendError, Appended, BATCH_COUNT_LIMIT, BATCH_LIMIT_BYTES, Batch, Cursor,
    EXCEPTION_LIMIT, EXCEPTION_RESERVE, EXCEPTION_TOTAL_LIMIT, Event, Exception, HANDLER_LIMIT,
    HANDLER_TOTAL_LIMIT, KEY_LIMIT_BYTES, LaneId, NAME_LIMIT_BYTES, Name, NewEvent, Outcome,
    OwnedLane, Place, Position, ReadError, ReadLimit, Reason, STEP_LIMIT, State, Step, Store,
};

use super::engines::{Ending, on_each, on_each_engine};
use super::{DEADLINE, second};

pub(crate) const ALL: ReadLimit = ReadLimit {
    count: usize::MAX,
    bytes: usize::MAX,
};

/// What a full event counts for beside its bodies and meta data.
const FIXED_BYTES: usize = 64;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn lane() -> LaneId {
    LaneId::own(0).unwrap()
}

pub(crate) fn event(body: &str) -> NewEvent {
    NewEvent {
        source: name("stripe"),
        kind: name("invoice.paid"),
        key: None,
        order: None,
        at: second(1_700_000_000),
        meta: Bytes::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

pub(crate) fn keyed(key: &str) -> NewEvent {
    NewEvent {
        key: Some(Bytes::copy_from_slice(key.as_bytes())),
        ..event(key)
    }
}

fn batch(events: Vec<NewEvent>) -> Batch {
    Batch::new(events).unwrap()
}

/// Owns a lane, with a lease of its name.
pub(crate) async fn own(store: &Store, id: LaneId) -> OwnedLane {
    let lease = store
        .leases()
        .acquire(&name(&format!("lane {id}")), Duration::from_secs(600))
        .await
        .unwrap();
    // Where the last owner's is not over yet, anybody's lease does.
    let lease = if let Some(lease) = lease {
        lease
    } else {
        let any = name(&format!("lane {id} {:?}", std::time::Instant::now()));
        let asked = store.leases().acquire(&any, Duration::from_secs(600)).await;
        asked.unwrap().unwrap()
    };
    store.events().own(id, &lease).await.unwrap()
}

async fn append(store: &Store, mine: &OwnedLane, events: Vec<NewEvent>) -> Vec<Appended> {
    store.events().append(mine, batch(events)).await.unwrap()
}

/// Positions, and whether each is a duplicate.
fn told(appended: &[Appended]) -> Vec<(u64, bool)> {
    let one = |of: &Appended| (of.place.position.number(), of.is_duplicate);
    appended.iter().map(one).collect()
}

pub(crate) async fn read_all(store: &Store, mine: &OwnedLane) -> Vec<Event> {
    let read = store.events().read(mine, Position::FIRST, ALL).await;
    read.unwrap()
}

fn bodies(events: &[Event]) -> Vec<String> {
    let text = |event: &Event| String::from_utf8(event.body.to_vec()).unwrap();
    events.iter().map(text).collect()
}

fn at(number: u64) -> Position {
    Position::new(number)
}

fn exception(position: u64, state: State) -> Exception {
    Exception {
        position: at(position),
        state,
        attempts: 1,
        reason: Reason::new("503"),
    }
}

fn excepted(exceptions: Vec<Exception>) -> Step {
    Step {
        exceptions,
        ..Step::default()
    }
}

fn to(cursor: u64) -> Step {
    Step {
        cursor: Some(at(cursor)),
        ..Step::default()
    }
}

async fn advance(store: &Store, mine: &OwnedLane, step: Step) {
    let advanced = store.events().advance(mine, &name("h"), step).await;
    advanced.unwrap();
}

/// That a step was refused for a bound, and that its words say what to do about that one.
fn assert_too_many(refused: Result<(), AdvanceError>, words: &str) {
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, AdvanceError::TooMany { .. }) && refused.to_string().contains(words),
        "{refused}"
    );
}

async fn cursor(store: &Store, mine: &OwnedLane) -> Cursor {
    let cursor = store.events().cursor(mine.id(), &name("h")).await;
    cursor.unwrap().unwrap()
}

/// A store, a lane and so many events in it.
async fn with_events(store: &Store, count: usize) -> OwnedLane {
    let mine = own(store, lane()).await;
    let events: Vec<_> = (0..count)
        .map(|number| event(&number.to_string()))
        .collect();
    for events in events.chunks(BATCH_COUNT_LIMIT) {
        append(store, &mine, events.to_vec()).await;
    }
    mine
}

#[test]
fn what_was_appended_is_read_as_it_was() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let new = NewEvent {
            key: Some(Bytes::from_static(b"evt_1")),
            order: Some(u64::MAX),
            meta: Bytes::from_static(b"\0meta"),
            body: Bytes::from_static(b"\xff\0body"),
            ..event("")
        };
        let appended = append(&store, &mine, vec![new.clone()]).await;
        let place = Place {
            lane: lane(),
            position: Position::FIRST,
        };
        assert_eq!(appended[0].place, place);
        let expected = Event {
            place,
            source: new.source,
            kind: new.kind,
            order: new.order,
            at: new.at,
            meta: new.meta,
            body: new.body,
        };
        assert_eq!(read_all(&store, &mine).await, [expected]);
    });
}

#[test]
fn positions_rise_by_one_in_the_order_of_appending() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let first = append(&store, &mine, vec![event("a"), event("b")]).await;
        let second = append(&store, &mine, vec![event("c")]).await;
        assert_eq!(told(&first), [(0, false), (1, false)]);
        assert_eq!(told(&second), [(2, false)]);
        let read = read_all(&store, &mine).await;
        assert_eq!(bodies(&read), ["a", "b", "c"]);
        let positions: Vec<_> = read.iter().map(|of| of.place.position.number()).collect();
        assert_eq!(positions, [0, 1, 2]);
        assert_eq!(store.events().head(lane()).await.unwrap(), at(3));
    });
}

#[test]
fn appends_that_wait_together_stand_in_the_order_in_which_they_were_asked_for() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let events = store.events();
        let all = (0..200).map(|number| {
            let one = batch(vec![event(&number.to_string())]);
            events.append(&mine, one)
        });
        let appended = join_all(all).await;
        for (number, appended) in (0..).zip(appended) {
            assert_eq!(told(&appended.unwrap()), [(number, false)]);
        }
        let expected: Vec<_> = (0..200).map(|number| number.to_string()).collect();
        assert_eq!(bodies(&read_all(&store, &mine).await), expected);
    });
}

#[test]
fn lanes_have_positions_of_their_own() {
    on_each(async |store| {
        let (one, two) = (
            own(&store, lane()).await,
            own(&store, LaneId::own(1).unwrap()).await,
        );
        append(&store, &one, vec![event("a"), event("b")]).await;
        let appended = append(&store, &two, vec![event("c")]).await;
        assert_eq!(told(&appended), [(0, false)]);
        assert_eq!(bodies(&read_all(&store, &one).await), ["a", "b"]);
        assert_eq!(bodies(&read_all(&store, &two).await), ["c"]);
    });
}

#[test]
fn a_duplicate_in_a_batch_names_the_first_one() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let events = vec![keyed("a"), keyed("b"), keyed("a"), keyed("c"), keyed("b")];
        let appended = append(&store, &mine, events).await;
        let expected = [(0, false), (1, false), (0, true), (2, false), (1, true)];
        assert_eq!(told(&appended), expected);
        assert_eq!(bodies(&read_all(&store, &mine).await), ["a", "b", "c"]);
    });
}

#[test]
fn a_duplicate_of_an_earlier_batch_names_that_place_however_often_it_comes() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        append(&store, &mine, vec![event("x"), keyed("a")]).await;
        let again = vec![keyed("b"), keyed("a"), keyed("a"), keyed("b"), keyed("a")];
        let appended = append(&store, &mine, again).await;
        let expected = [(2, false), (1, true), (1, true), (2, true), (1, true)];
        assert_eq!(told(&appended), expected);
    });
}

#[test]
fn a_batch_of_duplicates_alone_stores_nothing() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        append(&store, &mine, vec![keyed("a")]).await;
        let appended = append(&store, &mine, vec![keyed("a"), keyed("a")]).await;
        assert_eq!(told(&appended), [(0, true), (0, true)]);
        assert_eq!(store.events().head(lane()).await.unwrap(), at(1));
    });
}

#[test]
fn a_duplicate_in_another_lane_names_the_first_ones_lane() {
    on_each(async |store| {
        let (one, two) = (
            own(&store, lane()).await,
            own(&store, LaneId::own(1).unwrap()).await,
        );
        append(&store, &one, vec![event("x"), keyed("a")]).await;
        let appended = append(&store, &two, vec![keyed("a"), keyed("a")]).await;
        for appended in appended {
            assert!(appended.is_duplicate);
            assert_eq!(appended.place.to_string(), "64-1");
        }
        assert_eq!(read_all(&store, &two).await, []);
    });
}

#[test]
fn duplicates_that_are_appended_at_once_are_stored_once() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let events = store.events();
        let all = (0..50).map(|_| events.append(&mine, batch(vec![keyed("a")])));
        let appended = join_all(all).await;
        let new = appended.iter().flatten().flatten();
        assert_eq!(new.filter(|of| !of.is_duplicate).count(), 1);
        assert_eq!(read_all(&store, &mine).await.len(), 1);
    });
}

#[test]
fn keys_of_one_source_mean_nothing_to_another() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let other = NewEvent {
            source: name("github"),
            ..keyed("a")
        };
        // Where one ends and the other begins makes a difference.
        let shifted = NewEvent {
            source: name("stripea"),
            key: Some(Bytes::new()),
            ..keyed("a")
        };
        let appended = append(&store, &mine, vec![keyed("a"), other, shifted]).await;
        assert_eq!(told(&appended), [(0, false), (1, false), (2, false)]);
    });
}

#[test]
fn events_without_a_key_are_never_duplicates_and_an_empty_key_is_one() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let appended = append(&store, &mine, vec![event("a"), event("a")]).await;
        assert_eq!(told(&appended), [(0, false), (1, false)]);
        let appended = append(&store, &mine, vec![keyed(""), keyed("")]).await;
        assert_eq!(told(&appended), [(2, false), (2, true)]);
    });
}

#[test]
fn duplicates_are_known_when_the_store_is_opened_again() {
    for ending in [Ending::Closed, Ending::Dropped] {
        on_each_engine(async |engine| {
            let mine = own(&engine.store(), lane()).await;
            append(&engine.store(), &mine, vec![keyed("a"), keyed("b")]).await;
            for _ in 0..3 {
                engine.reopen(ending).await;
                let appended = append(&engine.store(), &mine, vec![keyed("b")]).await;
                assert_eq!(told(&appended), [(1, true)]);
            }
        });
    }
}

#[test]
fn everything_is_there_when_the_store_is_opened_again() {
    for ending in [Ending::Closed, Ending::Dropped] {
        on_each_engine(async |engine| {
            let mine = with_events(&engine.store(), 20).await;
            let step = Step {
                cursor: Some(at(15)),
                exceptions: vec![
                    exception(3, State::Due(second(50))),
                    exception(4, State::Behind),
                    exception(5, State::Dead),
                ],
                ..Step::default()
            };
            advance(&engine.store(), &mine, step.clone()).await;
            for round in 0..3 {
                engine.reopen(ending).await;
                let store = engine.store();
                let read = read_all(&store, &mine).await;
                assert_eq!(read.len(), 20 + round, "round {round}");
                assert_eq!(read[19].body, "19");
                let expected = Cursor {
                    position: at(15),
                    open_count: 2,
                    dead_count: 1,
                };
                assert_eq!(cursor(&store, &mine).await, expected);
                let all = store
                    .events()
                    .exceptions(lane(), &name("h"), Position::FIRST, 10)
                    .await;
                assert_eq!(all.unwrap(), step.exceptions);
                append(&store, &mine, vec![event("more")]).await;
            }
        });
    }
}

#[test]
fn an_old_owner_neither_appends_nor_reads_nor_advances() {
    on_each(async |store| {
        let old = own(&store, lane()).await;
        append(&store, &old, vec![event("a")]).await;
        let new = own(&store, lane()).await;
        assert!(new.epoch() > old.epoch());
        let events = store.events();
        let told = "lane 64 has another owner since epoch 2; this one had epoch 1";
        let refused = events
            .append(&old, batch(vec![keyed("b")]))
            .await
            .unwrap_err();
        assert!(matches!(refused, AppendError::Lost(_)), "{refused:?}");
        assert_eq!(refused.to_string(), told);
        let refused = events.read(&old, Position::FIRST, ALL).await.unwrap_err();
        assert!(matches!(refused, ReadError::Lost(_)), "{refused:?}");
        assert_eq!(refused.to_string(), told);
        let refused = events.advance(&old, &name("h"), to(1)).await.unwrap_err();
        assert!(matches!(refused, AdvanceError::Lost(_)), "{refused:?}");
        assert_eq!(refused.to_string(), told);
        // Nothing of it was kept, the key neither.
        assert_eq!(events.cursor(lane(), &name("h")).await.unwrap(), None);
        let appended = append(&store, &new, vec![keyed("b")]).await;
        assert_eq!(super::events::told(&appended), [(1, false)]);
    });
}

#[test]
fn an_owner_that_is_replaced_while_its_appends_wait_stores_none_behind() {
    on_each(async |store| {
        let old = own(&store, lane()).await;
        let leases = store.leases();
        let lease = leases.acquire(&name("next"), Duration::from_secs(60)).await;
        let lease = lease.unwrap().unwrap();
        let events = store.events();
        let (before, owned, after) = tokio::join!(
            events.append(&old, batch(vec![event("before")])),
            events.own(lane(), &lease),
            events.append(&old, batch(vec![event("after")])),
        );
        before.unwrap();
        assert!(matches!(after, Err(AppendError::Lost(_))), "{after:?}");
        let read = read_all(&store, &owned.unwrap()).await;
        assert_eq!(bodies(&read), ["before"]);
    });
}

#[test]
fn epochs_of_owners_go_on_rising_when_the_store_is_opened_again() {
    for ending in [Ending::Closed, Ending::Dropped] {
        on_each_engine(async |engine| {
            let old = own(&engine.store(), lane()).await;
            engine.reopen(ending).await;
            // Nobody else has come yet.
            append(&engine.store(), &old, vec![event("a")]).await;
            let new = own(&engine.store(), lane()).await;
            assert!(new.epoch() > old.epoch());
            engine.reopen(ending).await;
            let refused = engine
                .store()
                .events()
                .append(&old, batch(vec![event("b")]))
                .await;
            assert!(matches!(refused, Err(AppendError::Lost(_))), "{refused:?}");
            assert_eq!(read_all(&engine.store(), &new).await.len(), 1);
        });
    }
}

#[test]
fn everybody_appends_to_a_shared_lane_and_its_owner_reads_it() {
    on_each(async |store| {
        let shared = LaneId::shared(7);
        let events = store.events();
        let appended = events
            .append_shared(shared, batch(vec![event("a")]))
            .await
            .unwrap();
        assert_eq!(told(&appended), [(0, false)]);
        let mine = own(&store, shared).await;
        events
            .append_shared(shared, batch(vec![event("b")]))
            .await
            .unwrap();
        append(&store, &mine, vec![event("c")]).await;
        assert_eq!(bodies(&read_all(&store, &mine).await), ["a", "b", "c"]);
        // An old owner is one more of everybody.
        own(&store, shared).await;
        events
            .append_shared(shared, batch(vec![event("d")]))
            .await
            .unwrap();
        let refused = events.append(&mine, batch(vec![event("e")])).await;
        assert!(matches!(refused, Err(AppendError::Lost(_))), "{refused:?}");
    });
}

#[test]
fn the_lane_of_an_owner_is_not_shared() {
    on_each(async |store| {
        let events = store.events();
        // Also where it has no owner yet.
        for owners in 0..2 {
            let refused = events.append_shared(lane(), batch(vec![keyed("a")])).await;
            let Err(AppendError::Lost(lost)) = refused else {
                panic!("{refused:?}");
            };
            assert_eq!(lost.lane, lane());
            assert_eq!((lost.had.number(), lost.now.number()), (0, owners));
            assert_eq!(events.head(lane()).await.unwrap(), Position::FIRST);
            own(&store, lane()).await;
        }
        let mine = own(&store, lane()).await;
        let appended = append(&store, &mine, vec![keyed("a")]).await;
        assert_eq!(told(&appended), [(0, false)]);
    });
}

#[test]
fn the_highest_lane_is_one_like_others() {
    on_each(async |store| {
        let highest = LaneId::from_number(u16::MAX);
        let mine = own(&store, highest).await;
        append(&store, &mine, vec![event("a")]).await;
        let read = read_all(&store, &mine).await;
        assert_eq!(read[0].place.to_string(), "65535-0");
    });
}

#[test]
fn a_cursor_is_there_from_the_first_step_on_and_never_goes_back() {
    on_each(async |store| {
        let mine = with_events(&store, 5).await;
        let events = store.events();
        assert_eq!(events.cursor(lane(), &name("h")).await.unwrap(), None);
        advance(&store, &mine, Step::default()).await;
        assert_eq!(cursor(&store, &mine).await, Cursor::default());
        advance(&store, &mine, to(3)).await;
        advance(&store, &mine, to(3)).await;
        let refused = events.advance(&mine, &name("h"), to(2)).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the cursor of handler h in lane 64 is at 3 and cannot go back to 2"
        );
        // Without a word about it, it stays.
        advance(&store, &mine, Step::default()).await;
        assert_eq!(cursor(&store, &mine).await.position, at(3));
        // Another handler is somewhere else.
        assert_eq!(events.cursor(lane(), &name("other")).await.unwrap(), None);
    });
}

#[test]
fn a_step_speaks_only_of_events_that_are_there() {
    on_each(async |store| {
        let mine = with_events(&store, 5).await;
        let events = store.events();
        advance(&store, &mine, to(5)).await;
        let outcome = Outcome {
            position: at(5),
            attempt: 1,
            is_done: true,
            at: second(1),
            took: Duration::from_millis(1),
            reason: Reason::default(),
        };
        for (step, position) in [
            (to(6), 6),
            (excepted(vec![exception(5, State::Dead)]), 5),
            (
                Step {
                    outcomes: vec![outcome],
                    ..Step::default()
                },
                5,
            ),
        ] {
            let refused = events.advance(&mine, &name("h"), step).await.unwrap_err();
            let told = format!("lane 64 ends before 5; position {position} is not there");
            assert_eq!(refused.to_string(), told);
        }
    });
}

#[test]
fn a_step_that_is_refused_changes_nothing() {
    on_each(async |store| {
        let mine = with_events(&store, 5).await;
        advance(&store, &mine, to(2)).await;
        let step = Step {
            cursor: Some(at(1)),
            exceptions: vec![exception(0, State::Dead)],
            ..Step::default()
        };
        let refused = store.events().advance(&mine, &name("h"), step).await;
        assert!(refused.is_err());
        let expected = Cursor {
            position: at(2),
            ..Cursor::default()
        };
        assert_eq!(cursor(&store, &mine).await, expected);
    });
}

#[test]
fn exceptions_are_due_by_time_the_most_overdue_first() {
    on_each(async |store| {
        let mine = with_events(&store, 8).await;
        let step = excepted(vec![
            exception(0, State::Due(second(30))),
            exception(1, State::Due(second(10))),
            exception(2, State::Behind),
            exception(3, State::Dead),
            exception(5, State::Due(second(20))),
            exception(4, State::Due(second(20))),
            exception(6, State::Due(second(-5))),
        ]);
        advance(&store, &mine, step).await;
        let due = async |now: i64, limit: usize| {
            let (events, handler) = (store.events(), name("h"));
            let due = events.due(lane(), &handler, second(now), limit).await;
            let due = due.unwrap();
            let positions = due.iter().map(|of| of.position.number());
            positions.collect::<Vec<_>>()
        };
        assert_eq!(due(-6, 10).await, []);
        assert_eq!(due(19, 10).await, [6, 1]);
        assert_eq!(due(20, 10).await, [6, 1, 4, 5]);
        assert_eq!(due(1_000, 10).await, [6, 1, 4, 5, 0]);
        assert_eq!(due(1_000, 2).await, [6, 1]);
        assert_eq!(due(1_000, 0).await, []);
        let expected = Cursor {
            position: at(0),
            open_count: 6,
            dead_count: 1,
        };
        assert_eq!(cursor(&store, &mine).await, expected);
    });
}

#[test]
fn exceptions_are_listed_from_a_position_on() {
    on_each(async |store| {
        let mine = with_events(&store, 8).await;
        let all = [6, 1, 4].map(|position| exception(position, State::Behind));
        advance(&store, &mine, excepted(all.to_vec())).await;
        let listed = async |from: u64, limit: usize| {
            let (events, handler) = (store.events(), name("h"));
            let all = events.exceptions(lane(), &handler, at(from), limit).await;
            let all = all.unwrap();
            all.iter()
                .map(|of| of.position.number())
                .collect::<Vec<_>>()
        };
        assert_eq!(listed(0, 10).await, [1, 4, 6]);
        assert_eq!(listed(2, 10).await, [4, 6]);
        assert_eq!(listed(4, 1).await, [4]);
        assert_eq!(listed(7, 10).await, []);
        assert_eq!(listed(u64::MAX, 10).await, []);
        assert_eq!(listed(0, 0).await, []);
        let none = store
            .events()
            .exceptions(lane(), &name("other"), at(0), 9)
            .await;
        assert_eq!(none.unwrap(), []);
    });
}

#[test]
fn an_exception_is_replaced_and_settled() {
    on_each(async |store| {
        let mine = with_events(&store, 3).await;
        advance(
            &store,
            &mine,
            excepted(vec![exception(1, State::Due(second(1)))]),
        )
        .await;
        let again = Exception {
            attempts: 2,
            reason: Reason::new("timeout"),
            ..exception(1, State::Due(second(9)))
        };
        advance(&store, &mine, excepted(vec![again.clone()])).await;
        let due = store.events().due(lane(), &name("h"), second(5), 9).await;
        assert_eq!(due.unwrap(), []);
        let due = store.events().due(lane(), &name("h"), second(9), 9).await;
        assert_eq!(due.unwrap(), [again]);
        advance(&store, &mine, excepted(vec![exception(1, State::Dead)])).await;
        assert_eq!(cursor(&store, &mine).await.dead_count, 1);
        let settled = Step {
            // One that is none is settled already.
            settled: vec![at(1), at(2), at(1)],
            ..Step::default()
        };
        advance(&store, &mine, settled).await;
        assert_eq!(cursor(&store, &mine).await, Cursor::default());
    });
}

#[test]
fn of_what_a_step_says_twice_the_last_counts() {
    on_each(async |store| {
        let mine = with_events(&store, 3).await;
        let step = Step {
            exceptions: vec![exception(1, State::Dead), exception(1, State::Behind)],
            // Settled first, whatever else is said of it.
            settled: vec![at(1)],
            ..Step::default()
        };
        advance(&store, &mine, step).await;
        let expected = Cursor {
            open_count: 1,
            ..Cursor::default()
        };
        assert_eq!(cursor(&store, &mine).await, expected);
    });
}

#[test]
fn a_step_may_be_taken_twice() {
    on_each(async |store| {
        let mine = with_events(&store, 5).await;
        advance(&store, &mine, excepted(vec![exception(0, State::Behind)])).await;
        let step = Step {
            cursor: Some(at(4)),
            exceptions: vec![
                exception(2, State::Due(second(7))),
                exception(3, State::Dead),
            ],
            settled: vec![at(0)],
            ..Step::default()
        };
        let mut seen = Vec::new();
        for _ in 0..2 {
            advance(&store, &mine, step.clone()).await;
            let events = store.events();
            let all = events
                .exceptions(lane(), &name("h"), at(0), 9)
                .await
                .unwrap();
            seen.push((cursor(&store, &mine).await, all));
        }
        assert_eq!(seen[0], seen[1]);
    });
}

#[test]
fn there_are_only_so_many_exceptions_beside_a_cursor() {
    on_each(async |store| {
        let mine = with_events(&store, EXCEPTION_LIMIT + 1).await;
        let all: Vec<_> = (0..EXCEPTION_LIMIT as u64)
            .map(|position| exception(position, State::Behind))
            .collect();
        for some in all.chunks(STEP_LIMIT) {
            advance(&store, &mine, excepted(some.to_vec())).await;
        }
        let events = store.events();
        let more = exception(EXCEPTION_LIMIT as u64, State::Dead);
        let refused = events
            .advance(&mine, &name("h"), excepted(vec![more.clone()]))
            .await;
        assert_too_many(refused, "let that stop until some are settled");
        // One that is there may change, and one may take the place of another.
        advance(&store, &mine, excepted(vec![exception(0, State::Dead)])).await;
        let exchanged = Step {
            settled: vec![at(7)],
            ..excepted(vec![more])
        };
        advance(&store, &mine, exchanged).await;
        let expected = Cursor {
            open_count: EXCEPTION_LIMIT - 2,
            dead_count: 2,
            ..Cursor::default()
        };
        assert_eq!(cursor(&store, &mine).await, expected);
    });
}

#[test]
fn there_are_only_so_many_exceptions_in_all_and_everyone_has_some() {
    on_each(async |store| {
        let mine = with_events(&store, EXCEPTION_LIMIT).await;
        let events = store.events();
        let all: Vec<_> = (0..EXCEPTION_LIMIT as u64)
            .map(|position| exception(position, State::Behind))
            .collect();
        // The places that each has for itself make room for more than ten such handlers.
        let full = EXCEPTION_TOTAL_LIMIT / (EXCEPTION_LIMIT - EXCEPTION_RESERVE);
        let names: Vec<_> = (0..=full).map(|of| name(&of.to_string())).collect();
        for name in &names[..full] {
            for some in all.chunks(STEP_LIMIT) {
                let step = excepted(some.to_vec());
                events.advance(&mine, name, step).await.unwrap();
            }
        }
        let taken = full * (EXCEPTION_LIMIT - EXCEPTION_RESERVE);
        let left = EXCEPTION_TOTAL_LIMIT - taken + EXCEPTION_RESERVE;
        let last = &names[full];
        let within = excepted(all[..left].to_vec());
        events.advance(&mine, last, within).await.unwrap();
        let beyond = || excepted(vec![all[left].clone()]);
        let refused = events.advance(&mine, last, beyond()).await;
        assert_too_many(refused, "all handlers together");
        // Who has few events beside its cursor is not kept from its own by those who have many.
        let few = excepted(all[..EXCEPTION_RESERVE].to_vec());
        events.advance(&mine, &name("few"), few).await.unwrap();
        let one_more = excepted(vec![all[EXCEPTION_RESERVE].clone()]);
        let refused = events.advance(&mine, &name("few"), one_more).await;
        assert_too_many(refused, "all handlers together");
        // What is settled, and what only changes, is never refused.
        let changed = excepted(vec![exception(0, State::Dead)]);
        events.advance(&mine, last, changed).await.unwrap();
        let settled = Step {
            settled: vec![at(0)],
            ..Step::default()
        };
        events.advance(&mine, &names[0], settled).await.unwrap();
        events.advance(&mine, last, beyond()).await.unwrap();
        // All of it goes into the beginning of the next segment, and is read from there.
        assert_eq!(
            events
                .exceptions(lane(), &names[1], at(0), 1)
                .await
                .unwrap(),
            vec![exception(0, State::Behind)]
        );
    });
}

#[test]
fn a_handler_that_is_forgotten_leaves_its_place() {
    on_each(async |store| {
        let mine = with_events(&store, 4).await;
        let events = store.events();
        let step = Step {
            cursor: Some(at(3)),
            ..excepted(vec![exception(1, State::Dead)])
        };
        advance(&store, &mine, step).await;
        let other = name("other");
        events.advance(&mine, &other, to(2)).await.unwrap();
        assert!(events.forget(&mine, &name("h")).await.unwrap());
        assert!(!events.forget(&mine, &name("h")).await.unwrap());
        assert_eq!(events.cursor(lane(), &name("h")).await.unwrap(), None);
        let none = events.exceptions(lane(), &name("h"), at(0), 9).await;
        assert_eq!(none.unwrap(), []);
        let kept = events.cursor(lane(), &other).await.unwrap().unwrap();
        assert_eq!(kept.position, at(2));
        // It may come back, and begins where it says.
        advance(&store, &mine, to(1)).await;
        assert_eq!(cursor(&store, &mine).await.position, at(1));
        assert_eq!(cursor(&store, &mine).await.dead_count, 0);
    });
}

#[test]
fn only_the_owner_has_a_handler_forgotten() {
    on_each(async |store| {
        let mine = with_events(&store, 1).await;
        advance(&store, &mine, to(1)).await;
        let _other = own(&store, lane()).await;
        let refused = store.events().forget(&mine, &name("h")).await;
        assert!(matches!(refused, Err(ReadError::Lost(_))), "{refused:?}");
        let kept = store.events().cursor(lane(), &name("h")).await.unwrap();
        assert!(kept.is_some());
    });
}

#[test]
fn all_lanes_together_have_only_so_many_handlers() {
    on_each(async |store| {
        let events = store.events();
        let names: Vec<_> = (0..HANDLER_LIMIT)
            .map(|number| name(&number.to_string()))
            .collect();
        let mut lanes = Vec::new();
        let needed = u16::try_from(HANDLER_TOTAL_LIMIT / HANDLER_LIMIT).unwrap();
        for number in 0..needed {
            let mine = own(&store, LaneId::own(number).unwrap()).await;
            let none = || Step::default();
            let all = names.iter().map(|name| events.advance(&mine, name, none()));
            for advanced in join_all(all).await {
                advanced.unwrap();
            }
            lanes.push(mine);
        }
        let more = own(&store, LaneId::own(needed).unwrap()).await;
        let refused = events.advance(&more, &names[0], Step::default()).await;
        assert_too_many(refused, "at most 4,096 handlers");
        events.forget(&lanes[0], &names[0]).await.unwrap();
        events
            .advance(&more, &names[0], Step::default())
            .await
            .unwrap();
    });
}

#[test]
fn a_step_has_a_bound() {
    on_each(async |store| {
        let mine = with_events(&store, 1).await;
        let of = |count: usize| Step {
            settled: vec![Position::FIRST; count],
            ..Step::default()
        };
        advance(&store, &mine, of(STEP_LIMIT)).await;
        let too_large = of(STEP_LIMIT + 1);
        let refused = store.events().advance(&mine, &name("h"), too_large).await;
        assert_too_many(refused, "take several");
    });
}

#[test]
fn a_lane_has_only_so_many_handlers() {
    on_each(async |store| {
        let mine = with_events(&store, 1).await;
        let events = store.events();
        let names: Vec<_> = (0..HANDLER_LIMIT)
            .map(|number| name(&number.to_string()))
            .collect();
        let all = names.iter().map(|name| events.advance(&mine, name, to(1)));
        for advanced in join_all(all).await {
            advanced.unwrap();
        }
        let refused = events.advance(&mine, &name("one more"), to(1)).await;
        assert_too_many(refused, "at most 1,024 handlers");
        events.advance(&mine, &names[7], to(1)).await.unwrap();
        let other = own(&store, LaneId::own(1).unwrap()).await;
        events
            .advance(&other, &name("one more"), Step::default())
            .await
            .unwrap();
    });
}

#[test]
fn reading_stops_at_a_count() {
    on_each(async |store| {
        let mine = with_events(&store, 10).await;
        let read = async |from: u64, count: usize| {
            let limit = ReadLimit { count, ..ALL };
            let read = store.events().read(&mine, at(from), limit).await.unwrap();
            bodies(&read)
        };
        assert_eq!(read(0, 0).await, [""; 0]);
        assert_eq!(read(0, 3).await, ["0", "1", "2"]);
        assert_eq!(read(8, 3).await, ["8", "9"]);
        assert_eq!(read(9, 1).await, ["9"]);
    });
}

#[test]
fn reading_stops_at_bytes_but_reads_one_event_whatever_it_has() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let sized = |bytes: usize| event(&"x".repeat(bytes));
        let events = [1_000, 10, 10, 1_000].map(sized).to_vec();
        append(&store, &mine, events).await;
        let count = async |from: u64, bytes: usize| {
            let limit = ReadLimit { bytes, ..ALL };
            store
                .events()
                .read(&mine, at(from), limit)
                .await
                .unwrap()
                .len()
        };
        assert_eq!(count(0, 0).await, 1);
        assert_eq!(count(0, 999).await, 1);
        let small = FIXED_BYTES + 10;
        assert_eq!(count(0, FIXED_BYTES + 1_000 + small - 1).await, 1);
        assert_eq!(count(0, FIXED_BYTES + 1_000 + small).await, 2);
        assert_eq!(count(1, 2 * small).await, 2);
        assert_eq!(count(1, 2 * small + 100).await, 2);
        assert_eq!(count(3, 1).await, 1);
    });
}

#[test]
fn nothing_is_read_past_the_head() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let events = store.events();
        assert_eq!(events.head(lane()).await.unwrap(), Position::FIRST);
        assert_eq!(read_all(&store, &mine).await, []);
        append(&store, &mine, vec![event("a"), event("b")]).await;
        for from in [2, 3, u64::MAX] {
            assert_eq!(events.read(&mine, at(from), ALL).await.unwrap(), []);
        }
        assert_eq!(events.read(&mine, at(1), ALL).await.unwrap().len(), 1);
    });
}

#[test]
fn an_event_is_found_by_its_place_by_anybody() {
    on_each(async |store| {
        with_events(&store, 600).await;
        own(&store, lane()).await;
        let events = store.events();
        for number in [0, 1, 300, 599] {
            let place = format!("64-{number}").parse().unwrap();
            let found = events.event(place).await.unwrap().unwrap();
            assert_eq!(
                (found.place, &found.body[..]),
                (place, number.to_string().as_bytes())
            );
        }
        for text in ["64-600", "64-18446744073709551615", "65-0", "0-0"] {
            let found = events.event(text.parse().unwrap()).await.unwrap();
            assert_eq!(found, None, "{text}");
        }
    });
}

#[test]
fn what_is_appended_and_owned_is_news_and_a_step_is_none() {
    on_each(async |store| {
        let mine = with_events(&store, 1).await;
        let mut news = store.events().news().unwrap();
        advance(&store, &mine, to(1)).await;
        store
            .leases()
            .acquire(&name("x"), Duration::from_secs(1))
            .await
            .unwrap();
        assert!(!news.has_changed().unwrap());
        let before = *news.borrow_and_update();
        append(&store, &mine, vec![event("a")]).await;
        timeout(DEADLINE, news.changed()).await.unwrap().unwrap();
        let appended = *news.borrow_and_update();
        assert!(appended > before);
        // Who is told and looks finds it.
        assert_eq!(store.events().head(lane()).await.unwrap(), at(2));
        own(&store, lane()).await;
        timeout(DEADLINE, news.changed()).await.unwrap().unwrap();
        assert!(*news.borrow() > appended);
    });
}

#[test]
fn an_append_that_is_dropped_is_stored_whole_or_not() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let events = store.events();
        for number in 0..60 {
            let one = |part: &str| keyed(&format!("{number}{part}"));
            let pair = batch(vec![one("a"), one("b")]);
            let mut appending = Box::pin(events.append(&mine, pair));
            match number % 3 {
                // Never asked for.
                0 => {}
                1 => drop((&mut appending).now_or_never()),
                _ => {
                    // It may be answered by then, which nobody hears.
                    drop((&mut appending).now_or_never());
                    advance(&store, &mine, Step::default()).await;
                }
            }
            drop(appending);
        }
        append(&store, &mine, vec![event("last")]).await;
        let read = bodies(&read_all(&store, &mine).await);
        assert_eq!(read.last().map(String::as_str), Some("last"));
        let mut numbers = Vec::new();
        for pair in read[..read.len() - 1].chunks(2) {
            let number = pair[0].strip_suffix('a').unwrap();
            assert_eq!(pair[1], format!("{number}b"));
            numbers.push(number.parse::<u32>().unwrap());
        }
        assert!(numbers.iter().all(|number| number % 3 != 0), "{numbers:?}");
        assert!(numbers.is_sorted(), "{numbers:?}");
        // One that was not stored has left no key.
        for number in 0..60 {
            let again = append(&store, &mine, vec![keyed(&format!("{number}a"))]).await;
            assert_eq!(again[0].is_duplicate, numbers.contains(&number), "{number}");
        }
    });
}

#[test]
fn an_owner_and_a_step_that_are_dropped_leave_the_store_usable() {
    on_each(async |store| {
        let mine = with_events(&store, 5).await;
        let events = store.events();
        let other = LaneId::own(9).unwrap();
        let lease = store
            .leases()
            .acquire(&name("x"), Duration::from_secs(60))
            .await;
        let lease = lease.unwrap().unwrap();
        for number in 0..5 {
            drop(events.advance(&mine, &name("h"), to(number)).now_or_never());
            drop(events.own(other, &lease).now_or_never());
        }
        advance(&store, &mine, to(5)).await;
        assert_eq!(cursor(&store, &mine).await.position, at(5));
        let owned = events.own(other, &lease).await.unwrap();
        assert!((1..=6).contains(&owned.epoch().number()));
    });
}

#[test]
fn times_are_kept_to_the_microsecond() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let times = [
            "2026-01-05T10:00:00.123456789Z",
            "1969-12-31T23:59:59.999999999Z",
            "-009999-01-02T01:59:59Z",
            "9999-12-30T22:00:00.999999999Z",
        ];
        let exact = times.map(|text| text.parse::<Timestamp>().unwrap());
        let events = exact.map(|at| NewEvent { at, ..event("") }).to_vec();
        append(&store, &mine, events).await;
        let read = read_all(&store, &mine).await;
        assert_eq!(read.len(), exact.len());
        for (event, exact) in read.iter().zip(exact) {
            // Behind its first moment the last second has no microseconds.
            let kept = if exact == Timestamp::MAX {
                exact.as_second() * 1_000_000
            } else {
                exact.as_microsecond()
            };
            assert_eq!(event.at.as_microsecond(), kept);
            assert_eq!(event.at.subsec_nanosecond() % 1_000, 0);
        }
        advance(
            &store,
            &mine,
            excepted(vec![exception(0, State::Due(exact[0]))]),
        )
        .await;
        let all = store
            .events()
            .exceptions(lane(), &name("h"), at(0), 9)
            .await
            .unwrap();
        let kept = "2026-01-05T10:00:00.123456Z".parse().unwrap();
        assert_eq!(all[0].state, State::Due(kept));
        let due = store
            .events()
            .due(lane(), &name("h"), kept, 9)
            .await
            .unwrap();
        assert_eq!(due, all);
    });
}

#[test]
fn names_and_reasons_go_up_to_their_bounds() {
    on_each_engine(async |engine| {
        let mine = own(&engine.store(), lane()).await;
        let longest = name(&"é".repeat(NAME_LIMIT_BYTES / 2));
        let new = NewEvent {
            source: longest.clone(),
            kind: name(&"k".repeat(NAME_LIMIT_BYTES)),
            ..keyed("a")
        };
        append(&engine.store(), &mine, vec![new.clone()]).await;
        let reason = Reason::new(&"é".repeat(500));
        let step = excepted(vec![Exception {
            reason: reason.clone(),
            attempts: u32::MAX,
            ..exception(0, State::Dead)
        }]);
        let events = engine.store().events();
        events.advance(&mine, &longest, step.clone()).await.unwrap();
        drop(events);
        engine.reopen(Ending::Dropped).await;
        let read = read_all(&engine.store(), &mine).await;
        assert_eq!((&read[0].source, &read[0].kind), (&new.source, &new.kind));
        let events = engine.store().events();
        let all = events.exceptions(lane(), &longest, at(0), 9).await.unwrap();
        assert_eq!(all, step.exceptions);
        assert_eq!(all[0].reason.as_str().len(), 200);
    });
}

#[test]
fn empty_bodies_are_bodies() {
    on_each_engine(async |engine| {
        let mine = own(&engine.store(), lane()).await;
        append(&engine.store(), &mine, vec![event(""); 3]).await;
        engine.reopen(Ending::Closed).await;
        let read = read_all(&engine.store(), &mine).await;
        assert_eq!(read.len(), 3);
        assert!(
            read.iter()
                .all(|of| of.body.is_empty() && of.meta.is_empty())
        );
    });
}

#[test]
fn a_body_goes_up_to_the_bound_of_a_batch() {
    on_each_engine(async |engine| {
        let mine = own(&engine.store(), lane()).await;
        let around = FIXED_BYTES + "stripe".len() + "invoice.paid".len();
        let largest = "x".repeat(BATCH_LIMIT_BYTES - around);
        let over = event(&format!("{largest}x"));
        let refused = Batch::new(vec![over]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "16777217 bytes are to be stored at once; the most is 16777216"
        );
        for number in 0..5 {
            let mut one = event(&largest);
            one.order = Some(number);
            append(&engine.store(), &mine, vec![one]).await;
            append(&engine.store(), &mine, vec![event("small")]).await;
        }
        engine.reopen(Ending::Dropped).await;
        let limit = ReadLimit { count: 1, bytes: 1 };
        for number in 0..5 {
            let events = engine.store().events();
            let read = events.read(&mine, at(2 * number), limit).await.unwrap();
            assert_eq!(read[0].order, Some(number));
            assert!(read[0].body == largest.as_bytes());
            let read = events.read(&mine, at(2 * number + 1), limit).await.unwrap();
            assert_eq!(bodies(&read), ["small"]);
        }
    });
}

#[test]
fn keys_go_up_to_their_bound_and_count_for_a_batch() {
    on_each(async |store| {
        let mine = own(&store, lane()).await;
        let long = |last: char| {
            let key = format!("{}{last}", "k".repeat(KEY_LIMIT_BYTES - 1));
            NewEvent {
                key: Some(Bytes::from(key)),
                ..event("")
            }
        };
        let appended = append(&store, &mine, vec![long('a'), long('b'), long('a')]).await;
        assert_eq!(told(&appended), [(0, false), (1, false), (0, true)]);
        assert!(Batch::new(vec![long('a'); 255]).is_ok());
        assert!(Batch::new(vec![long('a'); 256]).is_err());
    });
}

#[test]
fn a_batch_has_up_to_512_events() {
    on_each_engine(async |engine| {
        let mine = own(&engine.store(), lane()).await;
        assert!(Batch::new(vec![event("x"); BATCH_COUNT_LIMIT + 1]).is_err());
        assert!(Batch::new(Vec::new()).is_err());
        let all: Vec<_> = (0..BATCH_COUNT_LIMIT)
            .map(|number| keyed(&number.to_string()))
            .collect();
        for round in 0..3 {
            let appended = append(&engine.store(), &mine, all.clone()).await;
            let expected: Vec<_> = (0..512).map(|number| (number, round > 0)).collect();
            assert_eq!(told(&appended), expected);
            engine.reopen(Ending::Dropped).await;
        }
        assert_eq!(
            read_all(&engine.store(), &mine).await.len(),
            BATCH_COUNT_LIMIT
        );
    });
}

#[test]
fn many_tasks_append_read_and_advance_at_once() {
    on_each(async |store| {
        const TASKS: u64 = 32;
        const EACH: u64 = 20;
        let mine = own(&store, lane()).await;
        let tasks = (0..TASKS).map(|task| {
            let (store, mine) = (store.clone(), mine.clone());
            tokio::spawn(async move {
                let handler = name(&format!("h{task}"));
                let mut last = None;
                for number in 0..EACH {
                    // Each key comes from two tasks.
                    let key = format!("{}-{number}", task / 2);
                    let appended = append(&store, &mine, vec![keyed(&key), event("more")]).await;
                    let place = appended[1].place;
                    assert!(last.replace(place.position) < Some(place.position));
                    let read = store
                        .events()
                        .read(&mine, place.position, ALL)
                        .await
                        .unwrap();
                    assert_eq!(read[0].place, place);
                    let step = to(place.position.number());
                    store.events().advance(&mine, &handler, step).await.unwrap();
                }
            })
        });
        for done in join_all(tasks).await {
            done.unwrap();
        }
        let read = read_all(&store, &mine).await;
        assert_eq!(read.len() as u64, TASKS * EACH + TASKS / 2 * EACH);
        let positions = read.iter().map(|of| of.place.position.number());
        assert!(positions.eq(0..read.len() as u64));
    });
}
