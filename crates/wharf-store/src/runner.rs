//! Drives the runs of one kind of procedure: what the machine asks for is journalled, then done.
//!
//! A service states what its steps do as [`Effects`] and lets a [`Runner`] drive them. Neither
//! knows the other: the runner knows no step, and the service no journal.
//!
//! ```text
//!  due runs ──► now? ──► begin, journalled ──► Effects::perform ──► finish, journalled ──► now? …
//!                 └──► unknown ──► by the step's rule: its key, Effects::was_done, or a person
//! ```

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use wharf_policy::bounded::Name;
use wharf_policy::notice::{Notice, Subject};
use wharf_policy::procedure::{
    DecodeError, Effect, Entry, Found, Note, Now, Outcome, Procedure, RunId, Unfitting, Unknown,
};

use crate::error::Unavailable;
use crate::journal::{RunRecord, StepError};
use crate::records::Records;
use crate::store::Store;

/// Most runs of one kind that are driven at once; others wait for their turn.
const AT_ONCE: usize = 16;

/// Longest time without a look at what is due: a clock that jumps is noticed so late.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a run rests that could not be driven, so that a fault does not keep a processor busy.
const REST: Duration = Duration::from_secs(1);

/// How long a run rests that cannot be read, which only a person changes.
const LONG_REST: Duration = Duration::from_secs(600);

/// How often an outcome is written that could not be, with a rest before each. Then it is as
/// unknown as after a crash.
const OUTCOME_TRIES: u32 = 30;

/// What the steps of one kind of procedure do.
///
/// A future of it may be dropped at any await, as in a crash.
pub trait Effects: Send + Sync + 'static {
    /// Does an effect, once by its key: asked again with the same key, it finds that it was done.
    /// It has a bound on its own time; while it works, the run stands.
    ///
    /// A step that it does not know is [`Outcome::GaveUp`].
    fn perform(&self, effect: &Effect, subject: &Subject) -> impl Future<Output = Outcome> + Send;

    /// Finds out whether an effect was done, where its step says [`Unknown::Ask`]:
    /// [`Found::Done`], [`Found::NotDone`] or [`Found::CannotTell`]. The default cannot tell, so
    /// that a person decides.
    fn was_done(&self, effect: &Effect, subject: &Subject) -> impl Future<Output = Found> + Send {
        let _ = (effect, subject);
        async {
            Found::CannotTell {
                note: Note::new("nobody can be asked"),
                again_at: Timestamp::MIN,
            }
        }
    }

    /// What people should hear of an entry, written with it or not at all. Called again where the
    /// entry is written again. The default tells nothing.
    fn notices(&self, run: &Procedure, subject: &Subject, entry: &Entry) -> Vec<Notice> {
        let _ = (run, subject, entry);
        Vec::new()
    }
}

/// Another one drives the runs of this kind, under a later epoch. What was under way was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "procedures of this kind are driven under epoch {epoch} by now; this process leaves them alone"
)]
pub struct Superseded {
    /// The later epoch.
    pub epoch: u64,
}

/// Drives the runs of one kind.
pub struct Runner<E> {
    store: Store,
    driver: Arc<Driver<E>>,
}

impl<E: Effects> Runner<E> {
    /// For runs of `kind`, under an `epoch` that no other one has who drives them. `clock` tells
    /// the time of day.
    pub fn new(
        store: &Store,
        kind: Name,
        epoch: u64,
        effects: E,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let driver = Driver {
            records: store.records(),
            kind,
            epoch,
            effects,
            clock: Box::new(clock),
            is_stopping: AtomicBool::new(false),
        };
        Self {
            store: store.clone(),
            driver: Arc::new(driver),
        }
    }

