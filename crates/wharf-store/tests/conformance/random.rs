//! Random sequences of what a store is asked for: every engine answers alike, whatever ends between.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use proptest::prelude::*;
use tempfile::TempDir;
use wharf_store::{
    AllowanceKey, Batch, Chunk, Exception, LaneId, Name, NewEvent, Outcome, OwnedLane, Position,
    ReadLimit, Reason, State, Step, Store,
};

use super::engines::open;
use super::events::{ALL, name};
use super::{block_on, second};

#[derive(Clone, Debug)]
enum Op {
    /// In a lane, as one of its owners so far, where there is one.
    Append(u8, u8, Vec<New>),
    AppendShared(u8, Vec<New>),
    Own(u8),
    Advance(u8, u8, u8, Small),
    ForgetHandler(u8, u8, u8),
    Read(u8, u8, u8, u16),
    Event(u8, u8),
    Due(u8, u8, i8, u8),
    Take(u8, u8, u8),
    Settle(u8, u8),
    Forget(u8),
    Close,
    Drop,
    /// Asked for and dropped before it is polled.
    Dropped(u8),
}

#[derive(Clone, Debug)]
struct New {
    source: u8,
    key: Option<u8>,
    order: Option<u8>,
    bytes: u16,
}

#[derive(Clone, Debug)]
struct Small {
    cursor: Option<u8>,
    outcomes: Vec<u8>,
    exceptions: Vec<(u8, u8)>,
    settled: Vec<u8>,
}

fn new() -> impl Strategy<Value = New> {
    let bytes = prop_oneof![4 => 0..80_u16, 1 => 0..20_000_u16];
    let key = prop::option::of(0..12_u8);
    (0..2_u8, key, prop::option::of(any::<u8>()), bytes).prop_map(|(source, key, order, bytes)| {
        New {
            source,
            key,
            order,
            bytes,
        }
    })
}

fn small() -> impl Strategy<Value = Small> {
    let some = || prop::collection::vec(0..24_u8, 0..3);
    let exceptions = prop::collection::vec((0..24_u8, 0..6_u8), 0..4);
    (prop::option::of(0..24_u8), some(), exceptions, some()).prop_map(
        |(cursor, outcomes, exceptions, settled)| Small {
            cursor,
            outcomes,
            exceptions,
            settled,
        },
    )
}

fn op() -> impl Strategy<Value = Op> {
    let lane = || 0..3_u8;
    let news = || prop::collection::vec(new(), 1..5);
    prop_oneof![
        8 => (lane(), 0..4_u8, news()).prop_map(|(lane, owner, new)| Op::Append(lane, owner, new)),
        3 => (lane(), news()).prop_map(|(lane, new)| Op::AppendShared(lane, new)),
        2 => lane().prop_map(Op::Own),
        8 => (lane(), 0..4_u8, 0..3_u8, small())
            .prop_map(|(lane, owner, handler, step)| Op::Advance(lane, owner, handler, step)),
        1 => (lane(), 0..4_u8, 0..3_u8)
            .prop_map(|(lane, owner, handler)| Op::ForgetHandler(lane, owner, handler)),
        3 => (lane(), 0..24_u8, 0..6_u8, 0..400_u16)
            .prop_map(|(lane, from, count, bytes)| Op::Read(lane, from, count, bytes)),
        1 => (lane(), 0..24_u8).prop_map(|(lane, position)| Op::Event(lane, position)),
        2 => (lane(), 0..3_u8, any::<i8>(), 0..5_u8)
            .prop_map(|(lane, handler, now, limit)| Op::Due(lane, handler, now, limit)),
        2 => (0..3_u8, 0..60_u8, 0..30_u8).prop_map(|(period, cap, want)| Op::Take(period, cap, want)),
        2 => (any::<u8>(), 0..30_u8).prop_map(|(chunk, spent)| Op::Settle(chunk, spent)),
        1 => (0..4_u8).prop_map(Op::Forget),
        1 => Just(Op::Close),
        1 => Just(Op::Drop),
        1 => lane().prop_map(Op::Dropped),
    ]
}

/// The first is shared, the others have owners.
fn lane(number: u8) -> LaneId {
    match number {
        0 => LaneId::shared(3),
        number => LaneId::own(number.into()).unwrap(),
    }
}

