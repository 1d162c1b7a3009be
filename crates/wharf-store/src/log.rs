//! The log: events, what came of them, and how far handlers are, in segments on a disk.
//!
//! It is the truth of what it holds. One thread writes it (`writer`), one does what need not be
//! waited for (`upkeep`), and whoever reads does so on a thread of their own.

mod at_rest;
pub(crate) mod damage;
pub(crate) mod frame;
pub(crate) mod fuzzing;
mod group;
mod keys;
mod parts;
mod patience;
pub(crate) mod payload;
mod read;
mod recover;
pub(crate) mod retain;
mod roll;
mod room;
pub(crate) mod segment;
pub(crate) mod shared;
mod state;
pub(crate) mod status;
mod upkeep;
mod waiting;
pub(crate) mod walk;
pub(crate) mod wire;
mod writer;

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use self::group::Change;
use self::recover::Unreadable;
use self::room::Room;
use self::shared::Shared;
use self::upkeep::Job;
use self::waiting::Wake;
use self::writer::{Message, Question, View, Writer};
use crate::dedupe::{Dedupe, Key};
use crate::disk::{Disk, Identity};
use crate::error::{OpenError, Unavailable};
use crate::events::{
    AdvanceError, AppendError, Appended, Batch, Cursor, Event, Exception, LaneError, OwnedLane,
    ReadError, ReadLimit, Step, WAITING_LIMIT_BYTES,
};
use crate::names::{Epoch, LaneId, Name, Position};

/// Files of the folder that are no segments.
const OWN_FILES: [&str; 3] = ["lock", "spare", "next"];

/// The lock on the log, in the state folder.
pub(crate) const LOCK: &str = "log/lock";

/// How long a dedupe key is remembered at least.
pub const DEDUPE_WINDOW: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// A log that is open. Its threads end when it is dropped, behind what was asked for.
///
/// What waits to be written has a bound ([`Room`]). Questions have none of their own: who asks holds
/// what it asks with, so there are no more of them than there are callers.
#[derive(Debug)]
pub(crate) struct Log {
    shared: Arc<Shared>,
    writer: Sender<Message>,
    /// Apart from changes: they are answered behind the group that is written, not behind all that wait.
    questions: Sender<Question>,
    room: Room,
    foreign: Vec<String>,
}

impl Log {
    /// Reads what is there; segments that it begins have this size. Blocks. `lock` is held until the
    /// threads have ended.
    pub(crate) fn with_segments_of(
        disk: Arc<dyn Disk>,
        segment_bytes: u64,
        lock: Option<File>,
    ) -> Result<Self, OpenError> {
        let (mut first, todo, foreign) = prepare(&disk, segment_bytes)?;
        first.lock = lock.as_ref().and_then(|lock| in_place(&*disk, lock));
        let shared = Arc::clone(&first.shared);
        let (writer, inbox) = mpsc::channel();
        let (questions, asked) = mpsc::channel();
        let back = writer.clone();
        let no_thread = |source| OpenError::NoThread {
            path: shared.path.clone(),
            source,
        };
        let upkeep = thread::Builder::new()
            .name("log-upkeep".to_owned())
            .spawn(move || upkeep::run(&disk, &todo, &back))
            .map_err(no_thread)?;
        let write = move || {
            let closed = first.run(&inbox, &asked);
            // Whoever has the lock next is not to meet one of the threads at work.
            let _ = upkeep.join();
            drop(lock);
            if let Some(done) = closed {
                // Who went away meanwhile does not want to know.
                let _ = done.send(());
            }
        };
        thread::Builder::new()
            .name("log-write".to_owned())
            .spawn(write)
            .map_err(no_thread)?;
        Ok(Self {
            shared,
            writer,
            questions,
            room: Room::default(),
            foreign,
        })
    }

