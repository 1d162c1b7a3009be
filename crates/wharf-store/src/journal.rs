//! Runs of procedures as every engine keeps them.

use jiff::Timestamp;
use wharf_policy::bounded::Name;
use wharf_policy::notice::Subject;
use wharf_policy::procedure::{DecodeError, Entry, FORMAT, Procedure, RunId};

use crate::error::Unavailable;

/// Most runs that have not ended; one more is refused.
pub const LIVE_RUN_COUNT_LIMIT: u32 = 1_000;

/// Most runs that have ended; beyond it, the integration that has most of them loses its oldest.
pub const ENDED_RUN_COUNT_LIMIT: u32 = 1_000;

/// Most entries of a run's history.
pub const HISTORY_LIMIT: u64 = HISTORY_START + HISTORY_END;

/// Beyond [`HISTORY_LIMIT`], what came first is kept with the newest, and what lies between goes.
pub(crate) const HISTORY_START: u64 = 100;
pub(crate) const HISTORY_END: u64 = 400;

/// A run of a procedure as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Which run.
    pub id: RunId,
    /// What kind of procedure it is.
    pub kind: Name,
    /// What it is about.
    pub subject: Subject,
    /// Counts its entries, from 1. Who steps it says which one it has seen.
    pub version: u64,
    /// Under which epoch it was last stepped.
    pub epoch: u64,
    /// When it began. Kept to the microsecond.
    pub started: Timestamp,
    /// When its last entry was written. Kept to the microsecond.
    pub changed: Timestamp,
    /// The run itself. One that cannot be read is left alone by who drives it.
    pub procedure: Result<Procedure, DecodeError>,
}

/// A run with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunHistory {
    /// The run.
    pub record: RunRecord,
    /// Its entries by version, the oldest first: all of them up to [`HISTORY_LIMIT`], else the first
    /// 100 and the newest 400.
    pub entries: Vec<(u64, Entry)>,
}

/// A run could not be begun. Nothing was changed, and no notice was written.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// One of this kind runs for this subject.
    #[error("a {kind} of {subject} runs already, as {id}; wait for its end, or abort it")]
    Live {
        /// What kind of procedure.
        kind: Name,
        /// What it is about.
        subject: Subject,
        /// The one that runs.
        id: RunId,
    },
    /// The id is that of another run.
    #[error("run {id} exists already; draw another id")]
    IdInUse {
        /// The id.
        id: RunId,
    },
    /// The store holds [`LIVE_RUN_COUNT_LIMIT`] live runs.
    #[error(
        "there are {LIVE_RUN_COUNT_LIMIT} procedures under way, which is the limit; end one first"
    )]
    TooMany,
    /// The state cannot be changed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A run was not stepped. Nothing was changed, and no notice was written.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such run.
    #[error("there is no run {id}")]
    NoSuchRun {
        /// The id.
        id: RunId,
    },
    /// Somebody else stepped it meanwhile.
    #[error("run {id} has changed meanwhile and is at version {version}; read it anew")]
    Conflict {
        /// The id.
        id: RunId,
        /// Its version.
        version: u64,
    },
    /// Somebody with a later epoch drives it.
    #[error("run {id} is driven under epoch {epoch} by now; leave it alone")]
    OldEpoch {
        /// The id.
        id: RunId,
        /// Its epoch.
        epoch: u64,
    },
    /// It has ended.
    #[error("run {id} has ended; start another one")]
    Ended {
        /// The id.
        id: RunId,
    },
    /// The state cannot be changed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What a run is written as.
#[derive(Clone)]
pub(crate) struct Stepped {
    pub(crate) id: RunId,
    pub(crate) next: Option<Timestamp>,
    pub(crate) is_ended: bool,
    pub(crate) format: u16,
    pub(crate) state: Vec<u8>,
    pub(crate) entry: Entry,
    pub(crate) epoch: u64,
}

impl Stepped {
    pub(crate) fn of(procedure: &Procedure, entry: &Entry, epoch: u64) -> Self {
        Self {
            id: procedure.id(),
            next: procedure.next_time(),
            is_ended: procedure.end().is_some(),
            format: FORMAT,
            state: procedure.to_bytes(),
            entry: entry.clone(),
            epoch,
        }
    }

    /// The version whose entry goes when this one is written.
    pub(crate) fn outlived(version: u64) -> Option<u64> {
        let outlived = version.checked_sub(HISTORY_END)?;
        (outlived > HISTORY_START).then_some(outlived)
    }
}

/// What came of beginning a run.
pub(crate) enum Begun {
    Done,
    Live(RunId),
    IdInUse,
    TooMany,
}

/// What came of a step.
pub(crate) enum StepOutcome {
    /// With the new version.
    Done(u64),
    NoSuchRun,
    Conflict(u64),
    OldEpoch(u64),
    Ended,
}

/// Judges a step by what the row says: in the order of what matters most to who asks.
pub(crate) fn judged(
    (version, epoch, is_ended): (u64, u64, bool),
    seen: u64,
    step_epoch: u64,
) -> StepOutcome {
    if step_epoch < epoch {
        StepOutcome::OldEpoch(epoch)
    } else if is_ended {
        StepOutcome::Ended
    } else if version != seen {
        StepOutcome::Conflict(version)
    } else {
        StepOutcome::Done(version + 1)
    }
}