fn handler(number: u8) -> Name {
    name(&format!("h{number}"))
}

fn key(period: u8) -> AllowanceKey {
    AllowanceKey {
        name: name("money"),
        period: period.into(),
    }
}

fn batch(new: &[New]) -> Batch {
    let event = |new: &New| NewEvent {
        source: name(&format!("source {}", new.source)),
        kind: name("kind"),
        key: new.key.map(|key| Bytes::from(vec![key])),
        order: new.order.map(u64::from),
        at: second(1_700_000_000),
        meta: Bytes::from_static(b"meta"),
        body: Bytes::from(vec![b'x'; new.bytes.into()]),
    };
    Batch::new(new.iter().map(event).collect()).unwrap()
}

fn step(small: &Small) -> Step {
    let outcome = |&position: &u8| Outcome {
        position: Position::new(position.into()),
        attempt: 1,
        is_done: false,
        at: second(1_700_000_001),
        took: Duration::from_millis(3),
        reason: Reason::new("503"),
    };
    let exception = |&(position, state): &(u8, u8)| Exception {
        position: Position::new(position.into()),
        state: match state {
            0 => State::Dead,
            1 => State::Behind,
            at => State::Due(second(i64::from(at) * 10)),
        },
        attempts: state.into(),
        reason: Reason::new("later"),
    };
    Step {
        cursor: small.cursor.map(|cursor| Position::new(cursor.into())),
        outcomes: small.outcomes.iter().map(outcome).collect(),
        exceptions: small.exceptions.iter().map(exception).collect(),
        settled: small
            .settled
            .iter()
            .map(|&at| Position::new(at.into()))
            .collect(),
    }
}

/// One engine, with what its callers have.
struct Side {
    store: Store,
    folder: Option<TempDir>,
    owners: [Vec<OwnedLane>; 3],
    chunks: Vec<Chunk>,
    leases: u32,
}

impl Side {
    fn new(store: Store, folder: Option<TempDir>) -> Self {
        Self {
            store,
            folder,
            owners: Default::default(),
            chunks: Vec::new(),
            leases: 0,
        }
    }

    fn owner(&self, lane: u8, number: u8) -> Option<OwnedLane> {
        let owners = &self.owners[usize::from(lane)];
        // The newest for most numbers.
        let older = usize::from(number.saturating_sub(2));
        owners.iter().rev().nth(older).or(owners.last()).cloned()
    }

    async fn reopen(&mut self, is_closed: bool) {
        let Some(folder) = &self.folder else { return };
        // What takes its place is gone at once.
        let store = std::mem::replace(&mut self.store, Store::in_memory());
        if is_closed {
            store.close().await;
        } else {
            drop(store);
        }
        self.store = open(folder.path()).await;
    }

