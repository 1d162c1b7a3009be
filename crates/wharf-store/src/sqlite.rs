//! State in one `SQLite` database in a folder, which several processes may use at once.
//!
//! Two threads hold a connection each: one reads and looks for changes, the other one writes. With
//! a write-ahead log neither waits for the other.

mod allowances;
mod audit;
mod callers;
mod error;
pub(crate) mod inspect;
mod journal;
mod leases;
mod migration;
mod notices;
pub(crate) mod open;
mod reader;
mod sealed;
mod session;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use rusqlite::{Connection, Params, Row};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use self::error::Failure;
use self::reader::Job;
use self::session::Session;
use self::writer::{Waiting, Write};
use crate::condition::Condition;
use crate::error::{OpenError, Unavailable};

/// Most changes that wait for the database, and most questions.
pub const WAITING_LIMIT: usize = 16_384;

/// A database that is open. Its threads end when it is dropped.
///
/// What is asked for stays in their queues although who asked has left, so those have a bound.
pub(crate) struct Sqlite {
    path: PathBuf,
    /// Of changes and of questions that may wait.
    change_places: Arc<Semaphore>,
    question_places: Arc<Semaphore>,
    reads: Sender<Job>,
    writes: Sender<Box<dyn Waiting>>,
    /// Never read; those who watch have one made of it.
    condition: watch::Receiver<Condition>,
    commits: Arc<AtomicU64>,
    /// Has no sender any more when both threads have ended.
    ended: watch::Receiver<()>,
}

/// What the thread that opened the database gives to others.
struct Opened {
    writer: Session,
    condition: watch::Receiver<Condition>,
}

impl Sqlite {
    pub(crate) async fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(open::DATABASE_FILE_NAME);
        let no_thread = |source| OpenError::NoThread {
            path: folder.to_owned(),
            source,
        };
        let (alive, ended) = watch::channel(());
        let alive = Arc::new(alive);
        let (reads, jobs) = mpsc::channel();
        let opened = read_in_a_thread(folder.to_owned(), jobs, Arc::clone(&alive));
        let opened = opened.map_err(no_thread)?.await;
        let stopped = |_| Unavailable::Stopped { path: path.clone() };
        let Opened { writer, condition } = opened.map_err(stopped)??;
        let (writes, waiting) = mpsc::channel();
        let commits = Arc::new(AtomicU64::new(0));
        write_in_a_thread(writer, waiting, reads.clone(), Arc::clone(&commits), alive)
            .map_err(no_thread)?;
        Ok(Self {
            path,
            change_places: Arc::new(Semaphore::new(WAITING_LIMIT)),
            question_places: Arc::new(Semaphore::new(WAITING_LIMIT)),
            reads,
            writes,
            condition,
            commits,
            ended,
        })
    }

    pub(crate) fn is_absent(folder: &Path) -> bool {
        // With a restore that did not end there may be no database yet, and it is not to be taken for
        // an empty folder.
        [open::DATABASE_FILE_NAME, open::RESTORE_FOLDER]
            .iter()
            .all(|name| {
                let looked = folder.join(name).symlink_metadata();
                looked.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
            })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn commit_count(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// A receiver of what is known; the thread looks for changes as long as there is one.
    pub(crate) fn watch(&self) -> watch::Receiver<Condition> {
        let receiver = self.condition.clone();
        // It waits for a job and not for the time yet.
        let _ = self.reads.send(Job::Look);
        receiver
    }

    /// Ends when both threads have ended and the files are closed.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + use<> {
        let mut ended = self.ended.clone();
        async move { while ended.changed().await.is_ok() {} }
    }

    /// Runs statements that change nothing.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let place = self.place(&self.question_places)?;
        let (done, answer) = oneshot::channel();
        let job = move |session: &mut Session| {
            drop(place);
            if !done.is_closed() {
                // Who went away meanwhile does not want to know.
                let _ = done.send(session.read(read));
            }
        };
        self.reads
            .send(Job::Read(Box::new(job)))
            .map_err(|_| self.stopped())?;
        answer.await.map_err(|_| self.stopped())?
    }

    /// Runs statements that change something, in one transaction with those that others wait for.
    ///
    /// It is on disk when this returns. Dropped, the change is made or not.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        make: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let place = self.place(&self.change_places)?;
        let (done, answer) = oneshot::channel();
        let make = move |connection: &Connection| {
            drop(place);
            make(connection)
        };
        self.writes
            .send(Box::new(Write::new(make, done)))
            .map_err(|_| self.stopped())?;
        answer.await.map_err(|_| self.stopped())?
    }

    fn place(&self, of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Unavailable> {
        let place = Arc::clone(of).try_acquire_owned();
        place.map_err(|_| Unavailable::DatabaseBehind {
            path: self.path.clone(),
        })
    }

    pub(crate) fn stopped(&self) -> Unavailable {
        Unavailable::Stopped {
            path: self.path.clone(),
        }
    }
}

/// Runs a query, and makes something of each of its rows.
fn all_rows<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// Opens the database twice on a new thread, which then reads; `alive` is dropped when it ends.
fn read_in_a_thread(
    folder: PathBuf,
    jobs: Receiver<Job>,
    alive: Arc<watch::Sender<()>>,
) -> io::Result<oneshot::Receiver<Result<Opened, OpenError>>> {
    let (opened, answer) = oneshot::channel();
    let open = move || {
        let mut reader = Session::open(&folder)?;
        let writer = reader.beside()?;
        let condition = Condition {
            mark: reader.mark()?,
            problem: None,
        };
        Ok((reader, writer, condition))
    };
    let work = move || {
        match open() {
            Ok((reader, writer, condition)) => {
                let (told, condition) = watch::channel(condition);
                let is_awaited = opened.send(Ok(Opened { writer, condition })).is_ok();
                if is_awaited {
                    reader::run(reader, &jobs, &told);
                }
            }
            // Who went away meanwhile does not want to know.
            Err(error) => drop(opened.send(Err(error))),
        }
        drop(alive);
    };
    thread::Builder::new()
        .name("store-read".to_owned())
        .spawn(work)?;
    Ok(answer)
}

/// Starts the thread that writes; `alive` is dropped when it ends.
fn write_in_a_thread(
    session: Session,
    waiting: Receiver<Box<dyn Waiting>>,
    reader: Sender<Job>,
    commits: Arc<AtomicU64>,
    alive: Arc<watch::Sender<()>>,
) -> io::Result<()> {
    let work = move || {
        writer::run(session, &waiting, &reader, &commits);
        // Before `alive`: the reader ends when nobody can ask it for anything.
        drop(reader);
        drop(alive);
    };
    thread::Builder::new()
        .name("store-write".to_owned())
        .spawn(work)?;
    Ok(())
}

#[cfg(test)]
mod tests;
