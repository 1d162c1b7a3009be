//! What a restart and `wharf reload` find in the state folder.
//!
//! A disk may take seconds to say that a text has reached it. It has a task of its own, so that
//! the next change does not wait for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use super::accept::Desk;
use super::documents::{Outcome, Running};
use super::is_same;
use super::kept::Kept;
use super::status::{Held, Status};

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
        // Closed: the last value stays, and the program is about to end.
        let is_new = self.in_force.has_changed().unwrap_or(false);
        let outcome = Arc::clone(&self.in_force.borrow_and_update());
        if !is_new {
            self.disk.heal(&outcome.running, &outcome.held);
            return;
        }
        self.disk.keep(&outcome.running);
        if !is_same(&self.told, &outcome.running) {
            self.told.clone_from(&outcome.running);
            tracing::info!(
                integrations = outcome.running.len(),
                broken = outcome.broken.len(),
                held = outcome.held.len(),
                "documents reloaded"
            );
        }
        self.tell();
        // Last, because `wharf reload` ends with it.
        self.disk.show(&outcome.held);
    }

    /// Tells of what is in force.
    fn tell(&self) {
        let outcome = self.in_force.borrow();
        self.status.tell_documents(&outcome.broken, &outcome.held);
    }
}

/// What is written into the state folder. A simulation writes nothing.
#[derive(Default)]
pub(crate) struct Disk {
    /// `None`: nothing is written.
    state: Option<PathBuf>,
    kept: Option<Kept>,
    desk: Option<Desk>,
    /// The texts that a start has put in force are written.
    has_begun: bool,
    /// The last failure, so that it is told once.
    failure: Option<String>,
}

impl Disk {
    /// Writes into a state folder that is there. `wharf reload` finds the process from now on.
    pub(crate) fn new(state: &Path, kept: Option<Kept>) -> Self {
        Self {
            state: Some(state.to_owned()),
            kept,
            // A failure is told by the first look, which tries again.
            desk: Desk::open(state).ok(),
            ..Self::default()
        }
    }

    /// Keeps the last good texts. A failure is told and does no other harm.
    fn keep(&mut self, running: &Running) {
        self.has_begun = true;
        let kept = self.kept.as_mut().map_or(Ok(()), |kept| kept.keep(running));
        self.tell(kept);
    }

    /// Shows what waits to be accepted.
    fn show(&mut self, held: &[Held]) {
        let shown = self.desk.as_ref().map_or(Ok(()), |desk| desk.show(held));
        self.tell(shown);
    }

    /// Makes up for what others did: the state folder was replaced, or another process tidied up.
    fn heal(&mut self, running: &Running, held: &[Held]) {
        let Some(state) = &self.state else { return };
        if self.desk.as_ref().is_some_and(Desk::is_in_place) {
            if !self.has_begun {
                self.keep(running);
                self.show(held);
            }
            if let Some(desk) = self.desk.as_ref().filter(|_| !held.is_empty()) {
                self.tell(desk.add(held));
            }
            return;
        }
        self.desk = None;
        // Without the folder, the watch of callers tells.
        if !state.is_dir() {
            return;
        }
        match Desk::open(state) {
            Ok(desk) => self.desk = Some(desk),
            Err(error) => return self.tell(Err(error)),
        }
        if let Some(kept) = &mut self.kept {
            kept.forget();
        }
        self.keep(running);
        self.show(held);
    }

    fn tell(&mut self, written: std::io::Result<()>) {
        let failure = written.err().map(|error| error.to_string());
        if failure.is_some() && failure != self.failure {
            tracing::error!(
                "the last good documents cannot be kept in the state folder ({}); after a restart \
                 only documents without an error are served. Check its disk and permissions",
                failure.as_deref().unwrap_or_default()
            );
        }
        if failure.is_some() {
            self.failure = failure;
        }
    }
}
