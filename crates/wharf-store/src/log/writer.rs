//! The thread that writes the log: it takes what waits and commits it as one group.
//!
//! A group that fails leaves the segment it was written to: nobody knows what of it is on the disk,
//! and a second wait for the same pages may succeed without them. It is made anew in another segment,
//! which says where the one before ends. Only then is it acknowledged.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::frame::{Group, Head, Kind, salt};
use super::group::{Change, Refusal, Rest, Staged};
use super::keys;
use super::patience::Patience;
use super::payload;
use super::recover;
use super::room::Taken;
use super::segment::{self, DATA_START, Header, Marks, Segment};
use super::shared::{Counts, Shared};
use super::state::State;
use super::upkeep::{self, Job};
use super::waiting::{Wake, Waking};
use super::wire::Put as _;
use crate::dedupe::{Dedupe, Merged, Sealed};
use crate::disk::{DiskFile, Identity};
use crate::error::Unavailable;

/// Most events of one group, so that the first of them is not kept waiting by the rest.
const GROUP_EVENT_LIMIT: usize = 512;

/// Most bytes of one group. One batch may have more.
const GROUP_LIMIT_BYTES: usize = 1024 * 1024;

/// Time in which nothing is tried again after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Most exceptions in one frame of a segment's beginning.
const EXCEPTIONS_OF_A_FRAME: usize = 1_000;

/// Something for the thread to do.
pub(crate) enum Message {
    /// With who is to be woken when it is answered, where its answer does not do that.
    Change(Change, Option<Wake>, Taken),
    /// There is a question.
    Asked,
    /// Another segment can be begun without asking for room.
    Spare,
    /// There is no room for another segment.
    NoRoom(io::Error),
    Sealed(io::Result<Sealed>),
    Merged(io::Result<Merged>),
    /// Ends the log: all that was sent before is written.
    Close(oneshot::Sender<()>),
}

/// What is asked between two groups.
pub(crate) type Question = Box<dyn FnOnce(&mut View<'_>) + Send>;

/// What a question may look at.
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) dedupe: &'a mut Dedupe,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) upkeep: &'a Sender<Job>,
    /// Of the last change.
    pub(crate) time: i64,
}

/// All that the thread has.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) state: State,
    pub(crate) dedupe: Dedupe,
    pub(crate) log: [u8; 16],
    /// The segment before the next one, and where it ends.
    pub(crate) previous: Option<(u64, u64)>,
    /// The file of the lock, which has to stay in its place: who makes another one has that.
    pub(crate) lock: Option<Identity>,
    pub(crate) last_number: u64,
    pub(crate) segment_bytes: u64,
    pub(crate) time: i64,
    pub(crate) current: Option<Current>,
    /// Segments to be taken away once another one says what they say.
    pub(crate) idle: Vec<u64>,
    pub(crate) upkeep: Sender<Job>,
    pub(crate) is_sealing: bool,
    pub(crate) is_merging: bool,
    pub(crate) has_spare: bool,
    /// A spare was asked for, and is not there yet.
    pub(crate) is_spare_asked: bool,
    /// There is no room for one.
    pub(crate) is_full: bool,
    pub(crate) failed: Option<(Instant, Refusal)>,
    /// Behind the end of the last segment may stand what was refused.
    pub(crate) is_untidy: bool,
    pub(crate) buffer: Vec<u8>,
    pub(crate) random: fn() -> io::Result<u64>,
}

/// The segment that is written.
pub(crate) struct Current {
    segment: Arc<Segment>,
    /// Where what was when it began ends.
    start: u64,
    /// Where the next group begins.
    end: u64,
}

impl Writer {
    /// Writes until it is told to end, or nobody can ask for anything more. Who waits for the end.
    pub(crate) fn run(
        mut self,
        inbox: &Receiver<Message>,
        questions: &Receiver<Question>,
    ) -> Option<oneshot::Sender<()>> {
        let mut carried = None;
        let mut closed = None;
        let mut waking = Waking::default();
        let mut patience = Patience::of_this_thread();
        while closed.is_none() {
            let first = match carried.take() {
                Some(message) => message,
                None => match waking.next(inbox) {
                    Some(message) => message,
                    None => break,
                },
            };
            let mut group = Gathered::default();
            self.gather(&mut group, Some(first), inbox);
            while group.is_open() && patience.wait(group.changes.len()) {
                self.gather(&mut group, inbox.try_recv().ok(), inbox);
            }
            (carried, closed) = (group.carried, group.closed);
            let (count, started) = (group.changes.len(), Instant::now());
            let rest = self.commit(group.changes);
            // Who is answered now may come again at once.
            drop(group.taken);
            if count > 0 {
                patience.wrote(count, started.elapsed());
            }
            waking.wake(group.wakes);
            if let Some(rest) = rest {
                self.settle(rest);
            }
            for ask in questions.try_iter() {
                ask(&mut self.view());
            }
        }
        self.seal();
        closed
    }

