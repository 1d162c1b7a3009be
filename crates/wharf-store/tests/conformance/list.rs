//! Lists of events and attempts: what every engine tells of what was appended and done.

use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;
use wharf_store::{
    Batch, Events, Exception, Filter, LIST_LIMIT, LaneId, ListPosition, Listed, LogLock, Match,
    Name, NewEvent, Outcome, OwnedLane, Page, Paging, Place, Position, Reason, Standing, State,
    Step, Store,
};

use super::{DEADLINE, block_on};

/// Runs a case on a fresh store of each engine.
fn on_each(case: impl AsyncFn(Store)) {
    let folder = TempDir::new().unwrap();
    block_on(async {
        let store = open(&folder).await;
        case(store.clone()).await;
        store.close().await;
        case(Store::in_memory()).await;
    });
}

async fn open(folder: &TempDir) -> Store {
    let store = Store::open(folder.path()).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    // One that was dropped lets the lock go when its threads have ended.
    let lock = loop {
        match LogLock::take(folder.path()).unwrap() {
            Some(lock) => break lock,
            None => assert!(Instant::now() < deadline, "the lock stays taken"),
        }
        tokio::task::yield_now().await;
    };
    store.own_log(lock).await.unwrap();
    store
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn event(source: &str, kind: &str, seconds: i64) -> NewEvent {
    NewEvent {
        source: name(source),
        kind: name(kind),
        key: None,
        order: None,
        at: second(seconds),
        meta: Bytes::from_static(b"meta"),
        body: Bytes::from_static(b"12345"),
    }
}

fn outcome(position: u64, attempt: u32, is_done: bool, seconds: i64) -> Outcome {
    Outcome {
        position: Position::new(position),
        attempt,
        is_done,
        at: second(seconds),
        took: Duration::from_millis(7),
        reason: Reason::new(if is_done { "200" } else { "503" }),
    }
}

fn exception(position: u64, state: State) -> Exception {
    Exception {
        position: Position::new(position),
        state,
        attempts: 1,
        reason: Reason::new("503"),
    }
}

async fn own(store: &Store, node: u16) -> OwnedLane {
    let lane = LaneId::own(node).unwrap();
    let (leases, name) = (store.leases(), name(&format!("lane-{node}")));
    let term = Duration::from_secs(60);
    let lease = leases.acquire(&name, term).await.unwrap().unwrap();
    store.events().own(lane, &lease).await.unwrap()
}

async fn append(events: &Events, lane: &OwnedLane, new: Vec<NewEvent>) -> Vec<Place> {
    let appended = events.append(lane, Batch::new(new).unwrap()).await.unwrap();
    appended.into_iter().map(|of| of.place).collect()
}

/// Waits until the list has all.
async fn listed(events: &Events) {
    let deadline = Instant::now() + DEADLINE;
    while !events.listed().await.unwrap() {
        assert!(Instant::now() < deadline, "the list is never complete");
        tokio::task::yield_now().await;
    }
}

const WHOLE: Paging = Paging {
    behind: None,
    limit: LIST_LIMIT,
};

async fn page(events: &Events, filter: &Filter) -> Page {
    listed(events).await;
    let page = events.list(filter, WHOLE).await.unwrap();
    assert!(page.is_complete);
    page
}

async fn positions(events: &Events, filter: &Filter) -> Vec<u64> {
    let page = page(events, filter).await;
    let position = |of: &Listed| of.place.position.number();
    page.events.iter().map(position).collect()
}

#[test]
fn a_list_of_nothing_is_empty_and_complete() {
    on_each(async |store| {
        let page = page(&store.events(), &Filter::default()).await;
        assert_eq!((page.events, page.next), (vec![], None));
        let nowhere = "64-9".parse().unwrap();
        assert_eq!(store.events().attempts(nowhere).await.unwrap(), []);
    });
}

#[test]
fn the_newest_event_is_first_whenever_it_was_appended() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        let new = [5, 9, 7, 9].map(|at| event("stripe", "invoice.paid", at));
        append(&events, &lane, new.to_vec()).await;
        assert_eq!(positions(&events, &Filter::default()).await, [3, 1, 2, 0]);
        let page = page(&events, &Filter::default()).await;
        let first = &page.events[0];
        assert_eq!(first.place.to_string(), "64-3");
        assert_eq!(first.at, second(9));
        assert_eq!(first.source, name("stripe"));
        assert_eq!(first.kind, name("invoice.paid"));
        assert_eq!(first.body_bytes, 5);
        assert_eq!(first.results, []);
    });
}

