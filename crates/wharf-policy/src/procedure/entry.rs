//! What happened in a run, as its history has it.

use jiff::Timestamp;

use super::effect::Way;
use crate::bounded::{Name, Text};

/// Words about one thing that happened, at most 1,000 bytes. They hold no secret.
pub type Note = Text<1_000>;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The run was begun.
    Started,
    /// A step is about to be done.
    Begun,
    /// It was done.
    Done,
    /// It was not done, and is tried again.
    Failed,
    /// It was not done, and is tried no more.
    GaveUp,
    /// Nobody knows whether it was done, so it is done again by its key.
    Repeated,
    /// Nobody could say yet whether it was done.
    StillUnknown,
    /// A person has to decide.
    LeftToPerson,
    /// A person did what the step says.
    ByHand,
    /// A person passed over it.
    Skipped,
    /// A person had it tried anew.
    Again,
    /// A person did not want to wait for its time.
    Hurried,
    /// A person halted the run.
    Paused,
    /// A person let it go on.
    Resumed,
    /// A person had it take back what was done.
    TurnedBack,
    /// A person ended it.
    Aborted,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Started,
        Self::Begun,
        Self::Done,
        Self::Failed,
        Self::GaveUp,
        Self::Repeated,
        Self::StillUnknown,
        Self::LeftToPerson,
        Self::ByHand,
        Self::Skipped,
        Self::Again,
        Self::Hurried,
        Self::Paused,
        Self::Resumed,
        Self::TurnedBack,
        Self::Aborted,
    ];

    /// The lower-case word, by which it is kept too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::GaveUp => "gave-up",
            Self::Repeated => "repeated",
            Self::StillUnknown => "still-unknown",
            Self::LeftToPerson => "left-to-person",
            Self::ByHand => "by-hand",
            Self::Skipped => "skipped",
            Self::Again => "again",
            Self::Hurried => "hurried",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::TurnedBack => "turned-back",
            Self::Aborted => "aborted",
        }
    }

    /// The one of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }
}

/// One line of a run's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// The step that the run stood at.
    pub step: Name,
    /// Whether it was doing or taking back.
    pub way: Way,
    /// Attempts of the step so far.
    pub attempt: u32,
    /// What there is to say of it.
    pub note: Note,
}
