//! The thread that writes the call log: each second what came, with one wait for the disk.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::damage::Damages;
use super::files::{self, Output};
use super::{
    CALL_QUEUE_LIMIT, CALL_QUEUE_LIMIT_BYTES, CALL_SYNC_INTERVAL, CallCounts, CallPlace, CallRecord,
};
use crate::disk::Disk;
use crate::error::Unavailable;
use crate::numbered;
use crate::time;

/// Bytes from which on records are written before the second is over.
const BATCH_BYTES: usize = 1024 * 1024;

/// Time in which nothing is tried again after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// A call log that is open. Its thread ends when it is dropped, after all that was taken is written.
#[derive(Debug)]
pub(crate) struct CallLog {
    disk: Arc<dyn Disk>,
    queue: Option<SyncSender<Item>>,
    counts: Arc<Counts>,
    damages: Arc<Damages>,
}

#[derive(Debug, Default)]
struct Counts {
    kept: AtomicU64,
    dropped: AtomicU64,
    /// Bytes of records that were taken, and are neither kept nor dropped yet.
    waiting_bytes: AtomicUsize,
}

impl Counts {
    /// Whether there is room for a record, which is taken then.
    fn take_room(&self, bytes: usize) -> bool {
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let has_room = waiting.saturating_add(bytes) <= CALL_QUEUE_LIMIT_BYTES;
        if !has_room {
            self.give_room_back(bytes);
        }
        has_room
    }

