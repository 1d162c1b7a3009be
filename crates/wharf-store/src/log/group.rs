//! Changes that wait together, and what becomes of each.

use std::collections::{BTreeSet, HashMap};
use std::io;

use tokio::sync::oneshot;

use super::frame::{Group, Head, Kind};
use super::keys;
use super::payload::{self, Mark};
use super::state::{State, Undo};
use super::wire::Put as _;
use crate::dedupe::{Dedupe, Key};
use crate::error::Unavailable;
use crate::events::{
    AdvanceError, AppendError, Appended, LaneError, NewEvent, OwnedLane, ReadError, Step,
};
use crate::names::{Epoch, LaneId, Name, Place, Position};

/// A change that somebody waits for.
#[derive(Debug)]
pub(crate) enum Change {
    Append {
        lane: LaneId,
        epoch: Option<Epoch>,
        events: Vec<(NewEvent, Option<Key>)>,
        answer: oneshot::Sender<Result<Vec<Appended>, AppendError>>,
    },
    Advance {
        lane: OwnedLane,
        handler: Name,
        step: Step,
        answer: oneshot::Sender<Result<(), AdvanceError>>,
    },
    Own {
        lane: LaneId,
        answer: oneshot::Sender<Result<Epoch, Unavailable>>,
    },
    Forget {
        lane: OwnedLane,
        handler: Name,
        answer: oneshot::Sender<Result<bool, ReadError>>,
    },
    /// Retention passes over what nobody took in time.
    Pass {
        steps: Vec<(u16, Name, Step)>,
        answer: oneshot::Sender<Result<(), Unavailable>>,
    },
}

/// What came of a change, not yet told.
#[derive(Debug)]
enum Outcome {
    Appended(Result<Vec<Appended>, AppendError>),
    Advanced(Result<(), AdvanceError>),
    Owned(Epoch),
    Forgotten(Result<bool, ReadError>),
    Passed,
}

/// Changes as frames, for the place in a segment where they are to stand.
#[derive(Debug)]
pub(crate) struct Staged {
    frames: Group,
    outcomes: Vec<Outcome>,
    undo: Vec<Undo>,
    pub(crate) marks: Vec<Mark>,
    /// Lanes that are other than before.
    pub(crate) lanes: BTreeSet<u16>,
    /// Keys of the events in it.
    keys: HashMap<Key, (Place, u64)>,
    pub(crate) event_count: u64,
    pub(crate) duplicate_count: u64,
    /// Of the last change.
    pub(crate) time: i64,
}

impl Change {
    /// How many bytes its frames have at most.
    pub(crate) fn bytes(&self) -> usize {
        const FRAME: usize = 1024;
        match self {
            Self::Append { events, .. } => {
                let size = |(event, _): &(NewEvent, _)| FRAME + event.meta.len() + event.body.len();
                events.iter().map(size).sum()
            }
            Self::Advance { step, .. } => step_bytes(step),
            Self::Own { .. } | Self::Forget { .. } => FRAME,
            Self::Pass { steps, .. } => steps.iter().map(|(_, _, step)| step_bytes(step)).sum(),
        }
    }

    /// How many events it brings.
    pub(crate) fn events(&self) -> usize {
        match self {
            Self::Append { events, .. } => events.len(),
            _ => 0,
        }
    }

    /// Whether it brings keys that have to be remembered.
    pub(crate) fn has_keys(&self) -> bool {
        match self {
            Self::Append { events, .. } => events.iter().any(|(_, key)| key.is_some()),
            _ => false,
        }
    }

    /// Whether somebody still waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        match self {
            Self::Append { answer, .. } => !answer.is_closed(),
            Self::Advance { answer, .. } => !answer.is_closed(),
            Self::Own { answer, .. } => !answer.is_closed(),
            Self::Forget { answer, .. } => !answer.is_closed(),
            Self::Pass { answer, .. } => !answer.is_closed(),
        }
    }

    /// Tells that it was not made. Who went away meanwhile does not want to know.
    pub(crate) fn refuse(self, why: &Refusal) {
        match self {
            Self::Append { answer, .. } => drop(answer.send(Err(why.of_append()))),
            Self::Advance { answer, .. } => {
                drop(answer.send(Err(AdvanceError::Unavailable(why.unavailable()))));
            }
            Self::Own { answer, .. } => drop(answer.send(Err(why.unavailable()))),
            Self::Forget { answer, .. } => drop(answer.send(Err(why.unavailable().into()))),
            Self::Pass { answer, .. } => drop(answer.send(Err(why.unavailable()))),
        }
    }
}

fn step_bytes(step: &Step) -> usize {
    1024 + 256 * (step.outcomes.len() + step.exceptions.len()) + 8 * step.settled.len()
}

/// Why nothing can be written.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    Full(std::path::PathBuf),
    Unavailable(Unavailable),
}

