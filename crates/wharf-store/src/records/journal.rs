//! The journal of procedures: runs, and what happened in each.
//!
//! A run is written before what follows from it is done, so a crash leaves either "begun" or
//! "ended" behind and never a guess. Notices that tell of a step are written in its transaction.

use jiff::Timestamp;
use wharf_policy::bounded::Name;
use wharf_policy::notice::{Notice, Subject};
use wharf_policy::procedure::{Entry, Procedure, RunId};

use super::Records;
use crate::engine::{Embedded, Engine};
use crate::error::Unavailable;
use crate::journal::{BeginError, Begun, RunHistory, RunRecord, StepError, StepOutcome, Stepped};
use crate::memory::Tables;
use crate::notice::kept;

impl Records {
    /// Writes a new run with the entry that begins its history, at version 1. Of one kind and one
    /// subject, one run at most has not ended.
    ///
    /// `epoch`, below 2⁶³: who drives it. Dropped, it is begun with all notices, or not.
    pub async fn begin_run(
        &self,
        procedure: &Procedure,
        subject: &Subject,
        entry: &Entry,
        epoch: u64,
        notices: &[Notice],
    ) -> Result<(), BeginError> {
        let kind = procedure.definition().kind().clone();
        let stepped = Stepped::of(procedure, entry, epoch);
        let notices: Vec<_> = notices.iter().map(kept).collect();
        let id = stepped.id;
        let begun = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite
                    .begin_run(kind.clone(), subject.clone(), stepped, notices)
                    .await?
            }
            Engine::Memory(memory) => {
                memory.write(|tables| tables.begin_run(&kind, subject, stepped, &notices))
            }
        };
        match begun {
            Begun::Done => Ok(()),
            Begun::Live(id) => Err(BeginError::Live {
                kind,
                subject: subject.clone(),
                id,
            }),
            Begun::IdInUse => Err(BeginError::IdInUse { id }),
            Begun::TooMany => Err(BeginError::TooMany),
        }
    }

    /// Writes what a run has become, with one more entry, where it still is at version `seen`. Its
    /// new version.
    ///
    /// Refused for an `epoch` lower than the run's, for a run that has ended, and where somebody
    /// else was quicker. Dropped, it is written with all notices, or not.
    pub async fn step_run(
        &self,
        procedure: &Procedure,
        seen: u64,
        epoch: u64,
        entry: &Entry,
        notices: &[Notice],
    ) -> Result<u64, StepError> {
        let stepped = Stepped::of(procedure, entry, epoch);
        let notices: Vec<_> = notices.iter().map(kept).collect();
        let id = stepped.id;
        let outcome = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.step_run(stepped, seen, notices).await?
            }
            Engine::Memory(memory) => {
                memory.write(|tables| tables.step_run(stepped, seen, &notices))
            }
        };
        match outcome {
            StepOutcome::Done(version) => Ok(version),
            StepOutcome::NoSuchRun => Err(StepError::NoSuchRun { id }),
            StepOutcome::Conflict(version) => Err(StepError::Conflict { id, version }),
            StepOutcome::OldEpoch(epoch) => Err(StepError::OldEpoch { id, epoch }),
            StepOutcome::Ended => Err(StepError::Ended { id }),
        }
    }

    /// Runs that have not ended, the oldest first; of one kind, or of all.
    pub async fn live_runs(&self, kind: Option<&Name>) -> Result<Vec<RunRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.live_runs(kind.cloned()).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.live_runs(kind))),
        }
    }

    /// Runs of a kind that have something to do by `now` without a person, the longest due first.
    /// Those in a newer form than this program reads are left out.
    pub async fn due_runs(
        &self,
        kind: &Name,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<RunRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.due_runs(kind.clone(), now, limit).await
            }
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.due_runs(kind, now, limit))),
        }
    }

    /// When a run of a kind has something to do that has nothing until `now`; `None`: none ever,
    /// without a person.
    pub async fn next_due(
        &self,
        kind: &Name,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.next_due(kind.clone(), now).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.next_due(kind, now))),
        }
    }

    /// One run with its history; `None`: there is none.
    pub async fn run(&self, id: RunId) -> Result<Option<RunHistory>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.run(id).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.run(id))),
        }
    }

    /// Runs that have ended, the last first.
    pub async fn ended_runs(&self, limit: u32) -> Result<Vec<RunRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.ended_runs(limit).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.ended_runs(limit))),
        }
    }

    /// Forgets runs that ended before a time, with their histories. How many.
    ///
    /// Of those, one call takes the oldest and what is of the day behind it: a clock that is wrong
    /// does not take everything away at once.
    pub async fn retain_runs(&self, before: Timestamp) -> Result<u64, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.retain_runs(before).await,
            Engine::Memory(memory) => {
                Ok(memory.write(|tables: &mut Tables| tables.retain_runs(before)))
            }
        }
    }
}