    /// What it came to, in words that compare.
    async fn taken(&mut self, op: &Op) -> String {
        let events = self.store.events();
        let allowances = self.store.allowances();
        match op {
            Op::Append(of, owner, new) => match self.owner(*of, *owner) {
                Some(mine) => format!("{:?}", events.append(&mine, batch(new)).await),
                None => String::new(),
            },
            Op::AppendShared(of, new) => {
                format!("{:?}", events.append_shared(lane(*of), batch(new)).await)
            }
            Op::Own(of) => {
                self.leases += 1;
                let lease = name(&format!("lease {}", self.leases));
                let term = Duration::from_secs(600);
                let lease = self
                    .store
                    .leases()
                    .acquire(&lease, term)
                    .await
                    .unwrap()
                    .unwrap();
                let owned = events.own(lane(*of), &lease).await.unwrap();
                self.owners[usize::from(*of)].push(owned.clone());
                format!("{owned:?} {:?}", lease.epoch())
            }
            Op::Advance(of, owner, number, small) => match self.owner(*of, *owner) {
                Some(mine) => {
                    let handler = handler(*number);
                    format!("{:?}", events.advance(&mine, &handler, step(small)).await)
                }
                None => String::new(),
            },
            Op::ForgetHandler(of, owner, number) => match self.owner(*of, *owner) {
                Some(mine) => format!("{:?}", events.forget(&mine, &handler(*number)).await),
                None => String::new(),
            },
            Op::Read(of, from, count, bytes) => match self.owner(*of, 3) {
                Some(mine) => {
                    let limit = ReadLimit {
                        count: (*count).into(),
                        bytes: (*bytes).into(),
                    };
                    let from = Position::new((*from).into());
                    format!("{:?}", events.read(&mine, from, limit).await)
                }
                None => String::new(),
            },
            Op::Event(of, position) => {
                let place = wharf_store::Place {
                    lane: lane(*of),
                    position: Position::new((*position).into()),
                };
                format!("{:?}", events.event(place).await)
            }
            Op::Due(of, number, now, limit) => {
                let (handler, now) = (handler(*number), second((*now).into()));
                let due = events.due(lane(*of), &handler, now, (*limit).into()).await;
                format!("{due:?}")
            }
            Op::Take(period, cap, want) => {
                let taken = allowances
                    .take(&key(*period), (*cap).into(), (*want).into())
                    .await;
                let taken = taken.unwrap();
                let units = taken.as_ref().map(Chunk::units);
                self.chunks.extend(taken);
                format!("{units:?}")
            }
            Op::Settle(_, _) if self.chunks.is_empty() => String::new(),
            Op::Settle(chunk, spent) => {
                let chunk = usize::from(*chunk) % self.chunks.len();
                let chunk = self.chunks.swap_remove(chunk);
                allowances.settle(chunk, (*spent).into()).await.unwrap();
                String::new()
            }
            Op::Forget(before) => {
                format!(
                    "{:?}",
                    allowances.forget(&name("money"), (*before).into()).await
                )
            }
            Op::Close | Op::Drop => {
                drop((events, allowances));
                self.reopen(matches!(op, Op::Close)).await;
                String::new()
            }
            Op::Dropped(of) => {
                let one = batch(&[New {
                    source: 0,
                    key: None,
                    order: None,
                    bytes: 1,
                }]);
                drop(events.append_shared(lane(*of), one));
                // And one that is asked for, which is never answered otherwise.
                let asked = events.head(lane(*of)).now_or_never();
                format!("{:?}", asked.unwrap().unwrap())
            }
        }
    }

    /// All that can be read.
    async fn all(&self) -> Vec<String> {
        let events = self.store.events();
        let mut all = Vec::new();
        for of in 0..3 {
            all.push(format!("{:?}", events.head(lane(of)).await));
            if let Some(mine) = self.owners[usize::from(of)].last() {
                all.push(format!(
                    "{:?}",
                    events.read(mine, Position::FIRST, ALL).await
                ));
            }
            for number in 0..3 {
                let handler = handler(number);
                all.push(format!("{:?}", events.cursor(lane(of), &handler).await));
                let listed = events
                    .exceptions(lane(of), &handler, Position::FIRST, 99)
                    .await;
                all.push(format!("{listed:?}"));
                let due = events.due(lane(of), &handler, second(1_000), 99).await;
                all.push(format!("{due:?}"));
            }
        }
        for period in 0..3 {
            let stands = self.store.allowances().look(&key(period)).await;
            all.push(format!("{stands:?}"));
        }
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn engines_agree_on_events_and_allowances(ops in prop::collection::vec(op(), 1..80)) {
        block_on(async {
            let folder = TempDir::new().unwrap();
            let store = open(folder.path()).await;
            let mut embedded = Side::new(store, Some(folder));
            let mut model = Side::new(Store::in_memory(), None);
            // So that there is something to do for most.
            for of in 0..3 {
                let own = Op::Own(of);
                prop_assert_eq!(embedded.taken(&own).await, model.taken(&own).await);
            }
            for (number, op) in ops.iter().enumerate() {
                let expected = model.taken(op).await;
                prop_assert_eq!(embedded.taken(op).await, expected, "{}: {:?}", number, op);
            }
            prop_assert_eq!(embedded.all().await, model.all().await);
            for is_closed in [false, true] {
                embedded.reopen(is_closed).await;
                prop_assert_eq!(embedded.all().await, model.all().await, "closed: {}", is_closed);
            }
            Ok(())
        })?;
    }
}