#[test]
fn an_acknowledged_event_and_outcome_are_in_the_list_within_a_second() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        listed(&events).await;
        for round in 0..3 {
            append(&events, &lane, vec![event("s", "k", round)]).await;
            let position = u64::try_from(round).unwrap();
            let step = Step {
                outcomes: vec![outcome(position, 1, true, 50)],
                ..Step::default()
            };
            events.advance(&lane, &name("h"), step).await.unwrap();
            let acknowledged = Instant::now();
            let place = Place {
                lane: lane.id(),
                position: Position::new(position),
            };
            let filter = Filter {
                place: Some(place),
                ..Filter::default()
            };
            loop {
                let page = events.list(&filter, WHOLE).await.unwrap();
                if page
                    .events
                    .first()
                    .is_some_and(|of| of.attempt_count() == 1)
                {
                    break;
                }
                assert!(acknowledged.elapsed() < Duration::from_secs(1));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    });
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of filters")]
fn filters_hold_together() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        let other = own(&store, 1).await;
        let new = vec![
            event("stripe", "invoice.paid", 10),
            event("stripe", "invoice.voided", 20),
            event("stripe-eu", "charge", 30),
            event("github", "push", 40),
        ];
        append(&events, &lane, new).await;
        append(&events, &other, vec![event("github", "push", 50)]).await;
        let is = |text| Some(Match::Is(name(text)));
        let starts = |text| Some(Match::StartsWith(name(text)));
        let none = Filter::default;
        for (filter, expected) in [
            (
                Filter {
                    lane: Some(lane.id()),
                    ..none()
                },
                vec![3, 2, 1, 0],
            ),
            (
                Filter {
                    source: is("stripe"),
                    ..none()
                },
                vec![1, 0],
            ),
            (
                Filter {
                    source: starts("stripe"),
                    ..none()
                },
                vec![2, 1, 0],
            ),
            (
                Filter {
                    source: is("strip"),
                    ..none()
                },
                vec![],
            ),
            (
                Filter {
                    source: starts("%"),
                    ..none()
                },
                vec![],
            ),
            (
                Filter {
                    kind: starts("invoice."),
                    ..none()
                },
                vec![1, 0],
            ),
            (
                Filter {
                    kind: is("push"),
                    ..none()
                },
                vec![0, 3],
            ),
            (
                Filter {
                    since: Some(second(20)),
                    until: Some(second(40)),
                    ..none()
                },
                vec![2, 1],
            ),
            (
                Filter {
                    since: Some("1970-01-01T00:00:20.0000001Z".parse().unwrap()),
                    until: Some("1970-01-01T00:00:40.0000001Z".parse().unwrap()),
                    ..none()
                },
                vec![3, 2],
            ),
            (
                Filter {
                    place: Some("64-2".parse().unwrap()),
                    ..none()
                },
                vec![2],
            ),
            (
                Filter {
                    place: Some("64-2".parse().unwrap()),
                    kind: is("push"),
                    ..none()
                },
                vec![],
            ),
            (
                Filter {
                    place: Some("64-7".parse().unwrap()),
                    ..none()
                },
                vec![],
            ),
            (
                Filter {
                    kind: starts("invoice."),
                    since: Some(second(15)),
                    ..none()
                },
                vec![1],
            ),
        ] {
            assert_eq!(positions(&events, &filter).await, expected, "{filter:?}");
        }
    });
}

