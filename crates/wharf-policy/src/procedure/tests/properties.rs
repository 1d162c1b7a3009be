//! What holds in every history, whatever happens in it and in whatever order.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{at, name, note};
use crate::procedure::{
    Action, Definition, Found, GivenUp, Now, Outcome, Procedure, RunId, Step, Unknown, What,
};

/// Something that happens to a run.
#[derive(Clone, Debug)]
enum Event {
    Begin,
    Done,
    Failed(u32),
    GaveUp,
    /// The process that did an effect is gone.
    Crash,
    Resolve(Found),
    Act(Action),
    /// Seconds, back ones too.
    Time(i32),
}

fn event() -> impl Strategy<Value = Event> {
    let found = prop_oneof![
        Just(Found::Repeat),
        Just(Found::Done(note("found"))),
        Just(Found::NotDone(note("not found"))),
        (0..500_i64).prop_map(|seconds| Found::CannotTell {
            note: note("silent"),
            again_at: at(seconds),
        }),
        Just(Found::LeaveToPerson),
    ];
    let action = prop::sample::select(vec![
        Action::Pause,
        Action::Resume,
        Action::Resume,
        Action::Skip,
        Action::ByHand,
        Action::Again,
        Action::Hurry,
        Action::Back,
        Action::Abort,
    ]);
    prop_oneof![
        6 => Just(Event::Begin),
        4 => Just(Event::Done),
        2 => (0..300_u32).prop_map(Event::Failed),
        1 => Just(Event::GaveUp),
        3 => Just(Event::Crash),
        4 => found.prop_map(Event::Resolve),
        2 => action.prop_map(Event::Act),
        3 => (-50..400_i32).prop_map(Event::Time),
    ]
}

fn definition() -> impl Strategy<Value = Definition> {
    let unknown = prop::sample::select(vec![Unknown::Repeat, Unknown::Ask, Unknown::Person]);
    let given_up = prop::sample::select(vec![GivenUp::End, GivenUp::GoOn, GivenUp::Person]);
    let step = (0..200_u64, 1..5_u16, unknown, given_up, any::<bool>());
    let steps = prop::collection::vec(step, 1..6);
    steps.prop_map(|steps| {
        let steps = (0..)
            .zip(steps)
            .map(|(n, (after, attempts, unknown, given_up, back))| {
                let step = Step::new(name(&format!("step-{n}")))
                    .after(Duration::from_secs(after))
                    .attempts(attempts)
                    .unknown(unknown)
                    .given_up(given_up);
                if back { step.with_way_back() } else { step }
            });
        Definition::new(name("drill"), steps.collect()).unwrap()
    })
}

/// A run, and what must be known about it beside.
struct Watched {
    run: Procedure,
    now: Timestamp,
    /// Whether an effect is under way or its outcome unknown.
    is_open: bool,
    /// Whether the process that began it still does it.
    is_awaited: bool,
    keys_done: BTreeSet<String>,
}

impl Watched {
    /// Does one thing, if it is possible; fails where what must hold does not.
    fn happen(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let before = self.run.clone();
        let mut is_by_person = false;
        match event {
            Event::Begin => self.begin()?,
            Event::Done => self.finish(Outcome::Done(note("")))?,
            Event::Failed(seconds) => self.finish(Outcome::Failed {
                note: note(""),
                again_at: self.now + Duration::from_secs((*seconds).into()),
            })?,
            Event::GaveUp => self.finish(Outcome::GaveUp(note("")))?,
            Event::Crash => {
                self.is_awaited = false;
                self.run = Procedure::from_bytes(&self.run.to_bytes()).unwrap();
            }
            Event::Resolve(found) => self.resolve(found.clone())?,
            Event::Act(action) => {
                is_by_person = self.run.act(*action, note(""), self.now).is_ok();
                let is_over = self.run.end().is_some();
                self.is_open &= !is_over;
                self.is_awaited &= !is_over;
            }
            Event::Time(seconds) => {
                self.now += jiff::SignedDuration::from_secs((*seconds).into());
            }
        }
        let back = Procedure::from_bytes(&self.run.to_bytes());
        prop_assert_eq!(
            back.as_ref(),
            Ok(&self.run),
            "every state is read as written"
        );
        if before.end().is_some() {
            prop_assert_eq!(&self.run, &before, "a finished run stays finished");
        }
        if let (Some(was), Some(is)) = (before.next_time(), self.run.next_time()) {
            // A wish is a person's act that takes effect later.
            let is_free = is_by_person || before.wish.is_some();
            prop_assert!(
                is_free || is >= was,
                "the next time went back: {was} to {is}"
            );
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), TestCaseError> {
        let is_paused = self.run.is_paused();
        let before = self.run.now(self.now);
        let Ok((effect, _)) = self.run.begin(self.now) else {
            prop_assert!(!matches!(before, Now::Do(_)));
            return Ok(());
        };
        prop_assert!(!is_paused, "begun while paused");
        prop_assert!(!self.is_open, "begun twice: {}", effect.key);
        let key = effect.key.as_str();
        prop_assert!(
            !self.keys_done.contains(key),
            "begun after it was done: {key}"
        );
        prop_assert_eq!(before, Now::Do(effect));
        (self.is_open, self.is_awaited) = (true, true);
        Ok(())
    }

    fn finish(&mut self, outcome: Outcome) -> Result<(), TestCaseError> {
        // Only who does an effect has an outcome.
        if !self.is_awaited {
            return Ok(());
        }
        self.note_done(matches!(outcome, Outcome::Done(_)));
        let finished = self.run.finish(outcome, self.now);
        prop_assert!(finished.is_ok(), "an outcome was not taken");
        (self.is_open, self.is_awaited) = (false, false);
        Ok(())
    }

    fn resolve(&mut self, found: Found) -> Result<(), TestCaseError> {
        if self.is_awaited {
            return Ok(());
        }
        let is_done = matches!(found, Found::Done(_));
        let key = self.key();
        if let Ok(entry) = self.run.resolve(found, self.now) {
            prop_assert!(self.is_open, "resolved what was not open");
            self.is_open = entry.what == What::StillUnknown;
            if is_done {
                self.keys_done.insert(key);
            }
        }
        Ok(())
    }

    fn note_done(&mut self, is_done: bool) {
        if is_done {
            self.keys_done.insert(self.key());
        }
    }

    fn key(&self) -> String {
        self.run.effect(0).key.to_string()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn random_histories_keep_the_promises(
        definition in definition(),
        events in prop::collection::vec(event(), 1..120),
    ) {
        let (run, _) = Procedure::start(RunId::from_bytes([1; 16]), definition, at(0));
        let mut watched = Watched {
            run,
            now: at(0),
            is_open: false,
            is_awaited: false,
            keys_done: BTreeSet::new(),
        };
        for event in &events {
            watched.happen(event)?;
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Procedure::from_bytes(&bytes);
    }

    #[test]
    fn a_changed_byte_is_another_run_or_damage(place in 2..150_usize, byte in any::<u8>()) {
        let steps = (0..3).map(|n| Step::new(name(&format!("s{n}")))).collect();
        let definition = Definition::new(name("drill"), steps).unwrap();
        let (run, _) = Procedure::start(RunId::from_bytes([1; 16]), definition, at(0));
        let mut bytes = run.to_bytes();
        let place = place.min(bytes.len() - 1);
        bytes[place] = byte;
        if let Ok(read) = Procedure::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }
}
