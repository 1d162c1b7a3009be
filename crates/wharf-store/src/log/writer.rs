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

use super::group::{Change, Refusal, Rest, Staged};
use super::keys;
use super::patience::Patience;
use super::recover;
use super::room::Taken;
use super::segment::{self, Segment};
use super::shared::{Counts, Shared};
use super::state::State;
use super::upkeep::Job;
use super::waiting::{Wake, Waking};
use crate::dedupe::{Dedupe, Merged, Sealed};
use crate::disk::Identity;
use crate::error::Unavailable;

/// Most events of one group, so that the first of them is not kept waiting by the rest.
const GROUP_EVENT_LIMIT: usize = 512;

/// Most bytes of one group. One batch may have more.
pub(super) const GROUP_LIMIT_BYTES: usize = 1024 * 1024;

/// Time in which nothing is tried again after a failure.
const PAUSE: Duration = Duration::from_secs(1);

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
    pub(super) segment: Arc<Segment>,
    /// Where what was when it began ends.
    pub(super) start: u64,
    /// Where the next group begins.
    pub(super) end: u64,
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

    pub(super) fn ask_upkeep(&self, job: Job) {
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
    pub(super) fn put_keys_by(&mut self) {
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

    pub(super) fn write(&self, segment: &Segment, start: u64, bytes: &[u8]) -> io::Result<()> {
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
    pub(super) fn is_in_place(&self, segment: &Segment) -> io::Result<()> {
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
