//! What must survive a restart, behind one handle.
//!
//! A [`Store`] is one `SQLite` database in the state folder. Several handles and several processes
//! may use the same folder at once. A change is on disk when the function that makes it returns.
//!
//! Every function blocks for the time of a disk write, and up to [`BUSY_TIMEOUT`] where another
//! process writes. An asynchronous caller moves it off its event loop. There is no clock in
//! here: the time is an argument.

mod callers;
mod error;
mod migration;
mod open;
mod store;

pub use callers::{AddError, CALLER_COUNT_LIMIT, CallerRecord, Callers};
pub use error::{Error, OpenError};
pub use open::{BUSY_TIMEOUT, DATABASE_FILE_NAME, OPEN_TIMEOUT};
pub use store::{Standing, Store};
