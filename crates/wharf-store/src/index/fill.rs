//! The thread that fills books from the log, and makes anew what is wrong.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::book::{self, Found};
use super::shelf::{self, Books, Trouble, of};
use super::{Common, Message};

/// Time between two looks at the log.
const INTERVAL: Duration = Duration::from_millis(250);

/// Time without being done with all, after which lists are said not to be complete.
const LAG: Duration = Duration::from_millis(500);

/// Longest time in which nothing is tried again after trouble.
const PAUSE_LIMIT: Duration = Duration::from_secs(10);

/// What the thread has.
pub(super) struct Filler {
    /// What was found of the folder; none before it was looked at, and after trouble.
    books: Option<Books>,
    /// Books that were read as a whole, or made, by this process.
    verified: BTreeSet<u64>,
    waiting: Vec<oneshot::Sender<bool>>,
    /// When nothing was left to do last.
    complete_at: Instant,
    trouble: Option<(Instant, Duration)>,
    is_told: bool,
    /// The last, so that files are closed before the log's are.
    common: Arc<Common>,
    /// Nobody else may write to books before they are closed.
    _lock: Option<File>,
}

impl Filler {
    pub(super) fn new(common: Arc<Common>, lock: Option<File>) -> Self {
        Self {
            common,
            _lock: lock,
            books: None,
            verified: BTreeSet::new(),
            waiting: Vec::new(),
            complete_at: Instant::now(),
            trouble: None,
            is_told: false,
        }
    }

    /// Keeps books up until it is told to end, or nobody can ask for anything more.
    pub(super) fn run(mut self, inbox: &Receiver<Message>) {
        // The first look is at once.
        let mut message = None;
        loop {
            if let Some(message) = message.take()
                && let Some(closed) = self.take(message)
            {
                self.end();
                // Files are closed before who waits for it hears of it.
                drop(self);
                let _ = closed.send(());
                return;
            }
            message = match inbox.try_recv() {
                Ok(next) => Some(next),
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) if self.work() => match inbox.recv_timeout(INTERVAL) {
                    Ok(next) => Some(next),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                Err(TryRecvError::Empty) => None,
            };
        }
    }

    /// Who waits for the end, where it is to end.
    fn take(&mut self, message: Message) -> Option<oneshot::Sender<()>> {
        match message {
            Message::Listed(done) => self.waiting.push(done),
            Message::Unreadable(book, what) => self.doubt(book, &what),
            Message::Close(done) => return Some(done),
        }
        None
    }

    /// Reads a book again as a whole, from the disk: who looked may have seen one that is no more.
    fn doubt(&mut self, book: u64, what: &str) {
        tracing::debug!("book {book} is read again: {what}");
        self.verified.remove(&book);
        if let Some(books) = &mut self.books {
            books.put_back(book);
        }
    }

    /// Does a part of what there is to do. Whether there is nothing more now.
    fn work(&mut self) -> bool {
        let is_paused = self.trouble.is_some_and(|(at, pause)| at.elapsed() < pause);
        if is_paused {
            self.answer(false);
            return true;
        }
        match self.step() {
            Ok(false) => {
                if self.complete_at.elapsed() > LAG {
                    self.common.is_complete.store(false, Ordering::Relaxed);
                }
                false
            }
            Ok(true) => {
                self.complete_at = Instant::now();
                self.common.is_complete.store(true, Ordering::Relaxed);
                if std::mem::take(&mut self.is_told) {
                    tracing::info!("the list of events is complete again");
                }
                self.answer(true);
                true
            }
            Err(trouble) => {
                self.fail(trouble);
                false
            }
        }
    }

    fn answer(&mut self, is_complete: bool) {
        for waiting in self.waiting.drain(..) {
            // Who went away meanwhile does not want to know.
            let _ = waiting.send(is_complete);
        }
    }

    /// One part: the folder, a batch, or the check of a book. Whether all is done.
    fn step(&mut self) -> Result<bool, Trouble> {
        let Some(books) = &mut self.books else {
            if self.common.log.segments().is_empty() {
                // Nothing was ever stored.
                return Ok(true);
            }
            let (books, made) = shelf::open(&self.common)?;
            self.verified.extend(made);
            self.books = Some(books);
            return Ok(false);
        };
        if !books.batch(&self.common, &mut self.verified)? {
            return Ok(false);
        }
        // What is looked at most is the newest.
        let unverified = |first: &u64| !self.verified.contains(first);
        let Some(first) = books.newest_first().find(unverified) else {
            return Ok(true);
        };
        books
            .book(&self.common, first)?
            .verify()
            .map_err(of(first))?;
        self.verified.insert(first);
        Ok(false)
    }

    /// Throws away what is damaged, and begins again, from what the files say.
    fn fail(&mut self, (book, found): Trouble) {
        self.common.is_complete.store(false, Ordering::Relaxed);
        // Changes that were begun are taken back.
        self.books = None;
        let folder = self.common.folder.display();
        match (found, book) {
            (Found::Damage(what), Some(book)) => {
                let path = self.common.book_path(book);
                tracing::warn!(
                    "{} cannot be used ({what}); it is made anew from the log, and lists of events \
                     are not complete until then",
                    path.display()
                );
                self.is_told = true;
                self.verified.remove(&book);
                let known = &self.common.known;
                let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
                known.books.remove(&book);
                drop(known);
                if let Err(error) = book::remove(&path) {
                    tracing::debug!("{} stays for now: {error}", path.display());
                }
            }
            (Found::Damage(what) | Found::Obstacle(what), _) => {
                if !std::mem::replace(&mut self.is_told, true) {
                    tracing::warn!(
                        "lists of events in {folder} cannot be kept up ({what}); events and \
                         deliveries go on, and so do lists once that is over"
                    );
                }
            }
        }
        let before = self
            .trouble
            .filter(|(at, _)| at.elapsed() < 2 * PAUSE_LIMIT);
        let pause = match before {
            None => Duration::ZERO,
            Some((_, pause)) => (pause * 2).clamp(INTERVAL, PAUSE_LIMIT),
        };
        self.trouble = Some((Instant::now(), pause));
    }

    /// Writes how far all books are, so that less is read at the next start.
    fn end(&mut self) {
        self.answer(false);
        let common = Arc::clone(&self.common);
        if let Some(books) = &mut self.books {
            let ended = books
                .batch(&common, &mut self.verified)
                .and_then(|_| books.bump(&common));
            if let Err((_, found)) = ended {
                tracing::debug!("the index goes on where it was before: {found:?}");
            }
        }
    }
}
