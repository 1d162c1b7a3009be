//! What `/readyz` and the log say about documents and state: only what is in force.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wharf_console::{BrokenDocument, HeldDocument, WaitingDocument};
use wharf_document::Integration;

use super::accept::hash;
use super::documents::Outcome;
use super::rest::STILL;

/// The state of the installation as observers see it; clones see the same.
#[derive(Clone, Default)]
pub(crate) struct Status(Arc<Mutex<Facts>>);

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
            facts.broken = broken.iter().map(Broken::told).collect();
            facts.held = held.iter().map(Held::told).collect();
            facts.waiting = outcome.pending.iter().map(Pending::told).collect();
            before
        };
        for document in broken {
            if !before.0.contains(&document.told()) {
                document.log();
            }
        }
        for document in held {
            if !before.1.contains(&document.told()) {
                let told = document.told();
                tracing::error!(file = told.file, "{}: {}", told.file, told.message);
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
            tracing::info!("the state folder has all last good documents again");
        }
    }

    /// Tells that a task has failed, which only a restart mends.
    pub(super) fn tell_unwatched(&self, error: &tokio::task::JoinError) {
        let problem = "changes of documents, callers or credentials are watched no longer, which is a fault of the program; restart `wharf up`";
        self.tell_state(Some(problem.to_owned()));
        self.lock().unwatched = true;
        tracing::error!(%error, "a watch has ended");
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

/// A document that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(super) file: String,
    /// Line and column.
    pub(super) place: Option<(usize, usize)>,
    pub(super) what: String,
    pub(super) fate: Fate,
}

/// Which version of a document runs that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// None.
    NotServed,
    /// The last good one.
    LastGood,
    /// The one before the last good one, which could not be kept: when it was.
    Older(String),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotServed => f.write_str("it is not served"),
            Self::LastGood => f.write_str("the last good version stays"),
            Self::Older(kept) => write!(
                f,
                "an older version than the last good one runs: the one kept at {kept}, because the \
                 state folder took no later one"
            ),
        }
    }
}

impl Broken {
    /// What `/readyz` says.
    pub(crate) fn told(&self) -> BrokenDocument {
        let place = self
            .place
            .map_or_else(String::new, |(line, column)| format!("{line}:{column}: "));
        BrokenDocument {
            file: self.file.clone(),
            message: format!("{place}{}; {}", self.what, self.fate),
        }
    }

    fn log(&self) {
        let (file, what, fate) = (&self.file, &self.what, &self.fate);
        if let Some((line, column)) = self.place {
            tracing::error!(file, line, column, "{file}:{line}:{column}: {what}; {fate}");
        } else {
            tracing::error!(file, "{file}: {what}; {fate}");
        }
    }
}

/// A change that is not taken over until somebody accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Id of the integration.
    pub(super) id: String,
    pub(super) file: String,
    /// What makes the change one to be careful with.
    pub(super) why: String,
    /// What the change takes away.
    pub(super) lost: String,
    /// Of the exact text or end, so that nothing else is accepted in its place.
    pub(super) hash: String,
    /// The file is gone: the change is the end of the integration.
    pub(super) ends: bool,
}

impl Held {
    /// A text that looks as if it were not whole.
    pub(super) fn change(new: &Integration, lost: &[String]) -> Self {
        let lost = lost.join("; ");
        Self {
            id: new.id.to_string(),
            file: new.source.name().to_owned(),
            why: format!("looks as if it were not whole: {lost}"),
            lost,
            hash: hash(new.source.text()),
            ends: false,
        }
    }

    fn told(&self) -> HeldDocument {
        let command = format!("wharf reload {} --accept", self.id);
        let way = if self.ends {
            format!(
                "If it was deleted on purpose, `{command}` ends it, `wharf reload --accept` all that \
                 wait, and so does a restart"
            )
        } else {
            format!("If the file is whole, `{command}` takes it, and so does a restart")
        };
        HeldDocument {
            integration: self.id.clone(),
            file: self.file.clone(),
            message: format!("{}; the last good version stays. {way}", self.why),
            command,
        }
    }
}

/// A change that is decided when its file has been still for [`STILL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(super) file: String,
    /// Why it is not decided at once.
    pub(super) why: String,
}

impl Pending {
    pub(super) fn of(file: &str, why: String) -> Self {
        let file = file.to_owned();
        Self { file, why }
    }

    fn told(&self) -> WaitingDocument {
        WaitingDocument {
            file: self.file.clone(),
            message: format!(
                "{}; the last good version stays until the file has been still for {} s",
                self.why,
                STILL.as_secs()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
