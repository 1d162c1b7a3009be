//! What runs from now on, and what is to be said about it.

use std::fmt;

use wharf_document::Integration;

use super::Running;
use super::rest::STILL;

/// What runs from now on, and what is to be said about it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The documents that run.
    pub running: Running,
    /// Documents that could not be taken as they are.
    pub broken: Vec<Broken>,
    /// Changes that wait for somebody to accept them.
    pub held: Vec<Held>,
    /// What is decided when its file has been still.
    pub pending: Vec<Pending>,
}

/// A document that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Path of the document in the workspace.
    pub file: String,
    /// Line and column.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub what: String,
    /// Which version runs.
    pub fate: Fate,
}

/// Which version of a document runs that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
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
    /// What is wrong, where, and which version runs.
    pub fn message(&self) -> String {
        let place = self
            .place
            .map_or_else(String::new, |(line, column)| format!("{line}:{column}: "));
        format!("{place}{}; {}", self.what, self.fate)
    }
}

/// A change that is not taken over until somebody accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Id of the integration.
    pub id: String,
    /// Path of the document in the workspace.
    pub file: String,
    /// What makes the change one to be careful with.
    pub why: String,
    /// What the change takes away.
    pub lost: String,
    /// Of the exact text or end, so that nothing else is accepted in its place.
    pub hash: String,
    /// The file is gone: the change is the end of the integration.
    pub ends: bool,
}

impl Held {
    /// A text that looks as if it were not whole.
    pub(super) fn change(new: &Integration, lost: &[String], hash: String) -> Self {
        let lost = lost.join("; ");
        Self {
            id: new.id.to_string(),
            file: new.source.name().to_owned(),
            why: format!("looks as if it were not whole: {lost}"),
            lost,
            hash,
            ends: false,
        }
    }

    /// The command that accepts the change.
    pub fn command(&self) -> String {
        format!("wharf reload {} --accept", self.id)
    }

    /// Why the change waits, and how it is accepted.
    pub fn message(&self) -> String {
        let command = self.command();
        let way = if self.ends {
            format!(
                "If it was deleted on purpose, `{command}` ends it, `wharf reload --accept` all that \
                 wait, and so does a restart"
            )
        } else {
            format!("If the file is whole, `{command}` takes it, and so does a restart")
        };
        format!("{}; the last good version stays. {way}", self.why)
    }
}

/// A change that is decided when its file has been still for [`STILL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Path of the document in the workspace.
    pub file: String,
    /// Why it is not decided at once.
    pub why: String,
}

impl Pending {
    pub(super) fn of(file: &str, why: String) -> Self {
        let file = file.to_owned();
        Self { file, why }
    }

    /// Why it is not decided at once, and when it will be.
    pub fn message(&self) -> String {
        format!(
            "{}; the last good version stays until the file has been still for {} s",
            self.why,
            STILL.as_secs()
        )
    }
}
