//! How a command finds the process that owns a state folder, and has it do something.
//!
//! ```text
//! STATE/control.json              written by the process that serves: where its control API is, and
//!                                 the token for it. For its owner alone (mode 0600)
//! STATE/control-simulation.json   the same of a simulation that works beside it
//! ```
//!
//! A token is made at each start. At a take-over the next process goes on with it, as with the
//! listeners: whichever of the two takes a connection, the token is good.

mod announce;
mod ask;
mod file;
mod user;

pub(crate) use announce::Announcement;
pub(crate) use ask::{Ask, AskError, Asker};
pub(crate) use user::at_the_files;

#[cfg(test)]
mod tests;