    /// Drives what is due until `stop`; then lets effects under way end, and journals what came of
    /// them. Dropped, effects are dropped too, and are as unknown as after a crash.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Superseded> {
        let mut changes = self.store.changes();
        let mut under_way = UnderWay::default();
        let mut stop = std::pin::pin!(stop);
        let lost = loop {
            let pause = self.take_on(&mut under_way).await;
            let ended = tokio::select! {
                biased;
                () = &mut stop => break None,
                Some(ended) = under_way.tasks.join_next_with_id() => Some(ended),
                // What cannot be followed is told by who watches the state; the pause goes on.
                _ = changes.next() => None,
                () = tokio::time::sleep(pause) => None,
            };
            if let Some(epoch) = ended.and_then(|ended| under_way.end(ended, &self.driver.kind)) {
                break Some(epoch);
            }
        };
        self.driver.is_stopping.store(true, Ordering::Relaxed);
        let mut lost = lost;
        while let Some(ended) = under_way.tasks.join_next_with_id().await {
            lost = under_way.end(ended, &self.driver.kind).or(lost);
        }
        lost.map_or(Ok(()), |epoch| Err(Superseded { epoch }))
    }

    /// Begins to drive what is due and not driven yet. How long there is nothing more to do.
    async fn take_on(&self, under_way: &mut UnderWay) -> Duration {
        let now = Instant::now();
        under_way.rests.retain(|_, until| *until > now);
        if under_way.tasks.len() >= AT_ONCE {
            return LONGEST_PAUSE;
        }
        // Those that are driven or rest may be among the first.
        let limit = AT_ONCE + under_way.rests.len();
        match self.driver.due(limit).await {
            Ok((due, next)) => {
                for record in due {
                    if under_way.tasks.len() < AT_ONCE && !under_way.has(record.id) {
                        under_way.begin(Arc::clone(&self.driver), record);
                    }
                }
                let awake = under_way.rests.values().min();
                let awake = awake.map_or(LONGEST_PAUSE, |until| *until - now);
                next.min(awake).min(LONGEST_PAUSE)
            }
            Err(error) => {
                tell(&self.driver.kind, &error);
                REST
            }
        }
    }
}

/// Runs that are driven at the moment, and those that rest.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Result<(), Trouble>>,
    runs: HashMap<Id, RunId>,
    ids: HashSet<RunId>,
    rests: HashMap<RunId, Instant>,
}

impl UnderWay {
    fn has(&self, id: RunId) -> bool {
        self.ids.contains(&id) || self.rests.contains_key(&id)
    }

    fn begin<E: Effects>(&mut self, driver: Arc<Driver<E>>, record: RunRecord) {
        let id = record.id;
        let task = self.tasks.spawn(async move { driver.drive(record).await });
        self.runs.insert(task.id(), id);
        self.ids.insert(id);
    }

    /// Notes that a task has ended; the later epoch where another one drives.
    fn end(
        &mut self,
        ended: Result<(Id, Result<(), Trouble>), JoinError>,
        kind: &Name,
    ) -> Option<u64> {
        let (task, trouble) = match ended {
            Ok((task, outcome)) => (task, outcome.err()),
            // A panic: its effect is unknown, as after a crash.
            Err(error) => (error.id(), Some(Trouble::Panicked)),
        };
        let run = self.runs.remove(&task)?;
        self.ids.remove(&run);
        let trouble = trouble?;
        if let Trouble::Superseded(epoch) = trouble {
            return Some(epoch);
        }
        tracing::error!(%kind, %run, "procedure {kind}, run {run}: {trouble}");
        let rest = match trouble {
            Trouble::Unreadable(_) => LONG_REST,
            _ => REST,
        };
        self.rests.insert(run, Instant::now() + rest);
        None
    }
}

