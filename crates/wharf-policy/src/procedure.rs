//! Durable steps with an effect key and a next time, as a pure state machine.
//!
//! Rotation, rollout, outage and drill are procedures. A [`Procedure`] is asked what there is to do
//! at a time ([`Procedure::now`]) and told what came of it and what people want. Each change gives
//! an [`Entry`] for the history; whoever drives it writes both down together, **before** what
//! follows from them:
//!
//! ```text
//!  now ──► Do ── begin, written down ──► the effect ── end, written down ──► now
//!                     └── a crash ──► now ──► Unknown ── resolve ──► now
//! ```
//!
//! So an effect that was begun is never begun again before its outcome is known, or a step's own
//! rule ([`Unknown`]) says that its key makes it safe. The key is the same at each attempt.
//!
//! Pausing holds all of it: nothing is begun, and nothing unknown is looked into. What is under way
//! at that moment may end.
//!
//! Bounds: [`MOST_STEPS`], [`MOST_ATTEMPTS`] of a step, notes of 1,000 bytes, so at most 6 kB when
//! encoded.

mod definition;
mod effect;
mod encoding;
mod entry;
mod people;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use self::definition::{
    Definition, DefinitionError, GivenUp, LONGEST_WAIT, MOST_ATTEMPTS, MOST_STEPS, Step, Unknown,
};
pub use self::effect::{Effect, EffectKey, RunId, Way};
pub use self::encoding::{DecodeError, FORMAT};
pub use self::entry::{Entry, Note, What};
pub use self::people::{Action, Refused};

/// A run of a procedure: what it is to do and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    id: RunId,
    definition: Definition,
    way: Way,
    /// Index of the step it stands at.
    at: usize,
    phase: Phase,
    /// How often the step was begun.
    attempt: u32,
    /// How often nobody could say whether it was done.
    asked: u32,
    /// Nothing is done before.
    next: Timestamp,
    is_paused: bool,
    /// What a person asked for while the outcome of an effect was awaited.
    wish: Option<Wish>,
    /// One bit for each step that was begun, or done by hand: the lowest for the first.
    touched: u64,
    end: Option<End>,
}

/// How far the step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It may be begun when its time has come.
    Ready,
    /// It was begun, and has no outcome yet.
    Begun,
    /// A person has to decide.
    Person,
}

/// What happens once the outcome of the effect under way is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Abort,
    Back,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// All steps were done, or passed over.
    Done,
    /// A step could not be done.
    Failed,
    /// A person ended it.
    Aborted,
    /// What was done was taken back.
    Back,
}

impl End {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Aborted, Self::Back];

    /// The lower-case word, by which it is kept too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Back => "back",
        }
    }
}

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// Begin this effect ([`Procedure::begin`]), write that down, and do it.
    Do(Effect),
    /// This effect was begun, and who asks did not do it: nobody knows whether it was done. Find
    /// out by the rule, and [`Procedure::resolve`].
    Unknown(Effect, Unknown),
    /// Nothing before this time.
    Wait(Timestamp),
    /// Nothing until a person resumes.
    Paused,
    /// Nothing until a person decides.
    Person,
    /// Nothing ever again.
    Ended(End),
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done(Note),
    /// It was not done, and may be tried again from this time on.
    Failed {
        /// Why.
        note: Note,
        /// Not before.
        again_at: Timestamp,
    },
    /// It was not done, and trying again is no use.
    GaveUp(Note),
}

/// What was found out about an effect whose outcome was unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// By [`Unknown::Repeat`]: it may be begun again.
    Repeat,
    /// By [`Unknown::Ask`]: it was done.
    Done(Note),
    /// By [`Unknown::Ask`]: it was not done.
    NotDone(Note),
    /// By [`Unknown::Ask`]: nobody could say; ask again from this time on.
    CannotTell {
        /// Why.
        note: Note,
        /// Not before.
        again_at: Timestamp,
    },
    /// By [`Unknown::Person`].
    LeaveToPerson,
}

/// Told something that does not fit what it stands at. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a run of a procedure was told what does not fit its state; read it anew and ask what is to be done"
)]
pub struct Unfitting;