    /// Takes what waits into a group, as far as it goes.
    fn gather(
        &mut self,
        group: &mut Gathered,
        mut next: Option<Message>,
        inbox: &Receiver<Message>,
    ) {
        while let Some(message) = next.take() {
            match message {
                Message::Change(change, ..) if !change.is_awaited() => {}
                Message::Change(change, wake, taken) if group.has_room_for(&change) => {
                    group.add(change, wake, taken);
                }
                message @ Message::Change(..) => group.carried = Some(message),
                Message::Asked => group.is_asked = true,
                Message::Close(done) => group.closed = Some(done),
                message => self.keep_up(message),
            }
            if group.carried.is_none() && group.closed.is_none() {
                next = inbox.try_recv().ok();
            }
        }
    }

    pub(super) fn view(&mut self) -> View<'_> {
        View {
            refusal: self.refusal(),
            state: &self.state,
            dedupe: &mut self.dedupe,
            upkeep: &self.upkeep,
            time: self.time,
        }
    }

    /// Why nothing is appended now.
    fn refusal(&self) -> Option<Refusal> {
        if self.is_full {
            return Some(Refusal::Full(self.shared.path.clone()));
        }
        let (at, refusal) = self.failed.as_ref()?;
        (at.elapsed() < PAUSE).then(|| refusal.clone())
    }

    pub(super) fn keep_up(&mut self, message: Message) {
        match message {
            Message::Spare => {
                self.has_spare = true;
                self.is_spare_asked = false;
                self.is_full = false;
            }
            // Of other errors nobody knows yet what they mean for the next segment.
            Message::NoRoom(error) => self.is_full = is_full(&error),
            Message::Sealed(sealed) => {
                self.is_sealing = false;
                match sealed {
                    Ok(sealed) => self.dedupe.sealed(sealed),
                    Err(error) => tracing::warn!("keys of events stay in memory: {error}"),
                }
                self.merge();
            }
            Message::Merged(merged) => {
                self.is_merging = false;
                match merged {
                    Ok(merged) => {
                        let removal = self.dedupe.merged(merged);
                        self.ask_upkeep(Job::Forget(removal));
                        self.merge();
                    }
                    // It is tried again when there is one more to merge.
                    Err(error) => tracing::warn!("files of keys are not merged: {error}"),
                }
            }
            Message::Change(..) | Message::Asked | Message::Close(_) => {}
        }
    }

    fn merge(&mut self) {
        if self.is_merging {
            return;
        }
        let times = recover::begin_times(&self.shared.segments());
        let now = keys::milliseconds(recover::settled_time(&times, self.time));
        if let Some(merge) = self.dedupe.merge(now) {
            self.is_merging = true;
            self.ask_upkeep(Job::Merge(merge));
        }
    }

    fn ask_upkeep(&self, job: Job) {
        // Without upkeep the process is at its end.
        let _ = self.upkeep.send(job);
    }

    /// Writes changes, waits for the disk, and answers them. What is left to do for them when who
    /// waits was woken.
    pub(super) fn commit(&mut self, mut changes: Vec<Change>) -> Option<Rest> {
        if self.is_full {
            // What is done with events needs little room, and makes some.
            let full = Refusal::Full(self.shared.path.clone());
            changes = refuse(changes, &full, |change| {
                matches!(change, Change::Append { .. })
            });
        }
        if let Some((at, refusal)) = &self.failed
            && at.elapsed() < PAUSE
        {
            refuse(changes, &refusal.clone(), |_| true);
            return None;
        }
        if changes.is_empty() {
            return None;
        }
        if let Err(error) = keys::make_room(&mut self.dedupe) {
            let refusal = self.why(&error);
            changes = refuse(changes, &refusal, Change::has_keys);
            if changes.is_empty() {
                return None;
            }
        }
        let mut is_again = false;
        loop {
            let error = match self.try_commit(changes) {
                Ok(rest) => {
                    self.failed = None;
                    return Some(rest);
                }
                Err((error, left)) => {
                    changes = left;
                    error
                }
            };
            // A full disk is not tried again: it would be as full.
            if is_again || is_full(&error) {
                let refusal = match self.withdraw(&error) {
                    Ok(()) => self.why(&error),
                    // The last word is that of the disk.
                    Err(error) => Refusal::Unavailable(Unavailable::log_failed(
                        self.shared.path.clone(),
                        &error,
                    )),
                };
                tracing::error!("{}", refusal.unavailable());
                refuse(changes, &refusal, |_| true);
                self.failed = Some((Instant::now(), refusal));
                return None;
            }
            is_again = true;
        }
    }

    fn why(&self, error: &io::Error) -> Refusal {
        let path = self.shared.path.clone();
        if is_full(error) {
            return Refusal::Full(path);
        }
        Refusal::Unavailable(match moved(error) {
            Some(Moved::Segment) => Unavailable::LogMoved { path },
            Some(Moved::Lock) => Unavailable::LogUnlocked { path },
            None => Unavailable::log_failed(path, error),
        })
    }

    /// Gives the changes back where they could not be written; nothing of them counts then.
    fn try_commit(&mut self, changes: Vec<Change>) -> Result<Rest, (io::Error, Vec<Change>)> {
        let bytes: usize = changes.iter().map(Change::bytes).sum();
        if let Err(error) = self.make_room(bytes as u64) {
            return Err((error, changes));
        }
        let Some(current) = &self.current else {
            return Err((io::Error::from(io::ErrorKind::NotFound), changes));
        };
        let (segment, start) = (Arc::clone(&current.segment), current.end);
        let buffer = std::mem::take(&mut self.buffer);
        let (salt, count) = (segment.header.salt, changes.len());
        let mut staged = Staged::new(salt, start, buffer, self.time, count);
        for change in &changes {
            if let Err(error) = staged.add(change, &mut self.state, &self.dedupe) {
                self.buffer = staged.undo(&mut self.state);
                let error = self.mend_keys(error);
                return Err((error, changes));
            }
        }
        if !staged.bytes().is_empty()
            && let Err(error) = self.write(&segment, start, staged.bytes())
        {
            self.buffer = staged.undo(&mut self.state);
            self.leave();
            return Err((error, changes));
        }
        let end = start + staged.bytes().len() as u64;
        self.publish(&segment, end, &staged);
        let (rest, buffer) = staged.answer(changes, segment.number());
        self.buffer = buffer;
        Ok(rest)
    }

    /// Does what is left to do for a group, before another one is staged.
    pub(super) fn settle(&mut self, rest: Rest) {
        rest.settle(&mut self.dedupe);
        self.put_keys_by();
    }

    /// Lets keys be put into files before there are too many in memory.
    fn put_keys_by(&mut self) {
        if !self.is_sealing
            && let Some(seal) = self.dedupe.seal()
        {
            self.is_sealing = true;
            self.ask_upkeep(Job::Seal(seal));
        }
    }

    /// A file of keys is damaged: it is set aside, and its keys are read again from the log, before
    /// anything is taken that it may have held. What is still wrong.
    fn mend_keys(&mut self, error: io::Error) -> io::Error {
        let Some(damage) = crate::dedupe::damage(&error).cloned() else {
            return error;
        };
        tracing::error!("{error}; the keys are read again from the log");
        let mended = self.dedupe.set_aside(&damage).and_then(|_| {
            let current = self
                .current
                .as_ref()
                .map(|current| current.segment.number());
            let mut segments = self.shared.segments();
            segments.retain(|segment| Some(segment.number()) != current);
            recover::read_keys(&segments, &mut self.dedupe, &self.shared.damages, self.time)
        });
        mended.err().unwrap_or(error)
    }

    fn write(&self, segment: &Segment, start: u64, bytes: &[u8]) -> io::Result<()> {
        segment.file.write_at(bytes, start)?;
        segment.file.sync()?;
        let counts = &self.shared.counts;
        Counts::add(&counts.groups, 1);
        Counts::add(&counts.syncs, 1);
        Counts::add(&counts.bytes, bytes.len() as u64);
        self.is_in_place(segment)
    }

    /// A file that was deleted, or whose folder was, takes writes and is gone with the process. Where
    /// the lock is another file, another process may have read all that it is ever going to read.
    fn is_in_place(&self, segment: &Segment) -> io::Result<()> {
        let disk = &self.shared.disk;
        if self.lock.is_some() && disk.identity(super::LOCK)? != self.lock {
            return Err(io::Error::other(Moved::Lock));
        }
        if disk.identity(&segment::name(segment.number()))? == Some(segment.file.identity()?) {
            return Ok(());
        }
        Err(io::Error::other(Moved::Segment))
    }

    fn publish(&mut self, segment: &Segment, end: u64, staged: &Staged) {
        if let Some(current) = &mut self.current {
            current.end = end;
        }
        self.time = staged.time;
        segment.mark(&staged.marks);
        segment.set_end(end);
        let counts = &self.shared.counts;
        Counts::add(&counts.events, staged.event_count);
        Counts::add(&counts.duplicates, staged.duplicate_count);
        let row = |&lane: &u16| (lane, (self.state.head(lane), self.state.epoch(lane)));
        // It is news, which a step is not.
        if !staged.lanes.is_empty() {
            self.shared.set_heads(staged.lanes.iter().map(row));
        }
    }

    /// Takes back what a change that is refused may have left behind the end of the last segment: of
    /// several that were written together, some may stand there whole. Errors: it may be found by the
    /// next process.
    fn withdraw(&mut self, error: &io::Error) -> io::Result<()> {
        // In a folder that was moved away, another process may have read it by now.
        if !self.is_untidy || moved(error).is_some() {
            return Ok(());
        }
        if let Some((number, end)) = self.previous
            && let Some(segment) = self.shared.segment(number)
        {
            segment.file.truncate(end)?;
            segment.file.sync()?;
        }
        self.is_untidy = false;
        Ok(())
    }

    /// Writes no more to the segment that is written: nobody knows what it holds behind its end.
    fn leave(&mut self) {
        self.is_untidy = true;
        if let Some(current) = self.current.take() {
            self.previous = Some((current.segment.number(), current.end));
            self.dedupe.end_segment(current.segment.number());
        }
    }

    /// Sees to it that there is a segment with this much room, in bytes.
    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        if let Some(current) = &self.current {
            let half = self.segment_bytes / 2;
            // What is larger than that makes it longer, so that no change is too large for all. So does
            // what was when it began: another segment would begin with as much.
            let is_for_none = current.end < current.start + half && bytes > half;
            let room = self.segment_bytes.max(current.start + half);
            if current.end + bytes <= room || is_for_none {
                return Ok(());
            }
        }
        self.seal();
        self.begin()
    }

    /// Ends the segment that is written, with an index of it. One without is read through.
    pub(super) fn seal(&mut self) {
        let Some(mut current) = self.current.take() else {
            return;
        };
        let segment = &current.segment;
        let marks = segment.known_marks().map(|marks| marks.all());
        let mut group = Group::new(segment.header.salt, current.end, Vec::new());
        let head = Head {
            kind: Kind::Index,
            has_more: false,
            lane: 0,
            position: 0,
            time: self.time,
        };
        group.add(head, |out| {
            payload::put_index(out, &marks.unwrap_or_default());
            // The frame ends with the eight bytes that say where it begins.
            out.resize(out.len().next_multiple_of(8), 0);
            out.put_u64(current.end);
        });
        let end = group.offset();
        let sealed = self
            .write(segment, current.end, &group.bytes)
            .and_then(|()| segment.file.truncate(end));
        match sealed {
            Ok(()) => {
                segment.set_end(end);
                current.end = end;
                if let Ok(segment) = segment.at_rest(&self.shared.disk) {
                    self.shared.add_segment(Arc::new(segment));
                }
            }
            Err(error) => tracing::debug!(%error, "a segment was left without an index"),
        }
        self.previous = Some((segment.number(), current.end));
        // What it gives is asked for again there.
        let _ = self.dedupe.freeze(segment.number());
        self.put_keys_by();
    }

    /// Begins another segment. After an error there is none, and it can be tried again.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        let disk = Arc::clone(&self.shared.disk);
        if let Some((number, _)) = self.previous
            && let Some(before) = self.shared.segment(number)
        {
            // In another folder of the same name nobody would find it.
            self.is_in_place(&before)?;
        }
        let mut number = self.last_number + 1;
        // Something stands there that was no segment when the log was opened. A folder would not be
        // replaced, and a file that somebody put back must not be.
        while disk.identity(&segment::name(number))?.is_some() {
            number += 1;
        }
        let header = Header {
            log: self.log,
            number,
            salt: salt((self.random)()?),
            previous: self.previous,
            time: self.time,
        };
        let (from, file) = if std::mem::take(&mut self.has_spare) {
            (upkeep::SPARE, disk.open_to_write(upkeep::SPARE)?)
        } else {
            (
                upkeep::NEXT,
                upkeep::make(&*disk, upkeep::NEXT, self.segment_bytes)?,
            )
        };
        let end = self.write_beginning(&*file, header)?;
        let name = segment::name(number);
        disk.rename(from, &name)?;
        // It may be there from now on, whatever the next call says.
        self.last_number = number;
        disk.sync_folder(segment::FOLDER)?;
        // It says where the one before ends.
        self.is_untidy = false;
        let marks = Some(Marks::default());
        let rows = self.state.rows();
        let segment = Arc::new(Segment::new(header, file, end, &rows, marks));
        self.is_in_place(&segment)?;
        self.shared.add_segment(Arc::clone(&segment));
        self.current = Some(Current {
            segment,
            start: end,
            end,
        });
        self.give_room_back();
        // Two would be in each other's way.
        if !std::mem::replace(&mut self.is_spare_asked, true) {
            self.ask_upkeep(Job::Spare(self.segment_bytes));
        }
        Ok(())
    }

    /// Lets go of what the last process had taken: room behind the end of its segment, and a segment
    /// that this one replaces.
    fn give_room_back(&mut self) {
        for number in std::mem::take(&mut self.idle) {
            self.shared.remove_segment(number);
            upkeep::remove(&*self.shared.disk, number);
        }
        if let Some((number, end)) = self.previous
            && let Some(before) = self.shared.segment(number)
            && let Err(error) = before.file.truncate(end)
        {
            tracing::debug!(%error, "the room behind the end of a segment stays taken");
        }
    }

    /// Writes what is now, so that the segment can be understood without those before it. Where it
    /// ends.
    fn write_beginning(&self, file: &dyn DiskFile, header: Header) -> io::Result<u64> {
        file.write_at(&header.to_bytes(), 0)?;
        let mut group = Group::new(header.salt, DATA_START, Vec::new());
        let head = |kind, lane| Head {
            kind,
            has_more: kind != Kind::Begun,
            lane,
            position: 0,
            time: header.time,
        };
        let rows = self.state.rows();
        group.add(head(Kind::Lanes, 0), |out| payload::put_lanes(out, &rows));
        for (&lane, of) in &self.state.lanes {
            for (name, handler) in &of.handlers {
                let mut rest = handler.exceptions.values();
                let mut is_first = true;
                while is_first || rest.len() > 0 {
                    is_first = false;
                    let part: Vec<_> = rest.by_ref().take(EXCEPTIONS_OF_A_FRAME).collect();
                    group.add(head(Kind::Handler, lane), |out| {
                        payload::put_handler(out, name, handler.cursor, &part);
                    });
                    if group.bytes.len() >= GROUP_LIMIT_BYTES {
                        group.write_to(file)?;
                    }
                }
            }
        }
        group.add(head(Kind::Begun, 0), |_| {});
        group.write_to(file)?;
        file.sync()?;
        let counts = &self.shared.counts;
        Counts::add(&counts.syncs, 1);
        Counts::add(&counts.bytes, group.offset());
        Ok(group.offset())
    }
}