/// Why a run was left where it stands.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("it cannot be journalled: {0}")]
    Unavailable(#[from] Unavailable),
    #[error("a later epoch drives it")]
    Superseded(u64),
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
    #[error("a step told something that does not fit, which is a fault of the program")]
    Unfitting(#[from] Unfitting),
    #[error("a step panicked, which is a fault of the program; its outcome is unknown")]
    Panicked,
}

fn tell(kind: &Name, error: &Unavailable) {
    tracing::error!(%kind, "procedures of kind {kind} stand still: {error}");
}

/// What every task that drives a run needs.
struct Driver<E> {
    records: Records,
    kind: Name,
    epoch: u64,
    effects: E,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    is_stopping: AtomicBool,
}

/// Where a run is.
struct Place {
    procedure: Procedure,
    subject: Subject,
    version: u64,
}

impl<E: Effects> Driver<E> {
    /// What is due, and how long nothing more will be.
    async fn due(&self, limit: usize) -> Result<(Vec<RunRecord>, Duration), Unavailable> {
        let now = (self.clock)();
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let due = self.records.due_runs(&self.kind, now, limit).await?;
        let next = self.records.next_due(&self.kind, now).await?;
        let next = next.map_or(LONGEST_PAUSE, |next| {
            next.duration_since(now).unsigned_abs()
        });
        Ok((due, next))
    }

    /// Goes on with a run until it has to wait.
    async fn drive(&self, record: RunRecord) -> Result<(), Trouble> {
        let mut place = Place {
            procedure: record.procedure?,
            subject: record.subject,
            version: record.version,
        };
        while !self.stops() {
            let now = (self.clock)();
            let is_on = match place.procedure.now(now) {
                Now::Do(_) => self.do_step(&mut place, now).await?,
                Now::Unknown(effect, rule) => self.find_out(&mut place, &effect, rule).await?,
                Now::Wait(_) | Now::Paused | Now::Person | Now::Ended(_) => false,
            };
            if !is_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// `false`: somebody else has changed the run.
    async fn do_step(&self, place: &mut Place, now: Timestamp) -> Result<bool, Trouble> {
        let mut procedure = place.procedure.clone();
        let (effect, entry) = procedure.begin(now)?;
        if !self.write(place, procedure, &entry).await? {
            return Ok(false);
        }
        let outcome = self.effects.perform(&effect, &place.subject).await;
        let mut tries_left = OUTCOME_TRIES;
        loop {
            let mut procedure = place.procedure.clone();
            let entry = procedure.finish(outcome.clone(), (self.clock)())?;
            match self.write(place, procedure, &entry).await {
                Ok(true) => return Ok(true),
                // A person has acted meanwhile: the outcome is of the run as it is now.
                Ok(false) => match self.records.run(place.procedure.id()).await? {
                    Some(history) if history.record.procedure.as_ref().is_ok_and(is_live) => {
                        place.version = history.record.version;
                        if let Ok(procedure) = history.record.procedure {
                            place.procedure = procedure;
                        }
                    }
                    _ => return Ok(false),
                },
                Err(Trouble::Unavailable(error)) if tries_left > 0 && !self.stops() => {
                    tell(&self.kind, &error);
                    tries_left -= 1;
                    tokio::time::sleep(REST).await;
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// `false`: somebody else has changed the run.
    async fn find_out(
        &self,
        place: &mut Place,
        effect: &Effect,
        rule: Unknown,
    ) -> Result<bool, Trouble> {
        let found = match rule {
            Unknown::Repeat => Found::Repeat,
            Unknown::Ask => self.effects.was_done(effect, &place.subject).await,
            Unknown::Person => Found::LeaveToPerson,
        };
        let mut procedure = place.procedure.clone();
        let entry = procedure.resolve(found, (self.clock)())?;
        self.write(place, procedure, &entry).await
    }

    /// Writes what a run has become. `false`: somebody else has changed it, and nothing was
    /// written.
    async fn write(
        &self,
        place: &mut Place,
        procedure: Procedure,
        entry: &Entry,
    ) -> Result<bool, Trouble> {
        let notices = self.effects.notices(&procedure, &place.subject, entry);
        let stepped = self
            .records
            .step_run(&procedure, place.version, self.epoch, entry, &notices);
        match stepped.await {
            Ok(version) => {
                place.procedure = procedure;
                place.version = version;
                Ok(true)
            }
            Err(
                StepError::Conflict { .. } | StepError::NoSuchRun { .. } | StepError::Ended { .. },
            ) => Ok(false),
            Err(StepError::OldEpoch { epoch, .. }) => Err(Trouble::Superseded(epoch)),
            Err(StepError::Unavailable(error)) => Err(error.into()),
        }
    }

    fn stops(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}

fn is_live(procedure: &Procedure) -> bool {
    procedure.end().is_none()
}

#[cfg(test)]
mod tests;