impl Refusal {
    fn of_append(&self) -> AppendError {
        match self {
            Self::Full(path) => AppendError::Full { path: path.clone() },
            Self::Unavailable(unavailable) => AppendError::Unavailable(unavailable.clone()),
        }
    }

    pub(crate) fn unavailable(&self) -> Unavailable {
        match self {
            Self::Full(path) => Unavailable::DiskFull { path: path.clone() },
            Self::Unavailable(unavailable) => unavailable.clone(),
        }
    }
}

impl Staged {
    /// For frames that begin at `start` of a segment with this salt. `time` is that of the last
    /// change before, `count` how many changes are to come.
    pub(crate) fn new(salt: u64, start: u64, buffer: Vec<u8>, time: i64, count: usize) -> Self {
        Self {
            frames: Group::new(salt, start, buffer),
            outcomes: Vec::with_capacity(count),
            undo: Vec::with_capacity(count),
            marks: Vec::with_capacity(count),
            lanes: BTreeSet::new(),
            keys: HashMap::with_capacity(count),
            event_count: 0,
            duplicate_count: 0,
            time,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.frames.bytes
    }

    /// Makes a change in the state, and frames of it. Errors: a key could not be looked up, and the
    /// change was not made.
    pub(crate) fn add(
        &mut self,
        change: &Change,
        state: &mut State,
        dedupe: &Dedupe,
    ) -> io::Result<()> {
        let outcome = match change {
            Change::Append {
                lane,
                epoch,
                events,
                ..
            } => match self.append(*lane, *epoch, events, state, dedupe) {
                Ok(appended) => Outcome::Appended(Ok(appended)),
                Err(StageError::Lost(lost)) => Outcome::Appended(Err(lost.into())),
                Err(StageError::Keys(error)) => return Err(error),
            },
            Change::Advance {
                lane,
                handler,
                step,
                ..
            } => Outcome::Advanced(
                state
                    .check(lane.id, lane.epoch, handler, step)
                    .map(|()| self.step(lane.id.number(), handler, step, state)),
            ),
            Change::Own { lane, .. } => {
                let epoch = state.epoch(lane.number()).next();
                self.undo.push(state.set_epoch(lane.number(), epoch));
                self.lanes.insert(lane.number());
                let head = self.head(Kind::Own, lane.number());
                self.frames.add(head, |out| out.put_u64(epoch.number()));
                Outcome::Owned(epoch)
            }
            Change::Forget { lane, handler, .. } => Outcome::Forgotten(
                state
                    .holds(lane.id, lane.epoch)
                    .map(|()| self.forget(lane.id.number(), handler, state))
                    .map_err(ReadError::from),
            ),
            Change::Pass { steps, .. } => {
                for (lane, handler, step) in steps {
                    let mut step = step.clone();
                    // It may have gone on meanwhile.
                    let at = state.handler(LaneId::from_number(*lane), handler);
                    let at = at.map(|handler| handler.cursor);
                    step.cursor = step.cursor.max(at);
                    self.step(*lane, handler, &step, state);
                }
                Outcome::Passed
            }
        };
        self.outcomes.push(outcome);
        Ok(())
    }

    fn head(&self, kind: Kind, lane: u16) -> Head {
        Head {
            kind,
            has_more: false,
            lane,
            position: 0,
            time: self.time,
        }
    }

    fn step(&mut self, lane: u16, handler: &Name, step: &Step, state: &mut State) {
        if let Some(last) = step.outcomes.iter().map(|outcome| outcome.at).max() {
            self.time = last.as_microsecond();
        }
        state.take(lane, handler, step, &mut self.undo);
        let head = self.head(Kind::Step, lane);
        self.frames
            .add(head, |out| payload::put_step(out, handler, step));
    }

    /// Whether the handler was there.
    fn forget(&mut self, lane: u16, handler: &Name, state: &mut State) -> bool {
        let Some(undo) = state.forget(lane, handler) else {
            return false;
        };
        self.undo.push(undo);
        let head = self.head(Kind::Forgotten, lane);
        self.frames.add(head, |out| out.put_text(handler.as_str()));
        true
    }

    fn append(
        &mut self,
        lane: LaneId,
        epoch: Option<Epoch>,
        events: &[(NewEvent, Option<Key>)],
        state: &mut State,
        dedupe: &Dedupe,
    ) -> Result<Vec<Appended>, StageError> {
        if let Some(epoch) = epoch {
            state.holds(lane, epoch)?;
        }
        // All keys first: one that cannot be looked up leaves nothing.
        let firsts = self.firsts(events, dedupe)?;
        let number = lane.number();
        let start = state.head(number);
        let mut next = start;
        let new_count = firsts.iter().filter(|first| first.is_none()).count();
        let mut left = new_count;
        let mut answers = Vec::with_capacity(events.len());
        for ((event, key), first) in events.iter().zip(firsts) {
            let place = Place {
                lane,
                position: Position::new(next),
            };
            let first = first.map(|first| match first {
                First::At(place) => place,
                // It was put into this very batch, before this one.
                First::Staged(key) => self.keys.get(&key).map_or(place, |(place, _)| *place),
            });
            if let Some(first) = first {
                self.duplicate_count += 1;
                answers.push(Appended {
                    place: first,
                    is_duplicate: true,
                });
                continue;
            }
            left -= 1;
            let offset = self.frames.offset();
            let head = payload::event_head(event, place, left > 0);
            self.frames
                .add(head, |out| payload::put_event(out, event, key.as_ref()));
            self.marks.push(Mark {
                lane: number,
                position: next,
                offset: u32::try_from(offset).unwrap_or(u32::MAX),
            });
            if let Some(key) = key {
                self.keys
                    .insert(*key, (place, keys::milliseconds(head.time)));
            }
            self.time = head.time;
            next += 1;
            answers.push(Appended {
                place,
                is_duplicate: false,
            });
        }
        self.event_count += next - start;
        self.undo.push(state.set_head(number, next));
        self.lanes.insert(number);
        Ok(answers)
    }

    /// For each event the place of the one that it is a duplicate of.
    fn firsts(
        &self,
        events: &[(NewEvent, Option<Key>)],
        dedupe: &Dedupe,
    ) -> Result<Vec<Option<First>>, StageError> {
        // With what was found for the first of each, which may be a duplicate itself.
        let mut seen: HashMap<Key, Option<Place>> = HashMap::new();
        let mut firsts = Vec::with_capacity(events.len());
        for (_, key) in events {
            let Some(key) = key else {
                firsts.push(None);
                continue;
            };
            if self.keys.contains_key(key) {
                firsts.push(Some(First::Staged(*key)));
            } else if let Some(found) = seen.get(key) {
                firsts.push(Some(found.map_or(First::Staged(*key), First::At)));
            } else {
                // An error does not mean that the key is not there.
                let found = dedupe.find(key).map_err(StageError::Keys)?;
                let found = found.map(keys::named);
                if events.len() > 1 {
                    seen.insert(*key, found);
                }
                firsts.push(found.map(First::At));
            }
        }
        Ok(firsts)
    }

    /// Takes all changes back.
    pub(crate) fn undo(self, state: &mut State) -> Vec<u8> {
        state.undo(self.undo);
        emptied(self.frames.bytes)
    }

    /// The group is on disk: all are answered. What is left of it, and the buffer.
    pub(crate) fn answer(self, changes: Vec<Change>, segment: u64) -> (Rest, Vec<u8>) {
        let mut stored = Vec::with_capacity(changes.len());
        for (change, outcome) in changes.into_iter().zip(self.outcomes) {
            // Who went away meanwhile does not want to know.
            match (change, outcome) {
                (Change::Append { answer, events, .. }, Outcome::Appended(appended)) => {
                    drop(answer.send(appended));
                    stored.push(events);
                }
                (Change::Advance { answer, .. }, Outcome::Advanced(advanced)) => {
                    drop(answer.send(advanced));
                }
                (Change::Own { answer, .. }, Outcome::Owned(epoch)) => {
                    drop(answer.send(Ok(epoch)));
                }
                (Change::Forget { answer, .. }, Outcome::Forgotten(was_there)) => {
                    drop(answer.send(was_there));
                }
                (Change::Pass { answer, .. }, Outcome::Passed) => drop(answer.send(Ok(()))),
                // Dropped unanswered, it says that nobody works any more.
                _ => {}
            }
        }
        let rest = Rest {
            keys: self.keys,
            segment,
            _stored: stored,
        };
        (rest, emptied(self.frames.bytes))
    }
}

/// What is done for a group when all have their answers, and before the next one is staged.
#[derive(Debug)]
#[must_use]
pub(crate) struct Rest {
    keys: HashMap<Key, (Place, u64)>,
    segment: u64,
    /// Freed with this: nobody has to wait for that.
    _stored: Vec<Vec<(NewEvent, Option<Key>)>>,
}

impl Rest {
    /// Notes the keys of what was stored.
    pub(crate) fn settle(self, dedupe: &mut Dedupe) {
        for (key, (place, time)) in self.keys {
            dedupe.insert(key, keys::place(place), time, self.segment);
        }
    }
}

/// Why a batch cannot become frames.
enum StageError {
    Lost(LaneError),
    Keys(io::Error),
}

impl From<LaneError> for StageError {
    fn from(lost: LaneError) -> Self {
        Self::Lost(lost)
    }
}

/// Where the first one with a key is.
enum First {
    At(Place),
    Staged(Key),
}

/// A buffer for the next group, unless a large event has made it larger than most need.
fn emptied(mut buffer: Vec<u8>) -> Vec<u8> {
    const KEPT_BYTES: usize = 2 * 1024 * 1024;
    buffer.clear();
    if buffer.capacity() > KEPT_BYTES {
        buffer = Vec::new();
    }
    buffer
}