/// A file is not where the log is.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Moved {
    #[error("the file is not in its place any more")]
    Segment,
    #[error("the lock is not in its place any more")]
    Lock,
}

fn moved(error: &io::Error) -> Option<Moved> {
    error.get_ref()?.downcast_ref::<Moved>().copied()
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// Refuses those changes that are meant, and gives the others.
fn refuse(
    changes: Vec<Change>,
    refusal: &Refusal,
    is_meant: impl Fn(&Change) -> bool,
) -> Vec<Change> {
    let mut kept = Vec::with_capacity(changes.len());
    for change in changes {
        if is_meant(&change) {
            change.refuse(refusal);
        } else {
            kept.push(change);
        }
    }
    kept
}

/// What waits together.
#[derive(Default)]
struct Gathered {
    changes: Vec<Change>,
    /// Who waits for them.
    wakes: Vec<Wake>,
    events: usize,
    bytes: usize,
    /// The room that they take in the queue, until they are written.
    taken: Vec<Taken>,
    /// Somebody waits for an answer.
    is_asked: bool,
    /// A change that is for the next group.
    carried: Option<Message>,
    /// Who waits for the end.
    closed: Option<oneshot::Sender<()>>,
}

impl Gathered {
    fn has_room_for(&self, change: &Change) -> bool {
        let is_within = self.events + change.events() <= GROUP_EVENT_LIMIT
            && self.bytes + change.bytes() <= GROUP_LIMIT_BYTES
            && self.changes.len() < GROUP_EVENT_LIMIT;
        is_within || self.changes.is_empty()
    }

    /// Whether nobody but those whose changes are in it waits for it.
    fn is_open(&self) -> bool {
        self.carried.is_none() && self.closed.is_none() && !self.is_asked
    }

    fn add(&mut self, change: Change, wake: Option<Wake>, taken: Taken) {
        self.wakes.extend(wake);
        self.taken.push(taken);
        self.events += change.events();
        self.bytes += change.bytes();
        self.changes.push(change);
    }
}
