//! What `/readyz` and the log say about documents and state: only what is in force.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use wharf_console::{BrokenDocument, HeldDocument, WaitingDocument};
use wharf_policy::bounded::NameError;
use wharf_policy::notice::Notice;
use wharf_workspace::reload::{Broken, Held, Outcome, Pending};

use crate::notices::{self, Teller};

/// The state of the installation as observers see it; clones see the same.
#[derive(Clone, Default)]
pub(crate) struct Status {
    facts: Arc<Mutex<Facts>>,
    teller: Teller,
}

/// Everything that is told at once, so that no observer sees half of a change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Documents that could not be taken as they are.
    pub(crate) broken: Vec<BrokenDocument>,
    /// Changes that wait for somebody to accept them.
    pub(crate) held: Vec<HeldDocument>,
    /// Changes that are decided within moments.
    pub(crate) waiting: Vec<WaitingDocument>,
    /// Why callers and their removal are not known for sure.
    pub(crate) state_problem: Option<String>,
    /// What a restart would not find.
    pub(crate) kept_problem: Option<String>,
    /// A task has failed and looks at its part no longer.
    unwatched: bool,
}

impl Status {
    /// Tells notices too.
    pub(crate) fn telling(teller: Teller) -> Self {
        Self {
            teller,
            ..Self::default()
        }
    }

    /// Everything at this moment.
    pub(crate) fn facts(&self) -> Facts {
        self.lock().clone()
    }

    /// Tells of documents that are in force by now. What was not told before goes to the log, and
    /// so does what holds no longer: an error that is never taken back looks as if it stood.
    ///
    /// What only waits for its file to be still goes to `/readyz` alone: its end is told.
    pub(super) fn tell_documents(&self, outcome: &Outcome) {
        let (broken, held) = (&outcome.broken, &outcome.held);
        let before = {
            let mut facts = self.lock();
            let before = (facts.broken.clone(), facts.held.clone());
            facts.broken = broken.iter().map(told_broken).collect();
            facts.held = held.iter().map(told_held).collect();
            facts.waiting = outcome.pending.iter().map(told_waiting).collect();
            before
        };
        for document in broken {
            if !before.0.contains(&told_broken(document)) {
                log(document);
                self.tell(notices::broken(document, Timestamp::now()));
            }
        }
        for document in held {
            let told = told_held(document);
            if !before.1.contains(&told) {
                tracing::error!(file = told.file, "{}: {}", told.file, told.message);
                self.tell(notices::held(document, Timestamp::now()));
            }
        }
        for file in ended(&before, broken, held) {
            tracing::info!(file, "{file}: is broken or held no longer");
        }
    }

    /// Tells once that the state cannot be relied on, or that it can again.
    pub(super) fn tell_state(&self, problem: Option<String>) {
        let before = {
            let mut facts = self.lock();
            // Nothing is known for sure until a restart.
            if facts.unwatched {
                return;
            }
            std::mem::replace(&mut facts.state_problem, problem.clone())
        };
        if before == problem {
            return;
        }
        if let Some(problem) = problem {
            tracing::error!("{problem}");
        } else {
            tracing::info!("the state database can be used again");
        }
    }

    /// Tells once what a restart would not find in the state folder, or that all is there again.
    pub(super) fn tell_kept(&self, problem: Option<String>) {
        let before = std::mem::replace(&mut self.lock().kept_problem, problem.clone());
        if before == problem {
            return;
        }
        if let Some(problem) = problem {
            tracing::error!("{problem}");
        } else {
            tracing::info!("the state folder has all that it should have again");
        }
    }

    /// Tells that a task has failed, which only a restart mends.
    pub(super) fn tell_unwatched(&self, error: &tokio::task::JoinError) {
        let problem = "changes of documents, callers or credentials are watched no longer, which is a fault of the program; restart `wharf up`";
        self.tell_state(Some(problem.to_owned()));
        self.lock().unwatched = true;
        tracing::error!(%error, "a watch has ended");
    }

    fn tell(&self, notice: Result<Notice, NameError>) {
        // The names of its kinds are the program's own, and have the form of one.
        if let Ok(notice) = notice {
            self.teller.tell(notice);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files that were broken or held, and are neither now.
fn ended<'a>(
    before: &'a (Vec<BrokenDocument>, Vec<HeldDocument>),
    broken: &[Broken],
    held: &[Held],
) -> BTreeSet<&'a str> {
    let now: BTreeSet<&str> = broken
        .iter()
        .map(|document| document.file.as_str())
        .chain(held.iter().map(|document| document.file.as_str()))
        .collect();
    let (broken, held) = before;
    broken
        .iter()
        .map(|document| document.file.as_str())
        .chain(held.iter().map(|document| document.file.as_str()))
        .filter(|file| !now.contains(file))
        .collect()
}

/// What `/readyz` says of a document that could not be taken.
fn told_broken(document: &Broken) -> BrokenDocument {
    BrokenDocument {
        file: document.file.clone(),
        message: document.message(),
    }
}

fn log(document: &Broken) {
    let (file, what, fate) = (&document.file, &document.what, &document.fate);
    if let Some((line, column)) = document.place {
        tracing::error!(file, line, column, "{file}:{line}:{column}: {what}; {fate}");
    } else {
        tracing::error!(file, "{file}: {what}; {fate}");
    }
}

/// What it says of a change that waits.
fn told_held(document: &Held) -> HeldDocument {
    HeldDocument {
        integration: document.id.clone(),
        file: document.file.clone(),
        message: document.message(),
        command: document.command(),
    }
}

/// What it says of a change that is decided within moments.
fn told_waiting(document: &Pending) -> WaitingDocument {
    WaitingDocument {
        file: document.file.clone(),
        message: document.message(),
    }
}

#[cfg(test)]
mod tests;
