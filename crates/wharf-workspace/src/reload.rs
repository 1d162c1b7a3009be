//! From texts to what runs: the rules of the start and of every reload, without a disk or a clock.
//!
//! ```text
//!  rest.rs        which files are at rest, file by file
//!  documents.rs   what is taken over, what stays, what waits to be accepted
//!  losses.rs      what a change takes away that looks as if its file were not whole
//!  gone.rs        the same of documents whose file is away
//!  outcome.rs     what runs from then on, and what is to be said about it
//! ```
//!
//! A start is a reload from nothing but the last good texts, which are kept.

mod documents;
mod gone;
mod losses;
mod outcome;
mod rest;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use wharf_document::Integration;

pub use documents::Documents;
pub use losses::taken_although_lossy;
pub use outcome::{Broken, Fate, Held, Outcome, Pending};
pub use rest::STILL;

/// Integrations by their ids.
pub type Running = BTreeMap<String, Arc<Integration>>;

/// What is remembered of a file to notice changes by.
///
/// Size in bytes, time of the last change of content, and time of the last change of anything, as
/// seconds and nanoseconds: a file that becomes readable has the same content.
pub type Mark = (u64, Option<SystemTime>, (i64, i64));

/// What one look at a folder saw.
pub type Marks = BTreeMap<PathBuf, Mark>;

/// What the rules ask of the disk at the moment they judge.
pub trait Disk {
    /// What a file is like now. `None`: it is gone.
    fn mark(&self, path: &Path) -> Option<Mark>;

    /// Whether there is anything at a path.
    fn is_there(&self, path: &Path) -> bool;

    /// Whether there is a folder at a path.
    fn is_folder(&self, path: &Path) -> bool;

    /// Whether a folder can be listed and has nothing in it.
    fn is_empty(&self, folder: &Path) -> bool;

    /// What tells a text from all others. Somebody accepts one text, not whatever a file holds by
    /// then.
    fn hash(&self, text: &str) -> String;
}

/// A text that an earlier run has kept.
#[derive(Clone, Debug)]
pub struct Version {
    /// What it says.
    pub integration: Arc<Integration>,
    /// When it was written, in words.
    pub kept_at: String,
    /// A later one ran and could not be written.
    pub is_older: bool,
}

#[cfg(test)]
mod tests;