#[test]
fn an_event_stands_with_each_handler_in_one_way() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        append(&events, &lane, vec![event("s", "k", 1); 8]).await;
        let (one, two) = (name("one"), name("two"));
        let step = Step {
            cursor: Some(Position::new(5)),
            outcomes: vec![
                outcome(0, 1, true, 10),
                outcome(1, 1, false, 10),
                outcome(2, 1, false, 10),
                outcome(5, 1, false, 10),
                outcome(6, 1, true, 10),
            ],
            exceptions: vec![
                exception(1, State::Due(second(60))),
                exception(2, State::Dead),
                exception(3, State::Behind),
            ],
            ..Step::default()
        };
        events.advance(&lane, &one, step).await.unwrap();
        events.advance(&lane, &two, Step::default()).await.unwrap();
        let standing = async |handler: &Name, standing| {
            let filter = Filter {
                standing: Some((handler.clone(), standing)),
                ..Filter::default()
            };
            positions(&events, &filter).await
        };
        assert_eq!(standing(&one, Standing::Delivered).await, [6, 4, 0]);
        assert_eq!(standing(&one, Standing::Retrying).await, [1]);
        assert_eq!(standing(&one, Standing::Dead).await, [2]);
        assert_eq!(standing(&one, Standing::Open).await, [7, 3]);
        assert_eq!(standing(&one, Standing::Failed).await, [5]);
        assert_eq!(standing(&two, Standing::Open).await.len(), 8);
        assert_eq!(standing(&name("three"), Standing::Open).await, [0; 0]);
        let page = page(&events, &Filter::default()).await;
        let of = |position: usize| &page.events[7 - position].results;
        let results: Vec<_> = of(1).iter().map(|of| (&of.handler, of.standing)).collect();
        assert_eq!(
            results,
            [(&one, Standing::Retrying), (&two, Standing::Open)]
        );
        assert_eq!(of(1)[0].last, Some(outcome(1, 1, false, 10)));
        assert_eq!(
            of(1)[0].exception,
            Some(exception(1, State::Due(second(60))))
        );
        assert_eq!((of(1)[0].attempt_count, of(1)[1].attempt_count), (1, 0));
    });
}

#[test]
fn nothing_stands_with_a_handler_that_is_forgotten() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        append(&events, &lane, vec![event("s", "k", 1); 3]).await;
        let (gone, kept) = (name("gone"), name("kept"));
        let step = Step {
            cursor: Some(Position::new(2)),
            outcomes: vec![outcome(0, 1, false, 10)],
            exceptions: vec![exception(0, State::Dead)],
            ..Step::default()
        };
        events.advance(&lane, &gone, step.clone()).await.unwrap();
        events.advance(&lane, &kept, step).await.unwrap();
        listed(&events).await;
        assert!(events.forget(&lane, &gone).await.unwrap());
        let handlers = async || {
            let all = page(&events, &Filter::default()).await.events;
            let of = all
                .into_iter()
                .find(|of| of.place.position == Position::FIRST);
            let results = of.unwrap().results.into_iter();
            results
                .map(|of| (of.handler, of.standing))
                .collect::<Vec<_>>()
        };
        assert_eq!(handlers().await, [(kept.clone(), Standing::Dead)]);
        let place = Place {
            lane: lane.id(),
            position: Position::FIRST,
        };
        assert_eq!(events.attempts(place).await.unwrap().len(), 2);
        // What it had is not there again with its name.
        events.advance(&lane, &gone, Step::default()).await.unwrap();
        assert_eq!(
            handlers().await,
            [(gone, Standing::Failed), (kept, Standing::Dead)]
        );
    });
}

