//! What people may do to a run.

use jiff::Timestamp;

use super::entry::{Entry, Note, What};
use super::{End, Phase, Procedure, Way, Wish, whole_microseconds};

/// What a person wants of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing more is begun. What is under way may end.
    Pause,
    /// Go on.
    Resume,
    /// Pass over the step it stands at; it is not taken back either, if it was not begun before.
    Skip,
    /// The person did what the step says.
    ByHand,
    /// Try the step anew, with all its attempts: only where a person has to decide.
    Again,
    /// Do not wait for the step's time.
    Hurry,
    /// Take back what was done, the last step first. What is under way ends first.
    Back,
    /// End it as it stands. What is under way ends first; asked for a second time, the run ends at
    /// once, and nobody will know what came of that.
    Abort,
}

/// Why an action was refused. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The run has ended.
    #[error("the run has ended; start another one")]
    Ended,
    /// A step was begun and its outcome is not known yet.
    #[error(
        "a step is under way; try again when its outcome is known, or turn back or abort, which wait for it"
    )]
    UnderWay,
    /// It is so already.
    #[error("the run is so already; nothing is to be done")]
    Already,
    /// No step waits for a person's decision.
    #[error("no step of the run waits for a decision; skip the step, or do it by hand")]
    NothingToDecide,
}

impl Procedure {
    /// Does what a person wants. `note`: who, and why.
    pub fn act(&mut self, action: Action, note: Note, now: Timestamp) -> Result<Entry, Refused> {
        if self.end.is_some() {
            return Err(Refused::Ended);
        }
        let is_under_way = self.phase == Phase::Begun;
        let entry = self.entry(action.what(), note, now);
        match action {
            Action::Pause if self.is_paused => return Err(Refused::Already),
            Action::Resume if !self.is_paused => return Err(Refused::Already),
            Action::Pause | Action::Resume => self.is_paused = action == Action::Pause,
            Action::Skip | Action::ByHand | Action::Again | Action::Hurry if is_under_way => {
                return Err(Refused::UnderWay);
            }
            Action::Skip => self.pass_over(now),
            Action::ByHand => {
                self.touch();
                self.pass_over(now);
            }
            Action::Again if self.phase != Phase::Person => return Err(Refused::NothingToDecide),
            Action::Again => {
                self.phase = Phase::Ready;
                self.attempt = 0;
                self.asked = 0;
                self.next = whole_microseconds(now);
            }
            Action::Hurry if self.phase == Phase::Person || self.next <= now => {
                return Err(Refused::Already);
            }
            Action::Hurry => self.next = whole_microseconds(now),
            Action::Back if self.way == Way::Back || self.wish == Some(Wish::Back) => {
                return Err(Refused::Already);
            }
            Action::Back if is_under_way => self.wish = Some(Wish::Back),
            Action::Back => self.turn_back(now),
            Action::Abort if is_under_way && self.wish != Some(Wish::Abort) => {
                self.wish = Some(Wish::Abort);
            }
            Action::Abort => self.end = Some(End::Aborted),
        }
        Ok(entry)
    }

    /// What a person does needs no wait for what the machine waited for.
    fn pass_over(&mut self, now: Timestamp) {
        self.next = whole_microseconds(now);
        self.advance(now);
    }
}

impl Action {
    const fn what(self) -> What {
        match self {
            Self::Pause => What::Paused,
            Self::Resume => What::Resumed,
            Self::Skip => What::Skipped,
            Self::ByHand => What::ByHand,
            Self::Again => What::Again,
            Self::Hurry => What::Hurried,
            Self::Back => What::TurnedBack,
            Self::Abort => What::Aborted,
        }
    }
}