    /// What readers look at.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Writes all that was asked for before, ends the last segment, and waits for it.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.writer.send(Message::Close(done)).is_ok() {
            // Its end tells as much as its word.
            let _ = closed.await;
        }
    }

    pub(crate) async fn append(
        &self,
        lane: LaneId,
        epoch: Option<Epoch>,
        batch: Batch,
    ) -> Result<Vec<Appended>, AppendError> {
        let events = batch.into_events().into_iter().map(|event| {
            let key = event.key.as_ref();
            let key = key.map(|key| Key::of(event.source.as_str(), key));
            (event, key)
        });
        let events = events.collect();
        let (answer, appended) = oneshot::channel();
        let (appended, wake) = waiting::answered(appended);
        let change = Change::Append {
            lane,
            epoch,
            events,
            answer,
        };
        self.change(change, Some(wake))?;
        appended.await.map_err(|_| self.stopped())?
    }

    pub(crate) async fn advance(
        &self,
        lane: &OwnedLane,
        handler: &Name,
        step: Step,
    ) -> Result<(), AdvanceError> {
        let (answer, advanced) = oneshot::channel();
        let (advanced, wake) = waiting::answered(advanced);
        let change = Change::Advance {
            lane: lane.clone(),
            handler: handler.clone(),
            step,
            answer,
        };
        self.change(change, Some(wake))?;
        advanced.await.map_err(|_| self.stopped())?
    }

    pub(crate) async fn forget(&self, lane: &OwnedLane, handler: &Name) -> Result<bool, ReadError> {
        let (answer, forgotten) = oneshot::channel();
        let change = Change::Forget {
            lane: lane.clone(),
            handler: handler.clone(),
            answer,
        };
        self.change(change, None)?;
        forgotten.await.map_err(|_| self.stopped())?
    }

    pub(crate) async fn own(&self, lane: LaneId) -> Result<Epoch, Unavailable> {
        let (answer, owned) = oneshot::channel();
        self.change(Change::Own { lane, answer }, None)?;
        owned.await.map_err(|_| self.stopped())?
    }

    /// The position behind the last event of a lane.
    pub(crate) fn head(&self, lane: LaneId) -> Position {
        Position::new(self.shared.head(lane.number()).0)
    }

    pub(crate) fn holds(&self, lane: &OwnedLane) -> Result<(), LaneError> {
        let (_, now) = self.shared.head(lane.id.number());
        if now == lane.epoch {
            return Ok(());
        }
        Err(LaneError {
            lane: lane.id,
            had: lane.epoch,
            now,
        })
    }

    pub(crate) async fn read(
        &self,
        lane: LaneId,
        from: Position,
        limit: ReadLimit,
    ) -> Result<Vec<Event>, Unavailable> {
        let shared = Arc::clone(&self.shared);
        let read = move || {
            read::read(&shared, lane, from, limit)
                .map_err(|error| Unavailable::log_failed(shared.path.clone(), &error))
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|_| self.stopped())?
    }

    pub(crate) async fn cursor(
        &self,
        lane: LaneId,
        handler: &Name,
    ) -> Result<Option<Cursor>, Unavailable> {
        self.ask_of(lane, handler, state::Handler::cursor).await
    }

    pub(crate) async fn due(
        &self,
        lane: LaneId,
        handler: &Name,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Exception>, Unavailable> {
        let due = move |handler: &state::Handler| handler.due(now, limit);
        Ok(self.ask_of(lane, handler, due).await?.unwrap_or_default())
    }

    pub(crate) async fn exceptions(
        &self,
        lane: LaneId,
        handler: &Name,
        from: Position,
        limit: usize,
    ) -> Result<Vec<Exception>, Unavailable> {
        let all = move |handler: &state::Handler| handler.from(from, limit);
        Ok(self.ask_of(lane, handler, all).await?.unwrap_or_default())
    }

    /// Asks the writer of a handler; `None` where there is no such one.
    async fn ask_of<T: Send + 'static>(
        &self,
        lane: LaneId,
        handler: &Name,
        look: impl FnOnce(&state::Handler) -> T + Send + 'static,
    ) -> Result<Option<T>, Unavailable> {
        let handler = handler.clone();
        let of = move |view: &mut View<'_>| view.state.handler(lane, &handler).map(look);
        self.ask(of).await
    }

    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.shared.news.subscribe()
    }

    /// Asks the writer, between two groups: what it looks at is on disk.
    async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut View<'_>) -> T + Send + 'static,
    ) -> Result<T, Unavailable> {
        let (done, answer) = oneshot::channel();
        let ask = move |view: &mut View<'_>| {
            // Who went away meanwhile does not want to know.
            let _ = done.send(look(view));
        };
        self.questions
            .send(Box::new(ask))
            .map_err(|_| self.stopped())?;
        self.send(Message::Asked)?;
        answer.await.map_err(|_| self.stopped())
    }

    /// Queues a change, where there is room for it.
    fn change(&self, change: Change, wake: Option<Wake>) -> Result<(), Unavailable> {
        let taken = self.room.take(&change).map_err(|full| {
            let behind = self.behind();
            if full.is_news {
                tracing::error!("{behind}");
            }
            behind
        })?;
        self.send(Message::Change(change, wake, taken))
    }

    fn send(&self, message: Message) -> Result<(), Unavailable> {
        self.writer.send(message).map_err(|_| self.stopped())
    }

    /// Nobody writes any more: it was closed for another process, or its thread is gone.
    fn stopped(&self) -> Unavailable {
        Unavailable::LogNotOwned { path: self.path() }
    }

    fn behind(&self) -> Unavailable {
        Unavailable::LogBehind {
            path: self.path(),
            limit_bytes: WAITING_LIMIT_BYTES,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.shared.path.clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // The end of this sender is none of the channel: upkeep has another one.
        let (done, _) = oneshot::channel();
        let _ = self.writer.send(Message::Close(done));
    }
}

