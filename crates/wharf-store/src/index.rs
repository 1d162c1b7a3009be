//! An index of the log, for lists: what can be made anew at any time.
//!
//! ```text
//! log ──► fill (one thread, reads segments up to what is durable) ──► books ◄── look (lists)
//! ```
//!
//! A book is one file of `SQLite`, with what is known of the events of some segments that follow each
//! other: those that began on one day, and not more than 64 (`plan`). It is named after the first of
//! them, and goes when the last of them has gone. Where it is in the log is written in the same
//! transaction as what was found up to there, so it goes on there after any end. What is wrong with a
//! book is healed by one means: it is thrown away and made anew from the log (`fill`).
//!
//! Cursors of handlers stand in no book. They are read from the segment that the index goes on in,
//! which begins with all of them.
//!
//! Memory: at most 2 MiB of pages for each of 8 open books, 1 MiB of the log (and one event, where it
//! is larger), the names of a book up to 10,000, and the cursors, which the log keeps too.

mod book;
mod fill;
mod look;
mod plan;
mod shelf;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::{io, thread};

use tokio::sync::oneshot;

use self::book::Found;
use self::fill::Filler;
use crate::events::{Attempt, Filter, Page, Paging};
use crate::log::shared::Shared as LogShared;
use crate::names::{Name, Place, Position};

/// The folder of books in the state folder.
const FOLDER: &str = "index";

/// An index that is kept up by a thread of its own, until it is dropped.
#[derive(Debug)]
pub(crate) struct Index {
    common: Arc<Common>,
    messages: Mutex<Sender<Message>>,
}

/// What the thread and those who look have in common.
#[derive(Debug)]
struct Common {
    log: Arc<LogShared>,
    folder: PathBuf,
    /// Held to write while several books and cursors change together, which takes milliseconds.
    known: RwLock<Known>,
    is_complete: AtomicBool,
}

/// How far the index is.
#[derive(Debug, Default)]
struct Known {
    /// By lane and handler.
    cursors: BTreeMap<(u16, Name), Position>,
    /// By the first segment of each.
    books: BTreeMap<u64, Range>,
}

/// Times of the events of a book, the earliest and the latest, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    earliest: i64,
    latest: i64,
}

/// Something for the thread to do.
#[derive(Debug)]
enum Message {
    /// Say when all is in it that is in the log now, and whether it is.
    Listed(oneshot::Sender<bool>),
    /// Somebody could not read a book.
    Unreadable(u64, String),
    Close(oneshot::Sender<()>),
}

impl Index {
    /// Begins to keep an index of a log in a state folder. What is wrong with what is there does not
    /// hinder it. `lock` is held until the thread has ended. Errors: the system gave no thread.
    pub(crate) fn start(
        state: &std::path::Path,
        log: Arc<LogShared>,
        lock: Option<File>,
    ) -> io::Result<Self> {
        let common = Arc::new(Common {
            log,
            folder: state.join(FOLDER),
            known: RwLock::default(),
            is_complete: AtomicBool::new(false),
        });
        let (messages, inbox) = mpsc::channel();
        let filler = Filler::new(Arc::clone(&common), lock);
        thread::Builder::new()
            .name("index".to_owned())
            .spawn(move || filler.run(&inbox))?;
        Ok(Self {
            common,
            messages: Mutex::new(messages),
        })
    }

    /// Writes how far it is, and waits until its files are closed.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        self.send(Message::Close(done));
        // Its end tells as much as its word.
        let _ = closed.await;
    }

    /// Waits until all is in it that is in the log now. Whether it is.
    pub(crate) async fn listed(&self) -> bool {
        let (done, listed) = oneshot::channel();
        self.send(Message::Listed(done));
        listed.await.unwrap_or(false)
    }

    /// A page of a list. What cannot be read is left out, made anew, and the page says so.
    pub(crate) async fn list(&self, filter: &Filter, paging: Paging) -> Page {
        let (common, filter) = (Arc::clone(&self.common), filter.clone());
        let look = move || look::list(&common, &filter, &paging);
        let Ok((mut page, troubles)) = tokio::task::spawn_blocking(look).await else {
            return look::nothing();
        };
        page.is_complete &= self.tell(troubles);
        page
    }

    /// Attempts of one event.
    pub(crate) async fn attempts(&self, place: Place) -> Vec<Attempt> {
        let common = Arc::clone(&self.common);
        let look = move || look::attempts(&common, place);
        let looked = tokio::task::spawn_blocking(look).await;
        let (attempts, troubles) = looked.unwrap_or_default();
        self.tell(troubles);
        attempts
    }

    /// Whether there was no trouble.
    fn tell(&self, troubles: Vec<(u64, Found)>) -> bool {
        let is_fine = troubles.is_empty();
        for (book, found) in troubles {
            // What hinders who looks may be what is open here: a file of it that is gone is seen by
            // nobody who has it.
            let (Found::Damage(what) | Found::Obstacle(what)) = found;
            self.common.is_complete.store(false, Ordering::Relaxed);
            self.send(Message::Unreadable(book, what));
        }
        is_fine
    }

    fn send(&self, message: Message) {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        // Without its thread the index is at its end, and an answer that is waited for never comes.
        let _ = messages.send(message);
    }
}

impl Common {
    fn book_path(&self, first: u64) -> PathBuf {
        self.folder.join(book::name(first))
    }
}

#[cfg(test)]
mod tests;