    fn give_room_back(&self, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[derive(Debug)]
enum Item {
    Record(Timestamp, Bytes),
    Flush(oneshot::Sender<()>),
}

impl CallLog {
    /// Nothing is written before the first record. Where the system gives no thread, all are dropped.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Self {
        let (mut log, writer, items) = Self::prepare(disk);
        let spawned = thread::Builder::new()
            .name("calls-write".to_owned())
            .spawn(move || writer.run(&items));
        if let Err(error) = spawned {
            tracing::error!("no record of calls is kept: the system gives no thread: {error}");
            log.queue = None;
        }
        log
    }

    /// A log, what writes it, and what is to be written.
    fn prepare(disk: Arc<dyn Disk>) -> (Self, Writer, Receiver<Item>) {
        let counts = Arc::new(Counts::default());
        let (queue, items) = mpsc::sync_channel(CALL_QUEUE_LIMIT);
        let writer = Writer {
            disk: Arc::clone(&disk),
            counts: Arc::clone(&counts),
            output: None,
            failed: None,
        };
        let log = Self {
            disk,
            queue: Some(queue),
            counts,
            damages: Arc::default(),
        };
        (log, writer, items)
    }

    pub(crate) fn record(&self, at: Timestamp, record: Bytes, is_small: bool) -> bool {
        let bytes = record.len();
        let queue = self.queue.as_ref().filter(|_| is_small);
        let is_taken = queue.is_some_and(|queue| {
            self.counts.take_room(bytes)
                && queue
                    .try_send(Item::Record(at, record))
                    .inspect_err(|_| self.counts.give_room_back(bytes))
                    .is_ok()
        });
        if !is_taken {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
        is_taken
    }

    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        let mut item = Item::Flush(done);
        while let Some(queue) = &self.queue {
            match queue.try_send(item) {
                Ok(()) => {
                    // Its end tells as much as its word.
                    let _ = flushed.await;
                    return;
                }
                Err(TrySendError::Full(back)) => {
                    item = back;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }

    pub(crate) fn counts(&self) -> CallCounts {
        CallCounts {
            kept: self.counts.kept.load(Ordering::Relaxed),
            dropped: self.counts.dropped.load(Ordering::Relaxed),
        }
    }

    pub(crate) async fn read(
        &self,
        behind: CallPlace,
        limit: usize,
    ) -> Result<Vec<CallRecord>, Unavailable> {
        let (disk, damages) = (Arc::clone(&self.disk), Arc::clone(&self.damages));
        let path = disk.path(files::FOLDER);
        on_a_thread(path, move || files::read(&disk, &damages, behind, limit)).await
    }
}

/// Takes the oldest files away on a thread of its own. Needs no log that is open, so that looking for
/// what is old begins none.
pub(crate) async fn retain_on_a_thread(
    disk: Arc<dyn Disk>,
    bytes: u64,
    before: Timestamp,
) -> Result<u64, Unavailable> {
    let path = disk.path(files::FOLDER);
    on_a_thread(path, move || retain(&*disk, bytes, before)).await
}

async fn on_a_thread<T: Send + 'static>(
    path: PathBuf,
    act: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Unavailable> {
    let done = tokio::task::spawn_blocking(act).await;
    let done = done.map_err(io::Error::other).and_then(|done| done);
    done.map_err(|error| Unavailable::Calls {
        path,
        source: crate::error::Cause::of(&error),
    })
}

/// Takes files away, but never the newest one: it may be written.
fn retain(disk: &dyn Disk, bytes: u64, before: Timestamp) -> io::Result<u64> {
    let all = files::all(disk)?;
    let begun = all.iter().skip(1).rev().map(|&(number, _)| {
        let file = disk.open(&files::name(number));
        // Of one that is damaged, cannot be read or is gone, those behind it tell.
        let header = file.and_then(|file| files::header(&*file)).ok().flatten();
        header.map(|header| header.time)
    });
    let times = numbered::earliest_behind(begun);
    let oldest = times.first().copied().unwrap_or(i64::MAX);
    let before = time::in_one_step(before.as_microsecond(), oldest);
    let mut left: u64 = all.iter().map(|(_, bytes)| bytes).sum();
    let mut gone = 0;
    for (&(number, size), time) in all.iter().zip(times) {
        if left <= bytes && time >= before {
            break;
        }
        disk.remove(&files::name(number))?;
        left -= size;
        gone += size;
    }
    Ok(gone)
}

struct Writer {
    disk: Arc<dyn Disk>,
    counts: Arc<Counts>,
    output: Option<Output>,
    failed: Option<Instant>,
}

impl Writer {
    fn run(mut self, items: &Receiver<Item>) {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut due: Option<Instant> = None;
        loop {
            let wait = due.map_or(Duration::MAX, |due| {
                due.saturating_duration_since(Instant::now())
            });
            let mut flushed = None;
            let is_over = match items.recv_timeout(wait) {
                Ok(Item::Record(at, record)) => {
                    bytes += record.len();
                    batch.push((at, record));
                    due.get_or_insert_with(|| Instant::now() + CALL_SYNC_INTERVAL);
                    false
                }
                Ok(Item::Flush(done)) => {
                    flushed = Some(done);
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            let is_due = due.is_some_and(|due| due <= Instant::now());
            if is_due || is_over || flushed.is_some() || bytes >= BATCH_BYTES {
                self.write(&batch);
                batch.clear();
                self.counts.give_room_back(bytes);
                (bytes, due) = (0, None);
            }
            if let Some(done) = flushed {
                // Who went away meanwhile does not want to know.
                let _ = done.send(());
            }
            if is_over {
                return;
            }
        }
    }

    fn write(&mut self, batch: &[(Timestamp, Bytes)]) {
        let Some((first, _)) = batch.first() else {
            return;
        };
        let count = batch.len() as u64;
        let is_paused = self.failed.is_some_and(|at| at.elapsed() < PAUSE);
        let written = if is_paused {
            Err(None)
        } else {
            self.try_write(batch, *first).map_err(Some)
        };
        match written {
            Ok(()) => {
                if self.failed.take().is_some() {
                    tracing::info!("records of calls are kept again");
                }
                self.counts.kept.fetch_add(count, Ordering::Relaxed);
            }
            Err(error) => {
                self.counts.dropped.fetch_add(count, Ordering::Relaxed);
                self.output = None;
                if let Some(error) = error {
                    if self.failed.is_none() {
                        tracing::error!(
                            "records of calls cannot be kept in {}: {error}; calls go on without",
                            self.disk.path(files::FOLDER).display()
                        );
                    }
                    self.failed = Some(Instant::now());
                }
            }
        }
    }

    fn try_write(&mut self, batch: &[(Timestamp, Bytes)], first: Timestamp) -> io::Result<()> {
        if self.output.as_ref().is_none_or(Output::is_full) {
            let random = getrandom::u64().map_err(io::Error::other)?;
            let time = first.as_microsecond();
            self.output = Some(Output::begin(&*self.disk, time, random)?);
        }
        match &mut self.output {
            Some(output) => output.write(&*self.disk, batch),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
