//! What must survive a restart, behind one handle.
//!
//! A [`Store`] is opened on a state folder, or in memory. Its parts are cheap handles with
//! asynchronous functions: [`Events`] in lanes, [`Records`] for what is small and changes,
//! [`Allowances`], [`Leases`], and [`Calls`] for the call log.
//! No engine shows through: errors are this crate's own, with their subject and what to do.
//!
//! What every engine promises; with the one in memory all of it ends with the process:
//!
//! - **Acknowledged means on disk.** A change is there after a crash or a loss of power once its
//!   function has returned `Ok`. Changes that wait together are committed together, with one wait
//!   for the disk. Records of [`Calls`] are the exception: they are on disk within a second.
//! - **A call that is dropped** leaves its change made or not made, never half. What was not begun
//!   by then is not begun any more.
//! - **A change that fails leaves nothing**, and the next one is tried anew: a full disk is
//!   [`Unavailable::DiskFull`], of events [`AppendError::Full`], until there is room. Only where the
//!   disk itself fails ([`Unavailable::Disk`]), or the folder was moved away ([`Unavailable::LogMoved`],
//!   [`Unavailable::LogUnlocked`]), may the change still be found after the next start.
//! - **Order.** Changes of one handle and its clones take effect in the order in which their
//!   functions were first polled. A read sees every change that was acknowledged before it was
//!   first polled, by this process or another one, and never a part of a change.
//! - **Several handles and several processes** may use one folder at once, but for events: they are
//!   reached by the one process that keeps the log ([`Store::own_log`]).
//!
//! There is no clock of days in here: the time of a record is an argument.

mod allowances;
mod audit;
mod backup;
mod caller;
mod calls;
mod changes;
mod check;
mod condition;
mod dedupe;
mod disk;
mod embedded;
mod engine;
mod error;
mod events;
mod face;
mod index;
mod journal;
mod leases;
mod log;
mod memory;
mod names;
mod notice;
mod numbered;
#[doc(hidden)]
pub mod opening;
mod records;
pub mod runner;
#[cfg(test)]
mod sampled;
mod sealed;
#[doc(hidden)]
pub mod segments;
mod sqlite;
mod status;
mod store;
mod time;

pub use allowances::{Allowance, AllowanceKey, Chunk, SettleError, UNIT_LIMIT};
pub use audit::{AUDIT_COUNT_LIMIT, AUDIT_PAGE_LIMIT, AUDIT_TEXT_LIMIT_BYTES, Actor, AuditRecord};
pub use backup::{
    BACKUP_FORMAT, Backup, BackupError, FileError, RestoreError, Restored, backup, has_events,
    restore,
};
pub use caller::{CALLER_COUNT_LIMIT, CallerRecord};
pub use calls::{
    CALL_LIMIT_BYTES, CALL_QUEUE_LIMIT, CALL_QUEUE_LIMIT_BYTES, CALL_SYNC_INTERVAL, CallCounts,
    CallPlace, CallRecord,
};
pub use changes::{Change, Changes};
pub use check::{
    Area, AreaCount, CheckError, FINDING_LIMIT, Finding, FindingKind, Progress, Report, check,
};
pub use embedded::LogLock;
pub use error::{Cause, DATABASE_HOLDS, OpenError, Unavailable};
pub use events::{
    ATTEMPT_LIMIT, Filter, HandlerResult, LIST_LIMIT, ListPosition, ListPositionError, Listed,
    Match, Page, Paging, Standing,
};
pub use events::{
    AdvanceError, AppendError, Appended, Attempt, BATCH_COUNT_LIMIT, BATCH_LIMIT_BYTES, Batch,
    BatchError, Cursor, EXCEPTION_LIMIT, EXCEPTION_RESERVE, EXCEPTION_TOTAL_LIMIT, Event,
    Exception, HANDLER_LIMIT, HANDLER_TOTAL_LIMIT, KEY_LIMIT_BYTES, LaneError, NewEvent, Outcome,
    OwnError, OwnedLane, REASON_LIMIT_BYTES, ReadError, ReadLimit, Reason, STEP_LIMIT, State, Step,
    WAITING_LIMIT_BYTES,
};
pub use face::allowances::Allowances;
pub use face::calls::Calls;
pub use face::events::Events;
pub use face::leases::Leases;
pub use journal::{
    BeginError, ENDED_RUN_COUNT_LIMIT, HISTORY_LIMIT, LIVE_RUN_COUNT_LIMIT, RunHistory, RunRecord,
    StepError,
};
pub use leases::{Lease, TERM_LIMITS};
pub use log::DEDUPE_WINDOW;
pub use log::damage::Damage;
pub use log::retain::{Retained, Retention, Undelivered};
pub use log::status::{Checked, KeyStatus, LaneStatus, LogCounts, LogStatus};
pub use memory::Model;
pub use names::{
    Epoch, LaneId, NAME_LIMIT_BYTES, Name, NameError, Place, PlaceError, Position,
    SHARED_LANE_COUNT,
};
pub use notice::{
    CursorError, NOTICE_COUNT_LIMIT, NOTICE_COUNT_LIMIT_OF_ONE, NOTICE_PAGE_LIMIT,
    NOTICE_ROUTE_LIMIT, NoticeFilter, NoticePage, NoticeRecord, Told,
};
pub use records::Records;
pub use records::callers::AddError;
pub use records::sealed::PutSealedError;
pub use sealed::{KeyUse, RESEAL_COUNT_LIMIT, Resealed, SEALED_COUNT_LIMIT, SealedRecord};
pub use sqlite::WAITING_LIMIT as DATABASE_WAITING_LIMIT;
pub use sqlite::inspect::TableStatus;
pub use sqlite::open::{BUSY_TIMEOUT, OPEN_TIMEOUT};
pub use status::{CallStatus, QuarantineStatus, StoreStatus};
pub use store::Store;