#[test]
fn what_is_done_by_hand_changes_how_an_event_stands() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        append(&events, &lane, vec![event("s", "k", 1)]).await;
        let handler = name("h");
        let exceptional = |state| Step {
            cursor: Some(Position::new(1)),
            exceptions: vec![exception(0, state)],
            ..Step::default()
        };
        let settled = Step {
            settled: vec![Position::FIRST],
            ..Step::default()
        };
        for (step, expected) in [
            (exceptional(State::Due(second(9))), Standing::Retrying),
            (exceptional(State::Dead), Standing::Dead),
            (exceptional(State::Due(second(10))), Standing::Retrying),
            (settled, Standing::Delivered),
            (exceptional(State::Behind), Standing::Open),
        ] {
            events.advance(&lane, &handler, step).await.unwrap();
            let page = page(&events, &Filter::default()).await;
            assert_eq!(page.events[0].results[0].standing, expected);
        }
    });
}

#[test]
fn attempts_are_told_in_order_and_once() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        let places = append(&events, &lane, vec![event("s", "k", 1); 2]).await;
        let (one, two) = (name("one"), name("two"));
        let step = |outcomes| Step {
            outcomes,
            ..Step::default()
        };
        let second_one = step(vec![outcome(0, 2, true, 30), outcome(1, 1, true, 30)]);
        events
            .advance(&lane, &one, second_one.clone())
            .await
            .unwrap();
        events.advance(&lane, &one, second_one).await.unwrap();
        let early = step(vec![outcome(0, 1, false, 10)]);
        events.advance(&lane, &one, early).await.unwrap();
        let of_two = step(vec![outcome(0, 1, false, 20)]);
        events.advance(&lane, &two, of_two).await.unwrap();
        listed(&events).await;
        let attempts = events.attempts(places[0]).await.unwrap();
        let told: Vec<_> = attempts
            .iter()
            .map(|of| (&of.handler, of.outcome.clone()))
            .collect();
        let expected = [
            (&one, outcome(0, 1, false, 10)),
            (&two, outcome(0, 1, false, 20)),
            (&one, outcome(0, 2, true, 30)),
        ];
        assert_eq!(told, expected);
        let page = page(&events, &Filter::default()).await;
        assert_eq!(page.events[1].attempt_count(), 3);
        assert_eq!(
            page.events[1].results[0].last,
            Some(outcome(0, 2, true, 30))
        );
    });
}

#[test]
fn pages_tell_each_event_once_while_more_come() {
    on_each(async |store| {
        let (lane, events) = (own(&store, 0).await, store.events());
        // Many of one time, so that a page ends among them.
        let new = (0..40).map(|n| event("s", "k", 100 + n / 8)).collect();
        append(&events, &lane, new).await;
        listed(&events).await;
        let mut seen = Vec::new();
        let mut behind: Option<ListPosition> = None;
        loop {
            let paging = Paging { behind, limit: 7 };
            let page = events.list(&Filter::default(), paging).await.unwrap();
            assert!(page.events.len() <= 7);
            seen.extend(page.events.iter().map(|of| of.place.position.number()));
            let Some(next) = page.next else { break };
            // As a person would give it back.
            behind = Some(next.to_string().parse().unwrap());
            append(&events, &lane, vec![event("s", "k", 900)]).await;
            listed(&events).await;
        }
        assert_eq!(seen, (0..40).rev().collect::<Vec<_>>());
        let none = Paging {
            behind: None,
            limit: 0,
        };
        let page = events.list(&Filter::default(), none).await.unwrap();
        assert_eq!(page.events.len(), 1);
    });
}

/// Something that is done with events.
#[derive(Clone, Debug)]
enum Deed {
    Append(u16, Vec<(u8, i64)>),
    Step(u16, u8, u64, Vec<(u64, u8)>),
    Forget(u16, u8),
    Reopen,
}