/// Reads a log: what writes to it, what that asks upkeep for, and files that are none of ours.
fn prepare(
    disk: &Arc<dyn Disk>,
    segment_bytes: u64,
) -> Result<(Writer, Receiver<Job>, Vec<String>), OpenError> {
    let path = disk.path(segment::FOLDER);
    let failed = |error: io::Error| OpenError::Log {
        path: path.clone(),
        source: error,
    };
    disk.make_folder(segment::FOLDER).map_err(failed)?;
    disk.sync_folder("").map_err(failed)?;
    let shared = Arc::new(Shared::new(Arc::clone(disk)));
    let opened = Dedupe::open(Arc::clone(disk), DEDUPE_WINDOW).map_err(failed)?;
    let mut dedupe = opened.dedupe;
    for aside in &opened.damaged {
        tracing::error!(
            "{}; it is in {} now, and its keys are read again from the log",
            aside.damage,
            aside.path.display()
        );
    }
    let sealed = |segment| opened.sealed.contains(segment);
    let recovered = recover::recover(disk, &mut dedupe, &sealed, &shared.damages);
    let mut recovered = recovered.map_err(|unreadable| match unreadable {
        Unreadable::Disk(error) => failed(error),
        Unreadable::Newer { name, format } => OpenError::LogNewer {
            path: disk.path(&name),
            format,
        },
        Unreadable::Mixed { name } => OpenError::LogMixed {
            path: disk.path(&name),
        },
    })?;
    let last_of_keys = dedupe.last_claimed_segment();
    if last_of_keys > recovered.last_number {
        shared
            .damages
            .missing(recovered.last_number + 1, last_of_keys);
        // Its number is not given again: the keys of another one would pass for those of this one.
        recovered.last_number = last_of_keys;
    }
    for name in &recovered.foreign {
        tracing::warn!(
            "{} is none of wharf's files, and is left alone",
            disk.path(&format!("{}/{name}", segment::FOLDER)).display()
        );
    }
    let foreign = recovered.foreign.clone();
    let (writer, todo) = begin(&shared, dedupe, recovered, segment_bytes).map_err(failed)?;
    Ok((writer, todo, foreign))
}

/// What writes behind what was read. It begins a segment with the first change, so a log that nobody
/// uses takes no room.
fn begin(
    shared: &Arc<Shared>,
    dedupe: Dedupe,
    recovered: recover::Recovered,
    segment_bytes: u64,
) -> io::Result<(Writer, Receiver<Job>)> {
    let (jobs, todo) = mpsc::channel();
    for (_, segment) in recovered.segments {
        shared.add_segment(segment);
    }
    let rows = recovered.state.rows();
    let head = |row: &payload::LaneRow| (row.lane, (row.head, Epoch::new(row.epoch)));
    shared.set_heads(rows.iter().map(head));
    let log = match recovered.log {
        Some(log) => log,
        None => new_log()?,
    };
    // What one says that has nothing of its own stands in the one that is begun now, which follows
    // the one before it.
    let previous = recovered.previous.and_then(|(number, end)| {
        let segment = shared.segment(number)?;
        if recovered.idle.contains(&number) {
            segment.header.previous
        } else {
            Some((number, end))
        }
    });
    let writer = Writer {
        shared: Arc::clone(shared),
        state: recovered.state,
        dedupe,
        log,
        previous,
        lock: None,
        last_number: recovered.last_number,
        segment_bytes,
        time: recovered.time,
        current: None,
        idle: recovered.idle,
        upkeep: jobs,
        is_sealing: false,
        is_merging: false,
        has_spare: false,
        is_spare_asked: false,
        is_full: false,
        failed: None,
        is_untidy: false,
        buffer: Vec::new(),
        random: random_number,
    };
    Ok((writer, todo))
}

/// Which file a lock is, where it is the one of this log.
fn in_place(disk: &dyn Disk, lock: &File) -> Option<Identity> {
    let metadata = lock.metadata().ok()?;
    let identity = (metadata.dev(), metadata.ino());
    (disk.identity(LOCK).ok()? == Some(identity)).then_some(identity)
}

fn new_log() -> io::Result<[u8; 16]> {
    let mut log = [0; 16];
    getrandom::fill(&mut log).map_err(io::Error::other)?;
    Ok(log)
}

fn random_number() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

#[cfg(test)]
mod tests;
