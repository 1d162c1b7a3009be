//! What must survive a restart, behind one handle.
//!
//! A [`Store`] is opened on a state folder, or in memory. Its parts are cheap handles with
//! asynchronous functions: [`Records`] is the one for what is small and changes: callers, and who
//! changed them.
//! No engine shows through: errors are this crate's own, with their subject and what to do.
//!
//! What every engine promises; with the one in memory all of it ends with the process:
//!
//! - **Acknowledged means on disk.** A change is there after a crash or a loss of power once its
//!   function has returned `Ok`. Changes that wait together are committed together, with one wait
//!   for the disk.
//! - **A call that is dropped** leaves its change made or not made, never half. What was not begun
//!   by then is not begun any more.
//! - **A change that fails leaves nothing**, and the next one is tried anew: a full disk is
//!   [`Unavailable::DiskFull`] until there is room. Only where the disk itself fails
//!   ([`Unavailable::Disk`]) may the change still be found after the next start.
//! - **Order.** Changes of one handle and its clones take effect in the order in which their
//!   functions were first polled. A read sees every change that was acknowledged before it was
//!   first polled, by this process or another one, and never a part of a change.
//! - **Several handles and several processes** may use one folder at once.
//!
//! There is no clock of days in here: the time of a record is an argument.

mod audit;
mod caller;
mod changes;
mod engine;
mod error;
mod memory;
mod records;
mod sqlite;
mod store;

pub use audit::{
    AUDIT_COUNT_LIMIT, AUDIT_PAGE_LIMIT, AUDIT_TEXT_LIMIT_BYTES, Attempt, AuditRecord,
};
pub use caller::{CALLER_COUNT_LIMIT, CallerRecord};
pub use changes::{Change, Changes};
pub use error::{Cause, OpenError, Unavailable};
pub use records::Records;
pub use records::callers::AddError;
pub use sqlite::open::{BUSY_TIMEOUT, OPEN_TIMEOUT};
pub use store::Store;