fn deed() -> impl Strategy<Value = Deed> {
    let lane = || 0..2_u16;
    prop_oneof![
        4 => (lane(), prop::collection::vec((0..3_u8, -9..9_i64), 1..5))
            .prop_map(|(lane, events)| Deed::Append(lane, events)),
        4 => (lane(), 0..2_u8, 0..12_u64, prop::collection::vec((0..12_u64, 0..6_u8), 0..4))
            .prop_map(|(lane, handler, to, all)| Deed::Step(lane, handler, to, all)),
        1 => (lane(), 0..2_u8).prop_map(|(lane, handler)| Deed::Forget(lane, handler)),
        1 => Just(Deed::Reopen),
    ]
}

fn step(to: u64, all: &[(u64, u8)]) -> Step {
    let mut step = Step {
        cursor: (to > 5).then(|| Position::new(to)),
        ..Step::default()
    };
    for &(position, what) in all {
        match what {
            0 => step.exceptions.push(exception(position, State::Dead)),
            1 => step.exceptions.push(exception(position, State::Behind)),
            2 => step
                .exceptions
                .push(exception(position, State::Due(second(5)))),
            3 => step.settled.push(Position::new(position)),
            _ => {
                let at = i64::try_from(position).unwrap();
                step.outcomes
                    .push(outcome(position, 1 + u32::from(what), what == 4, at));
            }
        }
    }
    step
}

const STANDINGS: [Standing; 5] = [
    Standing::Delivered,
    Standing::Failed,
    Standing::Retrying,
    Standing::Dead,
    Standing::Open,
];

fn filters() -> Vec<Filter> {
    let mut filters = vec![
        Filter::default(),
        Filter {
            kind: Some(Match::StartsWith(name("k"))),
            source: Some(Match::Is(name("s1"))),
            until: Some(second(4)),
            ..Filter::default()
        },
    ];
    for standing in STANDINGS {
        filters.push(Filter {
            standing: Some((name("h0"), standing)),
            ..Filter::default()
        });
    }
    filters
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn engines_list_the_same_whatever_was_done(deeds in prop::collection::vec(deed(), 1..40)) {
        let folder = TempDir::new().unwrap();
        block_on(async {
            let (mut store, model) = (open(&folder).await, Store::in_memory());
            let mut lanes = Vec::new();
            for node in 0..2 {
                let lane = own(&store, node).await;
                assert_eq!(lane, own(&model, node).await);
                lanes.push(lane);
            }
            for deed in &deeds {
                match deed {
                    Deed::Append(lane, new) => {
                        let new: Vec<_> = new
                            .iter()
                            .map(|(of, at)| event(&format!("s{of}"), &format!("k{of}"), *at))
                            .collect();
                        let lane = &lanes[usize::from(*lane)];
                        append(&store.events(), lane, new.clone()).await;
                        append(&model.events(), lane, new).await;
                    }
                    Deed::Step(lane, handler, to, all) => {
                        let (lane, step) = (&lanes[usize::from(*lane)], step(*to, all));
                        let handler = name(&format!("h{handler}"));
                        let one = store.events().advance(lane, &handler, step.clone()).await;
                        let other = model.events().advance(lane, &handler, step).await;
                        prop_assert_eq!(one.is_ok(), other.is_ok());
                    }
                    Deed::Forget(lane, handler) => {
                        let lane = &lanes[usize::from(*lane)];
                        let handler = name(&format!("h{handler}"));
                        let one = store.events().forget(lane, &handler).await.unwrap();
                        let other = model.events().forget(lane, &handler).await.unwrap();
                        prop_assert_eq!(one, other);
                    }
                    Deed::Reopen => {
                        store.close().await;
                        store = open(&folder).await;
                    }
                }
            }
            for filter in filters() {
                let expected = page(&model.events(), &filter).await;
                prop_assert_eq!(page(&store.events(), &filter).await, expected.clone());
                for event in expected.events {
                    let told = store.events().attempts(event.place).await.unwrap();
                    prop_assert_eq!(told, model.events().attempts(event.place).await.unwrap());
                }
            }
            store.close().await;
            Ok(())
        })?;
    }
}
