//! A log that is driven by hand: one thread, one call after another, so that every call of the disk
//! has a number.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::dedupe::Key;
use crate::disk::simulated::SimulatedDisk;
use crate::error::{OpenError, Unavailable};
use crate::events::{
    AdvanceError, AppendError, Appended, Event, NewEvent, OwnedLane, ReadError, ReadLimit, Step,
};
use crate::log::frame::Kind;
use crate::log::group::Change;
use crate::log::retain::{self, Retention};
use crate::log::segment::{DATA_START, Found, Scan, Segment};
use crate::log::state::State;
use crate::log::upkeep::{self, Job};
use crate::log::writer::Writer;
use crate::log::{prepare, read};
use crate::names::{Epoch, LaneId, Name, Position};

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(super) fn lane() -> LaneId {
    LaneId::own(0).unwrap()
}

pub(super) fn event(body: &[u8]) -> NewEvent {
    NewEvent {
        source: name("stripe"),
        kind: name("invoice.paid"),
        key: None,
        order: None,
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        meta: Bytes::from_static(b"meta"),
        body: Bytes::copy_from_slice(body),
    }
}

pub(super) fn keyed(key: &str) -> NewEvent {
    NewEvent {
        key: Some(Bytes::copy_from_slice(key.as_bytes())),
        ..event(key.as_bytes())
    }
}

/// Small, so that much of it can be read often.
pub(super) const SEGMENT_BYTES: u64 = 64 * 1024;

pub(super) struct Hand {
    writer: Writer,
    todo: Receiver<Job>,
}

impl Hand {
    pub(super) fn open(disk: &SimulatedDisk) -> Result<Self, OpenError> {
        Self::with_segments_of(disk, SEGMENT_BYTES)
    }

    pub(super) fn with_segments_of(disk: &SimulatedDisk, bytes: u64) -> Result<Self, OpenError> {
        let (writer, todo, _) = prepare(&(Arc::new(disk.clone()) as _), bytes)?;
        let mut hand = Self { writer, todo };
        hand.keep_up();
        Ok(hand)
    }

    pub(super) fn keep_up(&mut self) {
        while let Ok(job) = self.todo.try_recv() {
            let disk = Arc::clone(&self.writer.shared.disk);
            if let Some(message) = upkeep::carry_out(&*disk, job) {
                self.writer.keep_up(message);
            }
        }
    }

    /// Makes several changes in one group.
    pub(super) fn commit(&mut self, changes: Vec<Change>) {
        // What failed before is tried again at once.
        self.writer.failed = None;
        if let Some(rest) = self.writer.commit(changes) {
            self.writer.settle(rest);
        }
        self.keep_up();
    }

    pub(super) fn append(
        &mut self,
        lane: LaneId,
        epoch: Option<Epoch>,
        events: Vec<NewEvent>,
    ) -> Result<Vec<Appended>, AppendError> {
        let (change, answer) = append(lane, epoch, events);
        self.commit(vec![change]);
        answer.blocking_recv().unwrap()
    }

    pub(super) fn own(&mut self, lane: LaneId) -> Result<OwnedLane, Unavailable> {
        let (answer, owned) = oneshot::channel();
        self.commit(vec![Change::Own { lane, answer }]);
        let epoch = owned.blocking_recv().unwrap()?;
        Ok(OwnedLane { id: lane, epoch })
    }

    pub(super) fn advance(
        &mut self,
        lane: &OwnedLane,
        handler: &Name,
        step: Step,
    ) -> Result<(), AdvanceError> {
        let (answer, advanced) = oneshot::channel();
        self.commit(vec![Change::Advance {
            lane: lane.clone(),
            handler: handler.clone(),
            step,
            answer,
        }]);
        advanced.blocking_recv().unwrap()
    }

    pub(super) fn forget(&mut self, lane: &OwnedLane, handler: &Name) -> Result<bool, ReadError> {
        let (answer, forgotten) = oneshot::channel();
        self.commit(vec![Change::Forget {
            lane: lane.clone(),
            handler: handler.clone(),
            answer,
        }]);
        forgotten.blocking_recv().unwrap()
    }