impl Procedure {
    /// A run that stands at its first step, with the entry that begins its history. `id` is one
    /// that no other run has.
    pub fn start(id: RunId, definition: Definition, now: Timestamp) -> (Self, Entry) {
        let wait = definition.steps[0].after;
        let run = Self {
            id,
            definition,
            way: Way::Forward,
            at: 0,
            phase: Phase::Ready,
            attempt: 0,
            asked: 0,
            next: later(now, wait),
            is_paused: false,
            wish: None,
            touched: 0,
            end: None,
        };
        let entry = run.entry(What::Started, Note::default(), now);
        (run, entry)
    }

    /// Which run.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// What it is to do.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The step it stands at; once ended, the last one it stood at.
    pub fn step(&self) -> &Step {
        &self.definition.steps[self.at]
    }

    /// Whether it does or takes back.
    pub fn way(&self) -> Way {
        self.way
    }

    /// How it ended; `None`: it has not.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// Whether a person halted it.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Whether a person has to decide.
    pub fn is_with_person(&self) -> bool {
        self.end.is_none() && self.phase == Phase::Person
    }

    /// From when on there is something to do without a person; `None`: never.
    ///
    /// It goes back only where a person acts.
    pub fn next_time(&self) -> Option<Timestamp> {
        let is_still = self.end.is_some() || self.is_paused || self.phase == Phase::Person;
        (!is_still).then_some(self.next)
    }

    /// What there is to do at a time. Who does an effect at the moment need not ask.
    pub fn now(&self, now: Timestamp) -> Now {
        if let Some(end) = self.end {
            return Now::Ended(end);
        }
        if self.is_paused {
            return Now::Paused;
        }
        match self.phase {
            Phase::Person => Now::Person,
            Phase::Ready | Phase::Begun if self.next > now => Now::Wait(self.next),
            Phase::Ready => Now::Do(self.effect(self.attempt.saturating_add(1))),
            Phase::Begun => Now::Unknown(self.effect(self.attempt), self.step().unknown),
        }
    }

    /// The effect that [`Now::Do`] names is about to be done.
    pub fn begin(&mut self, now: Timestamp) -> Result<(Effect, Entry), Unfitting> {
        let Now::Do(effect) = self.now(now) else {
            return Err(Unfitting);
        };
        self.attempt = effect.attempt;
        self.phase = Phase::Begun;
        self.touch();
        let entry = self.entry(What::Begun, Note::default(), now);
        Ok((effect, entry))
    }

    /// The effect under way has an outcome. Also while the run is paused.
    pub fn finish(&mut self, outcome: Outcome, now: Timestamp) -> Result<Entry, Unfitting> {
        if self.end.is_some() || self.phase != Phase::Begun {
            return Err(Unfitting);
        }
        Ok(match outcome {
            Outcome::Done(note) => self.done(note, now),
            Outcome::Failed { note, again_at } => self.failed(What::Failed, note, again_at, now),
            Outcome::GaveUp(note) => self.gave_up(note, now),
        })
    }

    /// What was found out about the effect that [`Now::Unknown`] names, by the rule beside it.
    pub fn resolve(&mut self, found: Found, now: Timestamp) -> Result<Entry, Unfitting> {
        let Now::Unknown(_, rule) = self.now(now) else {
            return Err(Unfitting);
        };
        Ok(match (rule, found) {
            (Unknown::Repeat, Found::Repeat) => {
                let note = Note::new("nobody knows whether it was done");
                self.failed(What::Repeated, note, now, now)
            }
            (Unknown::Ask, Found::Done(note)) => self.done(note, now),
            (Unknown::Ask, Found::NotDone(note)) => self.failed(What::Failed, note, now, now),
            (Unknown::Ask, Found::CannotTell { note, again_at }) => {
                self.asked = self.asked.saturating_add(1);
                if self.asked >= self.step().most_attempts.into() {
                    self.leave_to_person(note, now)
                } else {
                    self.next = self.next.max(whole_microseconds(again_at));
                    self.entry(What::StillUnknown, note, now)
                }
            }
            (Unknown::Person, Found::LeaveToPerson) => {
                let note = Note::new("nobody knows whether it was done");
                self.leave_to_person(note, now)
            }
            _ => return Err(Unfitting),
        })
    }

