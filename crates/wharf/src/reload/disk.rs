//! What a restart and `wharf reload` find in the state folder.
//!
//! A disk may take seconds to say that a text has reached it. It has a task of its own, so that
//! the next change does not wait for it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use wharf_workspace::reload::{Held, Outcome, Running};

use super::accept::{Desk, Refused};
use super::is_same;
use super::kept::Kept;
use super::status::Status;

/// Until what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Writes what is in force, and then tells of it.
pub(crate) struct DiskWatch {
    disk: Disk,
    status: Status,
    pub(super) in_force: watch::Receiver<Arc<Outcome>>,
    /// What was told last.
    told: Running,
}

impl DiskWatch {
    /// Tells of what is in force now, which is not written yet.
    pub(crate) fn new(disk: Disk, status: Status, in_force: watch::Receiver<Arc<Outcome>>) -> Self {
        let told = in_force.borrow().running.clone();
        let watch = Self {
            disk,
            status,
            in_force,
            told,
        };
        watch.tell();
        watch
    }

    pub(super) fn look(&mut self) {
        self.disk.announce();
        // Closed: the last value stays, and the program is about to end.
        let is_new = self.in_force.has_changed().unwrap_or(false);
        let outcome = Arc::clone(&self.in_force.borrow_and_update());
        if !is_new {
            self.disk.heal(&outcome.running, &outcome.held);
            self.status.tell_kept(self.disk.problem());
            return;
        }
        self.disk.keep(&outcome.running);
        self.status.tell_kept(self.disk.problem());
        if !is_same(&self.told, &outcome.running) {
            self.told.clone_from(&outcome.running);
            tracing::info!(
                integrations = outcome.running.len(),
                broken = outcome.broken.len(),
                held = outcome.held.len(),
                "documents reloaded"
            );
        }
        // Whoever reads that something is held finds it with `wharf reload`.
        self.disk.add(&outcome.held);
        self.tell();
        // Last, because `wharf reload` ends with it.
        self.disk.show(&outcome.held);
        self.status.tell_kept(self.disk.problem());
    }

    /// Tells of what is in force.
    fn tell(&self) {
        let outcome = self.in_force.borrow();
        self.status.tell_documents(&outcome);
    }
}

/// Says where commands find this process, unless that is said. It is told whether the state folder is
/// this process's own.
pub(crate) type Announcer = Box<dyn Fn(bool) -> std::io::Result<()> + Send>;

/// What is written into the state folder. A simulation only says where it is found.
#[derive(Default)]
pub(crate) struct Disk {
    /// `None`: nothing is written.
    state: Option<PathBuf>,
    kept: Option<Kept>,
    desk: Option<Desk>,
    /// The lock of the first desk. The offer to take over holds it too, so a folder that comes back
    /// could not be locked anew.
    first_lock: Option<File>,
    /// When the texts in force were last written, or it was tried.
    written: Option<Instant>,
    /// Why texts could not be written.
    unkept: Option<String>,
    /// Why what waits could not be shown.
    unshown: Option<String>,
    /// Says where commands find this process. `None`: they find it nowhere.
    announcer: Option<Announcer>,
    /// Why that could not be said.
    unannounced: Option<String>,
}

impl Disk {
    /// Writes into a state folder that is there. `desk` is `None` where it could not be had, which
    /// the first look tries again.
    pub(crate) fn new(state: &Path, kept: Option<Kept>, desk: Option<Desk>) -> Self {
        Self {
            state: Some(state.to_owned()),
            kept,
            first_lock: desk.as_ref().and_then(|desk| desk.lock().ok()),
            desk,
            ..Self::default()
        }
    }

    /// The same that says where this process is found.
    pub(crate) fn announced(mut self, announcer: Option<Announcer>) -> Self {
        self.announcer = announcer;
        self
    }

    /// What could not be written, and what that means.
    fn problem(&self) -> Option<String> {
        let unkept = self.unkept.clone().or_else(|| self.unshown.clone());
        unkept.or_else(|| self.unannounced.clone())
    }

    /// Says where this process is found, unless that is said.
    fn announce(&mut self) {
        let Some(announce) = &self.announcer else {
            return;
        };
        let is_in_place = || self.desk.as_ref().is_some_and(Desk::is_in_place);
        // A simulation has no place of its own.
        let said = announce(self.state.is_none() || is_in_place());
        self.unannounced = said.err().map(|error| {
            format!(
                "`wharf callers` cannot find this process through the state folder ({error}); check \
                 its disk and permissions"
            )
        });
    }

    /// Keeps the last good texts. A failure is told and does no other harm.
    fn keep(&mut self, running: &Running) {
        self.written = Some(Instant::now());
        let kept = self.kept.as_mut().map_or(Ok(()), |kept| kept.keep(running));
        self.unkept = kept.err().map(|error| error.to_string());
    }

    /// Shows what waits to be accepted.
    fn show(&mut self, held: &[Held]) {
        let shown = self.desk.as_ref().map_or(Ok(()), |desk| desk.show(held));
        self.tell_shown(shown);
    }

    /// Shows what waits beside what waited before.
    fn add(&mut self, held: &[Held]) {
        let shown = self.desk.as_ref().map_or(Ok(()), |desk| desk.add(held));
        self.tell_shown(shown);
    }

    /// Makes up for what others did: the state folder was replaced, another process tidied up, or
    /// the disk was full.
    fn heal(&mut self, running: &Running, held: &[Held]) {
        let Some(state) = &self.state else { return };
        if self.desk.as_ref().is_some_and(Desk::is_in_place) {
            let is_due = self.written.is_none_or(|written| {
                let is_missing = self.unkept.is_some() || self.unshown.is_some();
                is_missing && written.elapsed() >= AGAIN
            });
            if is_due {
                self.keep(running);
                self.show(held);
            }
            if !held.is_empty() {
                self.add(held);
            }
            return;
        }
        self.desk = None;
        // Without the folder, the watch of callers tells.
        if !state.is_dir() {
            return;
        }
        let first_lock = self.first_lock.as_ref();
        let first_lock = first_lock.and_then(|lock| lock.try_clone().ok());
        let first = first_lock.and_then(|lock| Desk::given(state, lock));
        match first.map_or_else(|| Desk::open(state), Ok) {
            Ok(desk) => self.desk = Some(desk),
            Err(Refused::Failed(error)) => return self.tell_shown(Err(error)),
            Err(error) => {
                self.unshown = Some(error.to_string());
                return;
            }
        }
        if let Some(kept) = &mut self.kept {
            kept.forget();
        }
        self.keep(running);
        self.show(held);
    }

    fn tell_shown(&mut self, shown: std::io::Result<()>) {
        self.unshown = shown.err().map(|error| {
            format!(
                "`wharf reload` cannot find this process through the state folder ({error}); check \
                 its disk and permissions"
            )
        });
    }
}