    /// Takes all segments away but the last, as far as handlers can be passed over them. How many.
    pub(super) fn retain_least(&mut self) -> Result<usize, Unavailable> {
        let least = Retention {
            age: Duration::MAX,
            bytes: 0,
        };
        let shared = Arc::clone(&self.writer.shared);
        let segments = shared.segments();
        let plan = retain::plan(&self.writer.state, &segments, least, Timestamp::MIN);
        if !plan.steps.is_empty() {
            let (answer, passed) = oneshot::channel();
            let steps = plan.steps;
            self.commit(vec![Change::Pass { steps, answer }]);
            passed.blocking_recv().unwrap()?;
        }
        let count = plan.numbers.len();
        for number in &plan.numbers {
            shared.remove_segment(*number);
        }
        self.writer.upkeep.send(Job::Remove(plan.numbers)).unwrap();
        self.keep_up();
        Ok(count)
    }

    pub(super) fn roll(&mut self) -> std::io::Result<()> {
        self.writer.seal();
        let begun = self.writer.begin();
        self.keep_up();
        begun
    }

    pub(super) fn state(&self) -> &State {
        &self.writer.state
    }

    pub(super) fn is_whole(&self) -> bool {
        let damages = &self.writer.shared.damages;
        damages.all().is_empty() && damages.all_missing().is_empty()
    }

    pub(super) fn damages(&self) -> Vec<crate::Damage> {
        self.writer.shared.damages.all()
    }

    /// As upkeep does each second while there is none.
    pub(super) fn look_for_room(&mut self) {
        let disk = Arc::clone(&self.writer.shared.disk);
        let bytes = self.writer.segment_bytes;
        if let Some(message) = upkeep::carry_out(&*disk, Job::Spare(bytes)) {
            self.writer.keep_up(message);
        }
    }

    pub(super) fn missing(&self) -> Vec<(u64, u64)> {
        self.writer.shared.damages.all_missing()
    }

    /// Segments with where they end.
    pub(super) fn segment_ends(&self) -> Vec<(u64, u64)> {
        let segments = self.writer.shared.segments();
        segments.iter().map(|of| (of.number(), of.end())).collect()
    }

    /// All events of all lanes.
    pub(super) fn all_events(&self) -> Vec<Event> {
        let lanes = self.writer.state.lanes.keys();
        lanes
            .flat_map(|&lane| self.events(LaneId::from_number(lane)))
            .collect()
    }

    pub(super) fn segment(&self, number: u64) -> Arc<Segment> {
        self.writer.shared.segment(number).unwrap()
    }

    /// Where the frames of events begin in a segment.
    pub(super) fn event_offsets(&self, number: u64) -> Vec<u64> {
        let segment = self.segment(number);
        let salt = segment.header.salt;
        let mut scan = Scan::new(&*segment.file, salt, DATA_START, segment.end(), 4096);
        let mut offsets = Vec::new();
        while let Some(Found::Frame(seen)) = scan.next().unwrap() {
            if seen.head.kind == Kind::Event {
                offsets.push(seen.offset);
            }
        }
        offsets
    }

    pub(super) fn events(&self, lane: LaneId) -> Vec<Event> {
        let all = ReadLimit {
            count: usize::MAX,
            bytes: usize::MAX,
        };
        read::read(&self.writer.shared, lane, Position::FIRST, all).unwrap()
    }
}

pub(super) fn append(
    lane: LaneId,
    epoch: Option<Epoch>,
    events: Vec<NewEvent>,
) -> (
    Change,
    oneshot::Receiver<Result<Vec<Appended>, AppendError>>,
) {
    let key = |event: &NewEvent| {
        let key = event.key.as_ref();
        key.map(|key| Key::of(event.source.as_str(), key))
    };
    let (answer, appended) = oneshot::channel();
    let change = Change::Append {
        lane,
        epoch,
        events: events
            .into_iter()
            .map(|event| (event.clone(), key(&event)))
            .collect(),
        answer,
    };
    (change, appended)
}