    fn done(&mut self, note: Note, now: Timestamp) -> Entry {
        let entry = self.entry(What::Done, note, now);
        if !self.grant_wish(now) {
            self.advance(now);
        }
        entry
    }

    /// Not done; tried again where an attempt is left.
    fn failed(&mut self, what: What, note: Note, again_at: Timestamp, now: Timestamp) -> Entry {
        if self.attempt >= self.step().most_attempts.into() {
            return self.gave_up(note, now);
        }
        let entry = self.entry(what, note, now);
        if !self.grant_wish(now) {
            self.phase = Phase::Ready;
            self.next = self.next.max(whole_microseconds(again_at));
        }
        entry
    }

    fn gave_up(&mut self, note: Note, now: Timestamp) -> Entry {
        let entry = self.entry(What::GaveUp, note, now);
        if !self.grant_wish(now) {
            match self.step().given_up {
                GivenUp::End => self.end = Some(End::Failed),
                GivenUp::GoOn => self.advance(now),
                GivenUp::Person => self.phase = Phase::Person,
            }
        }
        entry
    }

    fn leave_to_person(&mut self, note: Note, now: Timestamp) -> Entry {
        let entry = self.entry(What::LeftToPerson, note, now);
        if !self.grant_wish(now) {
            self.phase = Phase::Person;
        }
        entry
    }

    /// Does what a person asked for while the outcome was awaited. Whether there was something.
    fn grant_wish(&mut self, now: Timestamp) -> bool {
        match self.wish.take() {
            Some(Wish::Abort) => self.end = Some(End::Aborted),
            Some(Wish::Back) => self.turn_back(now),
            None => return false,
        }
        true
    }

    /// Goes on with the next step, or ends behind the last one.
    fn advance(&mut self, now: Timestamp) {
        let (next, end) = match self.way {
            Way::Forward => {
                let next = self.at + 1;
                (
                    (next < self.definition.steps.len()).then_some(next),
                    End::Done,
                )
            }
            Way::Back => (self.last_to_take_back(self.at), End::Back),
        };
        match next {
            Some(next) => self.stand_at(next, now),
            None => self.end = Some(end),
        }
    }

    /// Begins to take back, with the step it stands at.
    fn turn_back(&mut self, now: Timestamp) {
        self.way = Way::Back;
        match self.last_to_take_back(self.at + 1) {
            Some(step) => {
                self.stand_at(step, now);
                self.next = whole_microseconds(now);
            }
            None => self.end = Some(End::Back),
        }
    }

    /// The last step before `end` that was touched and can be taken back.
    fn last_to_take_back(&self, end: usize) -> Option<usize> {
        (0..end)
            .rev()
            .find(|step| self.touched >> step & 1 == 1 && self.definition.steps[*step].has_way_back)
    }

    fn stand_at(&mut self, step: usize, now: Timestamp) {
        self.at = step;
        self.phase = Phase::Ready;
        self.attempt = 0;
        self.asked = 0;
        // Taken back, a step waits for nothing: what was done does harm now.
        let wait = match self.way {
            Way::Forward => self.step().after,
            Way::Back => Duration::ZERO,
        };
        self.next = self.next.max(later(now, wait));
    }

    fn touch(&mut self) {
        self.touched |= 1 << self.at;
    }

    fn effect(&self, attempt: u32) -> Effect {
        let step = self.step().name.clone();
        Effect {
            key: EffectKey::of(self.id, &step, self.way),
            step,
            way: self.way,
            attempt,
        }
    }

    /// Of the step that it stands at now.
    fn entry(&self, what: What, note: Note, now: Timestamp) -> Entry {
        Entry {
            at: whole_microseconds(now),
            what,
            step: self.step().name.clone(),
            way: self.way,
            attempt: self.attempt,
            note,
        }
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    whole_microseconds(now.saturating_add(wait).unwrap_or(Timestamp::MAX))
}

/// A time as it is read again. The last moments of all have no number in microseconds.
fn whole_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond())
        .or_else(|_| Timestamp::from_second(time.as_second()))
        .unwrap_or(time)
}

#[cfg(test)]
mod tests;
